import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ServiceSupport
import Testing

/// The path is split at `/`, then each segment is decoded once.
@Suite("Ids in paths", .timeLimit(.minutes(5)))
struct PathTests {
  /// What the model allows, at its edges.
  static let ids = [
    "01@BOX", "A", "0", "a.b_c-d@e", "A@@@", "A--", "AOS01..", "1._-@",
    "A" + String(repeating: "@", count: 63), String(repeating: "z", count: 64),
  ]

  /// The ways in which clients write one segment.
  private static func spellings(_ id: String) -> [String] {
    let all = id.utf8.map { byte in
      let digits = String(byte, radix: 16)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }
    return [id, id.percentEncoded, all.joined(), all.joined().uppercased()]
  }

  @Test("every id that the model allows goes through every route", arguments: ids)
  func everyRoute(name: String) async throws {
    try await LiveCluster.run { cluster in
      let id = try InstanceID(name)
      try await cluster.start(name)
      try await cluster.start("OTHER")
      let operators = cluster.operators
      _ = try await operators.change(.drain([id]))
      _ = try await operators.change(.enable([id]))
      for spelling in Self.spellings(name) {
        let one = "/v1/instances/\(spelling)"
        for (verb, state) in [("drain", Admission.rejecting), ("enable", .accepting)] {
          let answer = try await operators.raw(
            .post, "\(one)/\(verb)", body: .json([String: String]()))
          let changed: MutationAnswer = try answer.decoded()
          #expect(changed.instances.map(\.id) == [id])
          #expect(changed.instances.first?.admission == state)
        }
        let limit = try await operators.raw(
          .put, "\(one)/limit", body: .json(["maximum": 7]))
        #expect(try limit.decoded(MutationAnswer.self).instances.first?.limit == 7)
        #expect(try await operators.raw(.get, "\(one)/sessions").status == 200)
        let ended = try await operators.raw(.delete, "\(one)/sessions/nobody%40home")
        #expect(ended.failure.name == .unknownSession)
        let removed = try await operators.raw(.delete, "\(one)?force=true&dryRun=true")
        #expect(removed.status == 200)
      }
      _ = try await operators.change(.limit([id], to: nil))
      _ = try await operators.change(.remove([id], force: true))
      let address = try #require(cluster.addresses[name])
      _ = try await operators.change(.add(id, at: address))
      #expect(try await operators.status()[id] != nil)
      #expect(try await operators.raw(.get, "/v1/history").status == 200)
    }
  }

  @Test("a session and a token are found by every id that they can have, however it is written")
  func otherIDs() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("01@BOX")
      let id = try InstanceID("01@BOX")
      let session = try await cluster.open(at: "01@BOX").opened.session
      for spelling in Self.spellings(session) {
        let asked = try await cluster.operators.raw(
          .delete, "/v1/instances/01%40BOX/sessions/\(spelling)?dryRun=true")
        #expect(try asked.decoded(SessionInfo.self).session == session)
      }
      _ = try await cluster.operators.raw(.endSession(session, of: id))
      let made = try await cluster.operators.raw(
        .post, "/v1/tokens", body: .json(TokenRequest(role: .viewer)))
      let token = try made.decoded(TokenInfo.self).id
      let revoked = try await cluster.operators.raw(
        .delete, "/v1/tokens/\(Self.spellings(token)[2])")
      #expect(try revoked.decoded(TokenInfo.self).id == token)
    }
  }

  @Test(
    "a bad escape, NUL or an escaped slash is an invalid request, on every route",
    arguments: [
      "%", "%4", "%zz", "%4g", "%-1", "%00", "a%2fb", "%2F", "%ff", "%c0%af", "%ed%a0%80",
    ])
  func bad(segment: String) async throws {
    try await LiveCluster.run { cluster in
      let instance = try await cluster.start("AOS01")
      let instanceRoutes = try await DocumentTests.instanceRoutes()
      let asked: [(Address, [ServiceRoute])] = [
        (cluster.balancerAddress, try DocumentTests.balancerRoutes()),
        (instance, instanceRoutes),
      ]
      for (address, routes) in asked {
        // A path that leads nowhere as well: it cannot be told what it means.
        let lines =
          routes.filter { $0.path.contains(":") }.map { route in
            "\(route.method) "
              + route.path.replacing(":id", with: segment)
              .replacing(":session", with: segment)
          } + ["GET /v1/\(segment)", "GET /\(segment)/status"]
        for line in lines {
          let outcome = try await RawConnection(address: address).exchange(
            "\(line) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
          #expect(outcome.status.hasPrefix("HTTP/1.1 400"), "\(line): \(outcome.received)")
          #expect(outcome.body.contains("urn:aos:problem:invalid-request"), "\(line)")
        }
      }
    }
  }

  @Test(
    "an id that the model does not allow is an invalid request, and is decoded once",
    arguments: [
      "a%20b", "a%25b", "%2561", "a+b", "a%3Fb", "a%23b", "%C3%A4", "%2e%2e", "@a", "%40a",
      String(repeating: "a", count: 65),
    ])
  func noID(segment: String) async throws {
    try await LiveCluster.run { cluster in
      let path = "/v1/instances/\(segment)"
      let answer = try await cluster.operators.raw(.delete, path + "?force=true")
      #expect(answer.failure.name == .invalidRequest)
      let sessions = try await cluster.operators.raw(.get, path + "/sessions")
      #expect(sessions.failure.name == .invalidRequest)
    }
  }

  @Test("a route is found however its own name is escaped")
  func escapedRoute() async throws {
    try await LiveCluster.run { cluster in
      #expect(try await cluster.clients.raw(.get, "/%6c%69vez").status == 200)
      #expect(try await cluster.operators.raw(.get, "/v1/%73tatus").status == 200)
      #expect(try await cluster.clients.raw(.get, "/v1/%73tatus").status == 401)
      let double = try await cluster.clients.raw(.get, "/%256civez")
      #expect(double.failure.name == .unknownRoute)
    }
  }
}
