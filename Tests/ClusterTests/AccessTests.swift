import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ServiceSupport
import Testing

@testable import BalancerService

/// Who may do what over TCP, with and without a token.
@Suite("Access over TCP", .timeLimit(.minutes(2)))
struct AccessTests {
  /// What a role gets at a route: nil, the route's own answer.
  static func refusal(of access: Access, to role: TokenRole?) -> Int? {
    switch (access, role) {
    case (.open, _): nil
    case (.localOnly, _): 403
    case (.balancer, _): 401
    case (_, nil): 401
    case (.viewer, .viewer), (.viewer, .operator), (.operator, .operator): nil
    case (.instance, .instance): nil
    default: 403
    }
  }

  @Test("every route opens to the roles that it is for, and to nobody else")
  func roles() async throws {
    try await LiveCluster.run { cluster in
      var tokens: [TokenRole?: String] = [nil: ""]
      for role in TokenRole.allCases { tokens[role] = try await cluster.makeToken(role).token }
      for route in try DocumentTests.balancerRoutes() where route.path != "/v1/feed" {
        // Nobody of this name is there: a route that lets somebody in changes nothing.
        let path = route.path.replacing(":id", with: "AOS77").replacing(":session", with: "x")
        let method = try #require(ClusterConnection.Method(rawValue: "\(route.method)"))
        for (role, token) in tokens {
          let answer = try await cluster.clients.raw(
            method, path, body: method == .get ? nil : .json(["nothing": "of use"]),
            headers: token.isEmpty ? [:] : ["Authorization": "Bearer \(token)"])
          let expected = Self.refusal(of: route.access, to: role)
          let what = "\(method) \(path) as \(role.map(\.rawValue) ?? "nobody"): \(answer.status)"
          if let expected {
            #expect(answer.status == expected, "\(what)")
          } else {
            #expect(![401, 403].contains(answer.status), "\(what)")
          }
        }
      }
    }
  }

  @Test(
    "a token is taken whatever the case of its scheme, with any number of spaces behind it",
    arguments: ["Bearer ", "bearer ", "BEARER   "])
  func scheme(words: String) async throws {
    try await LiveCluster.run { cluster in
      let token = try await cluster.makeToken(.viewer).token ?? ""
      let answer = try await cluster.clients.raw(
        .get, "/v1/status", headers: ["Authorization": words + token])
      #expect(answer.status == 200)
    }
  }

  @Test("an operator's token changes the cluster, and its name is the actor in the log")
  func actor() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let ana = try cluster.remote(try await cluster.makeToken(.operator, name: "ana@office"))
      let one = try InstanceID("AOS01")
      _ = try await ana.change(.drain([one], reason: "patch"))
      let status = try await ana.status()
      #expect(status[one]?.admissionBy == "ana@office")
      #expect(status.actions.first?.actor == "ana@office")
      let log = try await ana.actions(limit: 1)
      #expect(log.map(\.actor) == ["ana@office"])
    }
  }

  @Test("an instance's token lets an instance join over TCP")
  func join() async throws {
    try await LiveCluster.run { cluster in
      let door = try cluster.remote(try await cluster.makeToken(.instance))
      let id = try InstanceID("AOS09")
      let answer = try await door.join(
        id,
        JoinRequest(
          reach: InstanceReach(Address("127.0.0.1:9")),
          profile: InstanceProfile(role: .server(.application), ownMaximum: 5), version: "1",
          startedAt: SystemClock.now))
      #expect(answer.cluster == "TEST")
      #expect(try await cluster.operators.status()[id] != nil)
      #expect(await problem { try await door.status() } == .forbidden)
    }
  }

  @Test("a revoked token opens nothing at any balancer of the registry, and its feeds end")
  func revoked() async throws {
    try await LiveCluster.run { cluster in
      let second = try await cluster.startSecondBalancer()
      let made = try await cluster.makeToken(.viewer, name: "screen")
      let (here, there) = (try cluster.remote(made), try cluster.remote(made, at: "LB2"))
      try await cluster.until("it is known there", at: second) {
        $0.actions.first?.action == .createToken
      }
      let feeds = [
        try await here.events("/v1/feed", silenceMilliseconds: 60_000),
        try await there.events("/v1/feed", silenceMilliseconds: 60_000),
      ]
      _ = try await cluster.revokeToken(made.id)
      for feed in feeds {
        for try await _ in feed {}  // to its end
      }
      #expect(await problem { try await here.status() } == .unauthorized)
      #expect(await problem { try await there.status() } == .unauthorized)
    }
  }

  @Test("a token survives a restart of the balancer")
  func restart() async throws {
    try await LiveCluster.run { cluster in
      let made = try await cluster.makeToken(.viewer)
      await cluster.killBalancer()
      try await cluster.startBalancer()
      #expect(try await cluster.remote(made).status().cluster == "TEST")
    }
  }

  @Test("without a token the answer says which scheme it wants")
  func challenge() async throws {
    try await LiveCluster.run { cluster in
      let outcome = try await RawConnection(address: cluster.balancerAddress).exchange(
        "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(outcome.status.hasPrefix("HTTP/1.1 401"))
      #expect(outcome.received.lowercased().contains("\r\nwww-authenticate: bearer\r\n"))
    }
  }

  @Test("a wrong token is refused, in any header")
  func malformed() async throws {
    try await LiveCluster.run { cluster in
      let good = try #require(try await cluster.makeToken(.operator).token)
      let last = good.last == "A" ? "E" : "A"
      let shown = [
        "Bearer", "Bearer ", "Bearer x", "Basic \(good)", good, "Bearer \(good)x",
        "Bearer \(good.dropLast())\(last)", "Bearer \(good) \(good)", "Bearer bearer \(good)",
        "Bearer \(good.prefix(15))\(String(repeating: "A", count: 43))", "Bearer null",
        "Bearer \(String(repeating: "a", count: 8_000))",
      ]
      for header in shown {
        let answer = try await cluster.clients.raw(
          .get, "/v1/status", headers: ["Authorization": header])
        #expect(answer.status == 401, "\(header.prefix(40))")
        #expect(!String(decoding: answer.bytes, as: UTF8.self).contains(good.suffix(20)))
      }
      let query = try await cluster.clients.raw(.get, "/v1/status?access_token=\(good)")
      #expect(query.status == 401, "a token in a URL would stand in every log on the way")
      for scheme in ["bearer", "BEARER"] {
        let answer = try await cluster.clients.raw(
          .get, "/v1/status", headers: ["Authorization": "\(scheme) \(good)"])
        #expect(answer.status == 200)
      }
    }
  }

  @Test("two Authorization headers open nothing that one of them alone would not")
  func twoHeaders() async throws {
    try await LiveCluster.run { cluster in
      let good = try #require(try await cluster.makeToken(.viewer).token)
      let outcome = try await RawConnection(address: cluster.balancerAddress).exchange(
        "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
          + "Authorization: Bearer x\r\nAuthorization: Bearer \(good)\r\n\r\n")
      #expect(outcome.status.hasPrefix("HTTP/1.1 401"))
    }
  }

  @Test("an address with too many wrong tokens has to wait; a right token is never locked out")
  func tooMany() async throws {
    try await LiveCluster.run { cluster in
      let made = try await cluster.makeToken(.viewer)
      let door = cluster.clients
      var statuses: Set<Int> = []
      // More than come back while they are sent, however slow the machine is.
      while !statuses.contains(429) {
        await withTaskGroup(of: Int?.self) { group in
          for _ in 0..<64 {
            group.addTask {
              try? await door.raw(
                .get, "/v1/status", headers: ["Authorization": "Bearer wrong"]
              ).status
            }
          }
          for await status in group { statuses.insert(status ?? 0) }
        }
        #expect(try await cluster.remote(made).status().cluster == "TEST")
      }
      #expect(statuses.isSubset(of: [401, 429]))
      let one = try await cluster.clients.raw(
        .get, "/v1/status", headers: ["Authorization": "Bearer wrong"])
      #expect([401, 429].contains(one.status))
    }
  }

  @Test("a web page changes nothing, even with a token")
  func webPages() async throws {
    try await LiveCluster.run { cluster in
      let ana = try cluster.remote(try await cluster.makeToken(.operator))
      for (method, path, body) in BadRequest.changes where path != "/v1/instances/AOS07" {
        let bytes = RequestBody(contentType: "application/json", bytes: Array(body.utf8))
        let page = try await ana.raw(method, path, body: bytes, headers: ["Origin": "http://x"])
        #expect(page.status == 403, "\(method) \(path)")
        let form = RequestBody(contentType: "text/plain", bytes: bytes.bytes)
        let simple = try await ana.raw(method, path, body: form)
        #expect(simple.status == 400, "\(method) \(path)")
      }
      let page = try await ana.raw(.delete, "/v1/instances/AOS01", headers: ["Origin": "null"])
      #expect(page.status == 403)
      let actions = try await ana.status().actions.compactMap(\.action.known)
      #expect(Set(actions) == [.createToken, .join], "nothing but the balancer's own arrival")
    }
  }
}
