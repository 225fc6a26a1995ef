internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Testing

@Suite("Whatever an instance is sent, it answers with a problem and lives on")
struct InstanceBadInputTests {
  /// Every route that takes a body, and an unknown one.
  private static let routes: [(ClusterConnection.Method, String)] = [
    (.post, "/v1/sessions"), (.post, "/v1/sessions/nobody/activity"),
    (.post, "/v1/handshake"), (.put, "/v1/desired"), (.delete, "/v1/sessions/nobody"),
    (.post, "/v1/nothing"), (.delete, "/v1/load"), (.put, "/metrics"),
  ]
  private static let bodies = [
    "", "{", "[]", "null", "0", #""text""#, #"{"kind":"king"}"#, #"{"kind":7}"#,
    #"{"user":["ana"]}"#, #"{"user":"\u001b[2J"}"#, #"{"user":"\u202egnp.exe"}"#,
    #"{"ticket":{}}"#, "\u{0}\u{1}\u{2}", String(repeating: "[", count: 5_000),
  ]

  @Test("wrong JSON and wrong types, on every route")
  func bodies() async throws {
    try await InstanceFixture.run { fixture in
      for (method, path) in Self.routes {
        // A handshake may be empty, and knows no ticket: unknown fields are ignored.
        let isHandshake = path == "/v1/handshake"
        for text in Self.bodies where !isHandshake || !(text.isEmpty || text.contains("ticket")) {
          let body = RequestBody(contentType: "text/plain", bytes: Array(text.utf8))
          let answer = try await fixture.client.raw(method, path, body: body)
          #expect((400..<500).contains(answer.status), "\(method) \(path) \(text.prefix(20))")
          let problem = try? WireJSON.decode(Problem.self, from: answer.bytes)
          #expect(problem != nil, "\(method) \(path) \(text.prefix(20)) \(answer)")
        }
      }
      #expect(try await fixture.operators.ownSessions().isEmpty)
      _ = try await fixture.open()
    }
  }

  @Test("an unknown route and a wrong method are told apart")
  func routes() async throws {
    try await InstanceFixture.run { fixture in
      let unknown = try await fixture.client.raw(.get, "/v1/nothing")
      #expect(unknown.failure.name == .unknownRoute)
      let method = try await fixture.client.raw(.put, "/v1/sessions")
      #expect(method.failure.name == .methodNotAllowed)
    }
  }

  @Test("the problem names the field and never repeats what was sent")
  func field() async throws {
    try await InstanceFixture.run { fixture in
      let body = RequestBody(
        contentType: "application/json", bytes: Array(#"{"user":"\u001b]0;x"}"#.utf8))
      let answer = try await fixture.client.raw(.post, "/v1/sessions", body: body)
      let problem = try WireJSON.decode(Problem.self, from: answer.bytes)
      #expect(problem.name == .invalidRequest)
      #expect(problem.detail.contains("user holds a control character"))
      #expect(!answer.bytes.contains(0x1B))
    }
  }

  @Test("a body of 10 MiB is too large wherever one is read")
  func large() async throws {
    try await InstanceFixture.run { fixture in
      let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20)
      for (method, path) in Self.routes.filter({ !$0.1.contains("nobody") }).prefix(3) {
        let answer = try? await fixture.client.raw(
          method, path, body: RequestBody(contentType: "application/json", bytes: bytes))
        // Answered before all was sent: the client may see the answer or a closed connection.
        if let answer { #expect(answer.failure.name == .tooLarge, "\(path)") }
      }
      _ = try await fixture.open()
    }
  }

  @Test(
    "what is not even HTTP harms nobody",
    arguments: [
      "\r\n\r\n", "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}",
      "POST /v1/sessions HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST /v1/sessions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 100_000) + "\r\n\r\n",
    ])
  func notHTTP(text: String) async throws {
    try await InstanceFixture.run { fixture in
      do {
        let client = try InstanceRawClient(fixture.address)
        client.send(text)
      }
      let held = try await fixture.open()
      #expect(try await fixture.operators.ownSessions().map(\.session) == [held.opened.session])
    }
  }

  @Test("a client that goes in the middle of its request leaves nothing behind")
  func truncated() async throws {
    try await InstanceFixture.run { fixture in
      for length in [1, 10, 30, 60, 80] {
        let text =
          "POST /v1/sessions HTTP/1.1\r\nHost: aos\r\nContent-Length: 17\r\n\r\n"
          + #"{"kind":"client""#
        let client = try InstanceRawClient(fixture.address)
        client.send(String(text.prefix(length)))
      }
      #expect(try await fixture.operators.ownSessions().isEmpty)
      _ = try await fixture.open()
    }
  }

  @Test(
    "strange ids are unknown sessions, and those that no id can be are refused",
    arguments: [("..", 404), ("%1b%5b", 404), ("'--", 404), ("%00", 400), ("a%2Fb", 400)])
  func ids(id: String, status: Int) async throws {
    try await InstanceFixture.run { fixture in
      let answer = try await fixture.operators.raw(.delete, "/v1/sessions/\(id)")
      #expect(answer.status == status)
      #expect(!answer.bytes.contains(0x1B))
    }
  }
}
