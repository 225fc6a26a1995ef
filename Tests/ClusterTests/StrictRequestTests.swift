import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ServiceSupport
import Testing

/// Safety words are obeyed or refused, and never dropped.
@Suite("A request that changes something", .timeLimit(.minutes(5)))
struct StrictRequestTests {
  /// One route that changes something, with a request that it would carry out.
  struct Change: Sendable, CustomTestStringConvertible {
    var method: ClusterConnection.Method
    /// As the daemon registers it.
    var route: String
    var body: String?

    var testDescription: String { "\(method.rawValue) \(route)" }

    var path: String {
      route.replacing(":id", with: route.contains("tokens") ? "0123456789" : "AOS01")
        .replacing(":session", with: "s1")
    }

    init(_ method: ClusterConnection.Method, _ route: String, _ body: String? = nil) {
      (self.method, self.route, self.body) = (method, route, body)
    }
  }

  static let changes: [Change] = [
    Change(.post, "/v1/drain", #"{"ids":["AOS01"]}"#),
    Change(.post, "/v1/enable", #"{"ids":["AOS01"]}"#),
    Change(.post, "/v1/instances/:id/drain", "{}"),
    Change(.post, "/v1/instances/:id/enable", "{}"),
    Change(.post, "/v1/remove", #"{"ids":["AOS01"],"force":true}"#),
    Change(.post, "/v1/limit", #"{"ids":["AOS01"],"maximum":5}"#),
    Change(.put, "/v1/instances/:id/limit", #"{"maximum":5}"#),
    Change(.post, "/v1/instances", #"{"id":"AOS08","address":"127.0.0.1:9"}"#),
    Change(.delete, "/v1/instances/:id"),
    Change(.delete, "/v1/instances/:id/sessions/:session"),
    Change(.post, "/v1/sessions/end", #"{"sessions":[{"instance":"AOS01","session":"s1"}]}"#),
    Change(.put, "/v1/license", #"{"seats":9}"#),
    Change(.post, "/v1/tokens", #"{"role":"viewer"}"#),
    Change(.delete, "/v1/tokens/:id"),
    Change(.put, "/v1/tokens/:id/instances", #"{"ids":["AOS01"]}"#),
    Change(.post, "/v1/cluster-key"),
  ]

  @Test("every operators' route is among those that are tried here")
  func complete() throws {
    let strict = try DocumentTests.balancerRoutes().filter { $0.knows.body != .lenient }
    #expect(
      Set(strict.map { "\($0.method) \($0.path)" }) == Set(Self.changes.map(\.testDescription)))
  }

  @Test(
    "is refused with a query parameter that its route does not know, and says what was meant",
    arguments: changes)
  func parameters(change: Change) async throws {
    let known = try Self.knows(change).parameters
    try await nothing(changes: change) { send in
      for wrong in ["exclude=AOS02", "readOnly", "%65xclude=1", "deadlineSeconds=5"] {
        #expect(try await send("?" + wrong, change.body, [:]).contains("unknown parameter"))
      }
      let found = known.contains("dryRun") ? "; did you mean dryRun?" : ""
      for name in ["dryrun", "dryRUN", "dry-run"] {
        let words = try await send("?\(name)=true", change.body, [:])
        #expect(words.contains("unknown parameter \(name)\(found)"), "\(words)")
      }
      for name in known {
        let twice = try await send("?\(name)=true&\(name)=true", change.body, [:])
        #expect(twice == "The parameter \(name) is given twice.")
      }
      if !known.contains("dryRun") {
        #expect(try await send("?dryRun=true", change.body, [:]).contains("dryRun"))
      } else {
        for value in ["", "yes", "1", "TRUE"] {
          #expect(
            try await send("?dryRun=\(value)", change.body, [:])
              == "dryRun must be true or false.")
        }
      }
    }
  }

  @Test("is refused with a field that its route does not know, or twice", arguments: changes)
  func fields(change: Change) async throws {
    guard case .strict(let known) = try Self.knows(change).body else { return }
    try await nothing(changes: change) { send in
      let inner = (change.body ?? "{}").dropFirst().dropLast()
      let start = inner.isEmpty ? "{" : "{\(inner),"
      for name in ["dryRun", "dryrun", "deadlineSeconds", "exclude", "readOnly", "expiresAt"]
      where !known.contains(name) {
        let words = try await send("", "\(start)\"\(name)\":true}", [:])
        #expect(words.contains("unknown field \(name)"), "\(words)")
      }
      for name in known {
        let wrong = name + "x"
        let words = try await send("", "\(start)\"\(wrong)\":true}", [:])
        #expect(words.contains("unknown field \(wrong); did you mean \(name)?"), "\(words)")
        let twice = try await send("", "{\"\(name)\":null,\"\(name)\":null}", [:])
        #expect(twice == "The body is refused: \(name) is given twice.")
        if known.contains(where: { $0.hasPrefix(name + ".") }) { continue }
        for value in ["{\"0\":\"AOS01\"}", "[{\"a\":1}]"] {
          let words = try await send("", "{\"\(name)\":\(value)}", [:])
          #expect(words == "The body is refused: \(name) takes no object.")
        }
      }
      let broken = [
        "\(change.body ?? "{}")x", "\u{FEFF}\(change.body ?? "{}")", "[{}]x",
        String(start.dropLast(inner.isEmpty ? 0 : 1)) + ",}",
      ]
      for body in broken {
        #expect(try await send("", body, [:]).hasPrefix("The body is refused: body "), "\(body)")
      }
    }
  }

  @Test("is refused with a header that is nearly called Idempotency-Key", arguments: changes)
  func headers(change: Change) async throws {
    try await nothing(changes: change) { send in
      for name in ["Idempotency_Key", "idempotencykey", "Idempotence-Key", "Idempotancy-Keys"] {
        let words = try await send("", change.body, [name: "k1"])
        #expect(
          words.lowercased()
            == "unknown header \(name); did you mean idempotency-key?".lowercased())
      }
      #expect(
        try await send("", change.body, ["Idempotency-Key": ""]).contains("Idempotency-Key"))
    }
  }

  @Test("is refused with a header that asks for a dry run", arguments: changes)
  func dryRunHeaders(change: Change) async throws {
    try await nothing(changes: change) { send in
      for name in ["Dry-Run", "X-Dry-Run", "DryRun", "X-DryRun", "Dry_Run", "AOS-Dry-Run"] {
        let words = try await send("", change.body, [name: "true"])
        #expect(
          words.lowercased()
            == "unknown header \(name); a dry run is the query parameter dryrun".lowercased())
      }
    }
  }

  @Test(
    "of an instance or a client is refused with any query, and keeps fields that nobody knows",
    arguments: [
      Change(.put, "/v1/instances/:id"), Change(.post, "/v1/sessions", "{}"),
      Change(.post, "/v1/handshake", #"{"kind":"client","zone":"north"}"#),
    ])
  func lenient(change: Change) async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      for query in ["?dryRun=true", "?x=1"] {
        let places =
          try [cluster.operators]
          + (change.method == .post ? [cluster.instance("AOS01")] : [])
        for connection in places {
          let answer = try await connection.raw(
            change.method, change.path + query, body: Self.json(change.body ?? "{}"))
          guard case .problem(let problem) = answer.failure else {
            Issue.record("\(answer.status)")
            return
          }
          #expect(problem.name == .invalidRequest)
          #expect(problem.detail.hasPrefix("unknown parameter "))
        }
      }
      #expect(try await cluster.operators.sessions(of: InstanceID("AOS01")).isEmpty)
      let open = try await cluster.clients.raw(
        .post, "/v1/handshake", body: Self.json(#"{"kind":"client","zone":"north","x":[{}]}"#))
      #expect(open.status == 200)
    }
  }

  @Test(
    "may say that its body is in UTF-8, and is refused in any other encoding",
    arguments: [
      (#"; charset=utf-8"#, true), (#";Charset="UTF-8""#, true), ("; x=y", true),
      ("; charset=iso-8859-1", false), (#"; x=y; CHARSET = "utf-16""#, false),
      ("; charset", true), ("; charset=", false),
    ])
  func charsets(parameter: String, isTaken: Bool) async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let places: [(ClusterConnection, Change)] = [
        (
          cluster.operators,
          Change(.post, "/v1/limit?dryRun=true", #"{"ids":["AOS01"],"maximum":5}"#)
        ),
        (cluster.clients, Change(.post, "/v1/handshake", #"{"kind":"batch","x":"ü"}"#)),
        (try cluster.instance("AOS01"), Change(.post, "/v1/handshake", #"{"kind":"client"}"#)),
      ]
      for (place, change) in places {
        let body = RequestBody(
          contentType: "application/json" + parameter, bytes: Array((change.body ?? "").utf8))
        let answer = try await place.raw(change.method, change.path, body: body)
        #expect(answer.status == (isTaken ? 200 : 400), "\(change)")
      }
    }
  }

  @Test("of the release before is still taken: an enable that says how long a drain lasts")
  func olderEnable() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let old = #"{"ids":["AOS01"],"acknowledge":[],"untilRestart":false}"#
      let answer = try await cluster.operators.raw(
        .post, "/v1/enable", body: Self.json(old))
      #expect(answer.status == 200)
      let wrong = old.replacing("false", with: "true")
      let refused = try await cluster.operators.raw(
        .post, "/v1/enable", body: Self.json(wrong))
      #expect(refused.status == 400)
    }
  }

  @Test(
    "is refused where its query cannot be decoded", arguments: ["%", "%zz", "%0", "%00", "%ff"])
  func escapes(bad: String) async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let made = try await cluster.operators.raw(
        .post, "/v1/tokens", body: .json(TokenRequest(role: .operator)))
      let token = try #require(try made.decoded(TokenInfo.self).token)
      let before = try await cluster.operators.status().actions
      let local = ["tokens", "cluster-key"]
      for change in Self.changes where !local.contains(where: { change.route.contains($0) }) {
        let body = change.body ?? ""
        let outcome = try await RawConnection(address: cluster.balancerAddress).exchange(
          "\(change.method.rawValue) \(change.path)?dryRun=\(bad) HTTP/1.1\r\nHost: x\r\n"
            + "Authorization: Bearer \(token)\r\nContent-Type: application/json\r\n"
            + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        #expect(outcome.status.hasPrefix("HTTP/1.1 400"), "\(change.testDescription)")
        #expect(outcome.body.contains("bad percent escape"))
      }
      #expect(try await cluster.operators.status().actions == before)
    }
  }

  @Test("that only reads skips what it does not know, and refuses a parameter that is twice")
  func reading() async throws {
    try await LiveCluster.run { cluster in
      for path in ["/v1/actions?limit=5&_=17", "/v1/history?minutes=5&x", "/v1/status?x=1"] {
        let answer = try await cluster.operators.raw(.get, path)
        #expect(answer.status == 200, "\(path)")
      }
      let wrong = [
        "/v1/actions?limit=5&limit=6", "/v1/history?minutes=1&minutes=1", "/v1/actions?limit=+5",
        "/v1/handshake?kind=client&kind=batch", "/v1/actions?limit", "/v1/actions?limit=",
      ]
      for path in wrong {
        let answer = try await cluster.operators.raw(.get, path)
        #expect(answer.status == 400, "\(path)")
      }
    }
  }

  // MARK: Tools

  private static func knows(_ change: Change) throws -> RequestVocabulary {
    let route = try DocumentTests.balancerRoutes().first {
      $0.path == change.route && "\($0.method)" == change.method.rawValue
    }
    return try #require(route).knows
  }

  private static func json(_ text: String?) -> RequestBody? {
    text.map { RequestBody(contentType: "application/json", bytes: Array($0.utf8)) }
  }

  private typealias Send = (String, String?, [String: String]) async throws -> String

  /// Runs refused requests, and holds the cluster before against the cluster after.
  private func nothing(
    changes change: Change, while body: (Send) async throws -> Void
  ) async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let before = try await cluster.operators.status()
      let tokens = try await cluster.operators.raw(.get, "/v1/tokens").bytes
      try await body { query, body, headers in
        let answer = try await cluster.operators.raw(
          change.method, change.path + query, body: Self.json(body), headers: headers)
        guard case .problem(let problem) = answer.failure else { return "\(answer.status)" }
        #expect(problem.name == .invalidRequest, "\(query) \(body ?? ""): \(problem)")
        return problem.detail
      }
      let after = try await cluster.operators.status()
      #expect(after.instances == before.instances)
      #expect(after.license == before.license)
      #expect(after.actions == before.actions)
      #expect(try await cluster.operators.raw(.get, "/v1/tokens").bytes == tokens)
    }
  }
}
