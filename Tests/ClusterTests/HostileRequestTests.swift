import ClusterModel
import InstanceService
import Testing

/// A request that sends on and on what belongs to no body.
struct HostileRequest: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var head: String
  private var piece: String

  private init(_ name: String, _ head: String, on piece: String) {
    (testDescription, self.head, self.piece) = (name, head, piece)
  }

  /// What follows the head, over and over.
  func more(bytes: Int) -> String {
    String(repeating: piece, count: max(1, bytes / piece.utf8.count))
  }

  private static let chunked =
    "POST /v1/handshake HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

  static let all: [HostileRequest] = [
    HostileRequest("empty lines in front of a request", "", on: "\r\n"),
    HostileRequest("bare line ends in front of a request", "", on: "\n"),
    HostileRequest("a path without an end", "GET /", on: "x"),
    HostileRequest("an extension without an end", chunked + "1;", on: "x"),
    HostileRequest("a size of zeros", chunked, on: "0"),
    HostileRequest(
      "chunks with more extension than body", chunked, on: "1;name=value\r\n \r\n"),
    HostileRequest("chunks of a single byte", chunked, on: "1\r\n \r\n"),
  ]
}

/// The bound of all that a request may send besides its body, at every door of both daemons.
@Suite("What a request sends besides its body", .timeLimit(.minutes(5)))
struct HostileRequestTests {
  /// Far more than the bound; over TLS less, which costs a debug build a second for each megabyte.
  private static func bytes(_ door: RawConnection.Door) -> Int {
    door.isSecure ? 1 << 18 : 1 << 20
  }

  @Test("is bounded, and one with more is answered with too-large", arguments: HostileRequest.all)
  func answered(request: HostileRequest) async throws {
    try await FrontDoorTests.everyDoor { door in
      let text = request.head + request.more(bytes: Self.bytes(door))
      let outcome = try await RawConnection(door).exchange(text)
      #expect(outcome.status.hasPrefix("HTTP/1.1 413"), "\(outcome.received)")
      #expect(outcome.received.lowercased().contains("connection: close"))
      #expect(outcome.body.contains("urn:aos:problem:too-large"))
    }
  }

  /// The handshake's own limit, 4 KiB of body, is reached a moment before the bound: the route
  /// answers while the bytes that follow are refused.
  @Test("has its answer read, also by a client that sends all before it reads")
  func readAnswer() async throws {
    let request = try #require(
      HostileRequest.all.first { $0.testDescription.contains("than body") })
    try await FrontDoorTests.everyDoor { door in
      let text = request.head + request.more(bytes: Self.bytes(door))
      for _ in 0..<(door.isSecure ? 10 : 100) {
        var connection = RawConnection(door)
        connection.readsLast = true
        let outcome = try await connection.exchange(text)
        guard outcome.status.hasPrefix("HTTP/1.1 413"), outcome.sent == text.utf8.count else {
          Issue.record("after \(outcome.sent) bytes: \(outcome.received)")
          break
        }
      }
    }
  }

  /// What is thrown away, and what the kernel holds on both sides: far below what came in time.
  private static let most = Limits.thrownAwayBytes * 2

  @Test("ends its connection by its length, not by time alone", arguments: HostileRequest.all)
  func endless(request: HostileRequest) async throws {
    try await FrontDoorTests.everyDoor { door in
      var connection = RawConnection(door)
      connection.filler = Array(request.more(bytes: 64 << 10).utf8)
      #expect(try await connection.exchange(request.head).sent < Self.most)
      let next = try await RawConnection(door).exchange(
        "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(next.status == "HTTP/1.1 200 OK")
    }
  }

  /// Sends a head and then on and on, until the daemon ends the connection.
  private static func flood(_ door: RawConnection.Door, behind head: String) async throws {
    var connection = RawConnection(door)
    connection.filler = Array(repeating: UInt8(ascii: "x"), count: 64 << 10)
    #expect(try await connection.exchange(head).sent < most, "\(head)")
  }

  private static let connect = "CONNECT app:1 HTTP/1.1\r\nHost: app:1\r\n\r\n"

  @Test(
    "is bounded behind a request that is refused, or that is the last of its connection",
    arguments: [
      connect, "GET /livez HTTP/1.1\r\n\r\n", "POST /v1/handshake HTTP/1.0\r\n\r\n",
      "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ])
  func behind(head: String) async throws {
    try await FrontDoorTests.everyDoor { door in try await Self.flood(door, behind: head) }
  }

  @Test("is bounded behind a CONNECT that shows no session, and at the port of the agent")
  func otherDoors() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await InstanceFixture.run(to: application.address) { fixture in
      try await Self.flood(.tcp(fixture.address), behind: Self.connect)
      await fixture.kill()
      var configuration = fixture.configuration()
      configuration.agentListen = ("127.0.0.1", 0)
      let daemon = try await fixture.start(configuration).daemon
      let port = try await daemon.agentPort
      try await Self.flood(.tcp(Address(host: "127.0.0.1", port: port)), behind: "")
    }
  }
}
