import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ScriptedServer
import Testing

/// A transport for one test, patient enough for a machine that is busy with others.
func withTransport<Value: Sendable>(
  _ body: (HTTPTransport) async throws -> Value
) async throws -> Value {
  let transport = HTTPTransport(connectMilliseconds: 60_000, answerMilliseconds: 60_000)
  let result: Result<Value, any Error>
  do { result = .success(try await body(transport)) } catch { result = .failure(error) }
  await transport.shutDown()
  return try result.get()
}

/// The failure of an operation; a success is a failure of the test.
func failure(
  of operation: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> ClientFailure {
  do { try await operation() } catch let failure as ClientFailure { return failure }
  Issue.record("nothing failed", sourceLocation: sourceLocation)
  throw CancellationError()
}

/// Holds an operation to the failure it must end with.
func expectFailure(
  _ expected: ClientFailure, sourceLocation: SourceLocation = #_sourceLocation,
  of operation: () async throws -> Void
) async {
  let found = try? await failure(of: operation, sourceLocation: sourceLocation)
  #expect(found == expected, sourceLocation: sourceLocation)
}

@Suite("Connections", .timeLimit(.minutes(1)))
struct ClusterConnectionTests {
  static var liveness: Liveness {
    get throws {
      Liveness(
        id: try InstanceID("LB1"), role: "loadBalancer", cluster: "PROD", version: "0.1.0")
    }
  }

  @Test("a value is read over TCP and over a Unix socket", arguments: [false, true])
  func get(overSocket: Bool) async throws {
    let socket = overSocket ? "/tmp/aos client \(UUID().uuidString.prefix(8)).sock" : nil
    try await ScriptedServer.run(socket: socket) { _, reply in
      try await reply.json(Self.liveness)
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, token: "t0k3n", transport: transport)
        let expected = try Self.liveness
        #expect(try await connection.livez() == expected)
        #expect(try await connection.livez() == expected)
        let request = try #require(server.requests.first)
        #expect(request.method == "GET")
        #expect(request.path == "/livez")
        #expect(request.headers["authorization"] == "Bearer t0k3n")
      }
    }
    if let socket { try? FileManager.default.removeItem(atPath: socket) }
  }

  @Test("ids are escaped in paths, and a change carries its key and says it is JSON")
  func mutation() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.json(Sample.mutation([]))
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        let id = try InstanceID("01@HOST")
        let options = MutationOptions(
          dryRun: true, acknowledge: [.lastServer, .overCapacity], idempotencyKey: "k1")
        _ = try await connection.change(.seats(nil), options: options)
        _ = try await connection.change(.endSession("s/1", of: id), options: options)
        _ = try await connection.change(.drain([id], reason: "why"), options: options)
        let requests = server.requests
        #expect(
          requests.map { "\($0.method) \($0.path)" } == [
            "PUT /v1/license?dryRun=true&acknowledge=lastServer,overCapacity",
            "DELETE /v1/instances/01%40HOST/sessions/s%2F1?dryRun=true",
            "POST /v1/drain?dryRun=true",
          ])
        #expect(requests.allSatisfy { $0.headers["idempotency-key"] == "k1" })
        #expect(requests.allSatisfy { $0.headers["content-type"] == "application/json" })
        #expect(requests[0].text == #"{"seats":null}"#)
        let drain = try CommandRequest(.drain, from: requests[2].body)
        #expect(drain.command == .drain([id], reason: "why"))
        #expect(drain.acknowledge == [.lastServer, .overCapacity])
      }
    }
  }

  @Test("a refusal arrives in the server's own words")
  func problem() async throws {
    let problem = Problem(.needsAcknowledgement, "Name it.", warnings: [.lastServer])
    try await ScriptedServer.run { _, reply in
      try await reply.problem(problem)
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        await expectFailure(.problem(problem)) { _ = try await connection.status() }
        await expectFailure(.problem(problem)) {
          _ = try await connection.events("/v1/feed", silenceMilliseconds: 60_000)
        }
      }
    }
  }

  @Test(
    "an answer that is none of the cluster's is malformed",
    arguments: [
      "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\u{1B}[2",
      "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 302 Found\r\nLocation: http://other/\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 70000000\r\n\r\n",
    ])
  func malformed(answer: String) async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.raw(answer)
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        let failure = try await failure { _ = try await connection.livez() }
        guard case .malformed = failure else {
          Issue.record("\(failure)")
          return
        }
      }
    }
  }

  @Test("an event stream must say that it is one")
  func noStream() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.json(Self.liveness)
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        await expectFailure(.malformed("the answer is not an event stream")) {
          _ = try await connection.events("/v1/feed", silenceMilliseconds: 60_000)
        }
      }
    }
  }

  @Test("who does not answer, or dribbles, is given up after the limit", arguments: [false, true])
  func slow(dribbles: Bool) async throws {
    try await ScriptedServer.run { _, reply in
      if dribbles { try await reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{") }
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        await expectFailure(.unreachable("no answer within 0.05 s")) {
          _ = try await connection.livez(timeoutMilliseconds: 50)
        }
      }
    }
  }

  @Test("a closed port, a missing socket and a lost connection are told apart")
  func unreachable() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.cut()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        await expectFailure(.unreachable("the connection was closed")) {
          _ = try await connection.livez()
        }
      }
    }
    let nobody = try ClosedPort()
    defer { nobody.release() }
    try await withTransport { transport in
      let closed = ClusterConnection(nobody.endpoint, transport: transport)
      await expectFailure(.unreachable("connection refused")) { _ = try await closed.livez() }
      let missing = ClusterConnection(.unix(path: "/tmp/no/such.sock"), transport: transport)
      await expectFailure(.unreachable("no such socket")) { _ = try await missing.livez() }
      let unknown = ClusterConnection(
        .http(try Address("no-such-host.invalid:1")), transport: transport)
      guard case .unreachable = try await failure(of: { _ = try await unknown.livez() }) else {
        Issue.record("a name that does not exist was reached")
        return
      }
    }
  }

  @Test("a token that would break the header is refused, not sent")
  func hostileToken() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.json(Self.liveness)
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(
          server.endpoint, token: "a\r\nX: y", transport: transport)
        await #expect(throws: ClientFailure.self) { try await connection.livez() }
        #expect(server.requests.isEmpty)
      }
    }
  }

  @Test("a transport that is shut down says so")
  func shutDown() async throws {
    let transport = HTTPTransport()
    await transport.shutDown()
    await transport.shutDown()
    let connection = ClusterConnection(.unix(path: "/x"), transport: transport)
    await expectFailure(.unreachable("the client is shut down")) {
      _ = try await connection.livez()
    }
  }

  @Test("a transport that is forgotten with its connections kept open does no harm")
  func forgotten() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.json(Self.liveness)
    } _: { server in
      let transport = HTTPTransport(answerMilliseconds: 60_000)
      _ = try await ClusterConnection(server.endpoint, transport: transport).livez()
    }
  }
}

@Suite("Changes whose outcome is unknown", .timeLimit(.minutes(1)))
struct OutcomeUnknownTests {
  @Test("the same request is sent once more with the same key, and its answer holds")
  func settled() async throws {
    let answer = Sample.mutation([try Sample.instance("AOS01")])
    try await ScriptedServer.run { request, reply in
      if request.number == 1 {
        try await reply.problem(Problem(.outcomeUnknown, "lost"))
      } else {
        try await reply.json(answer)
      }
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        let changed = try await connection.change(.seats(4))
        #expect(changed == answer)
        let keys = server.requests.map { $0.headers["idempotency-key"] }
        #expect(keys.count == 2)
        #expect(keys[0] != nil && keys[0] == keys[1])
      }
    }
  }

  @Test("where the second try cannot settle it, the first answer stands")
  func unsettled() async throws {
    let unknown = Problem(.outcomeUnknown, "lost")
    try await ScriptedServer.run { request, reply in
      try await reply.problem(
        request.number == 1 ? unknown : Problem(.registryUnavailable, "away"))
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        await expectFailure(.problem(unknown)) { _ = _ = try await connection.change(.seats(nil)) }
      }
    }
  }

  @Test("fresh keys differ")
  func keys() {
    let keys = Set((0..<100).map { _ in MutationOptions.freshKey() })
    #expect(keys.count == 100)
    #expect(keys.allSatisfy { $0.count == 32 })
  }
}
