import ClusterAPI
import NIOCore
import NIOEmbedded
import NIOHTTP1
import ScriptedServer
import Synchronization
import Testing

@testable import ClusterClient

@Suite("Heartbeats of a stream", .timeLimit(.minutes(1)))
struct HeartbeatTests {
  private static let beat = String(decoding: ServerSentEvent.heartbeat, as: UTF8.self)

  /// Pieces of a stream with their times, and which of them the reader does not see.
  private static func kept(_ pieces: [(Int64, String)]) -> [Bool] {
    var filter = HeartbeatFilter()
    return pieces.map { filter.keepsBack(ByteBuffer(string: $0.1), now: $0.0) }
  }

  @Test("are kept from the reader, but for the first piece of a stream")
  func now() {
    let beats = (0..<8).map { (Int64($0) * 1_000, Self.beat) }
    #expect(Self.kept(beats) == [false] + Array(repeating: true, count: 7))
  }

  @Test("go on where they are more than a stream has any use for")
  func quick() {
    let beats = (0..<6).map { (Int64($0) * 200, Self.beat) }
    #expect(Self.kept(beats) == [false, false, false, false, false, false])
    let some: [(Int64, String)] = [(0, Self.beat), (600, Self.beat), (700, Self.beat)]
    #expect(Self.kept(some) == [false, true, false])
  }

  @Test("go on where they are not a piece of their own, or stand in the middle of an event")
  func pieces() {
    let event = "event: load\ndata: {}\n\n"
    let cases: [([String], [Bool])] = [
      ([event, Self.beat], [false, true]), ([event, Self.beat + event], [false, false]),
      ([event, ": \n"], [false, false]), ([event, Self.beat + Self.beat], [false, false]),
      (["data: 1\n", Self.beat], [false, false]), (["data: 1", Self.beat], [false, false]),
      ([": \n", "\n", Self.beat], [false, false, false]), ([event, ""], [false, false]),
      ([event, ": x\n\n"], [false, false]),
    ]
    for (texts, expected) in cases {
      let pieces = texts.enumerated().map { (Int64($0.offset) * 1_000, $0.element) }
      #expect(Self.kept(pieces) == expected, "\(texts)")
    }
  }

  @Test("are told to who asked for them, and the mark of the asking never leaves the program")
  func sieve() throws {
    let watches = StreamWatches()
    let count = Atomic(0)
    let number = watches.add { count.add(1, ordering: .relaxed) }
    let channel = EmbeddedChannel(handler: HeartbeatSieve(watches, silenceMilliseconds: 900_000))
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/v1/load")
    head.headers.add(name: StreamWatches.header, value: number)
    head.headers.add(name: "Host", value: "x")
    try channel.writeOutbound(HTTPClientRequestPart.head(head))
    guard case .head(let sent) = try channel.readOutbound(as: HTTPClientRequestPart.self) else {
      Issue.record("no head was sent")
      return
    }
    #expect(sent.headers.map(\.name) == ["Host"])
    watches.remove(number)
    #expect(watches.find(number) == nil)
    // The first always goes on.
    try channel.writeInbound(HTTPClientResponsePart.body(ByteBuffer(string: Self.beat)))
    #expect(try channel.readInbound(as: HTTPClientResponsePart.self) != nil)
    #expect(count.load(ordering: .relaxed) == 0)
    _ = try? channel.finish()
  }

  @Test("count as life of a stream, which ends when it has been silent for too long")
  func silence() throws {
    let watches = StreamWatches()
    let channel = EmbeddedChannel(handler: HeartbeatSieve(watches, silenceMilliseconds: 3_000))
    let loop = channel.embeddedEventLoop
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/v1/load")
    head.headers.add(name: StreamWatches.header, value: watches.add {})
    try channel.writeOutbound(HTTPClientRequestPart.head(head))
    for _ in 0..<10 {
      loop.advanceTime(by: .seconds(2))
      try channel.writeInbound(HTTPClientResponsePart.body(ByteBuffer(string: Self.beat)))
    }
    loop.advanceTime(by: .milliseconds(2_999))
    try channel.throwIfErrorCaught()
    loop.advanceTime(by: .milliseconds(1))
    let error = #expect(throws: (any Error).self) { try channel.throwIfErrorCaught() }
    let limits = ClientFailure.Limits(
      connectMilliseconds: 1, answerMilliseconds: 1, silenceMilliseconds: 3_000)
    #expect(try ClientFailure(#require(error), limits: limits) == .unreachable("silent for 3 s"))
    _ = try? channel.finish()
  }

  @Test("leave the events between them whole, through a real connection")
  func stream() async throws {
    let event = ServerSentEvent(name: "load", data: "{}")
    try await ScriptedServer.run { request, reply in
      #expect(request.headers[StreamWatches.header] == nil)
      try await reply.beginStream()
      for _ in 0..<3 {
        try await reply.heartbeat()
        try await reply.event("load", [String: String]())
      }
      try await reply.endStream()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        let events = try await connection.events(
          "/v1/load", silenceMilliseconds: 60_000, onHeartbeat: {})
        var read: [ServerSentEvent] = []
        for try await case .event(let event) in events { read.append(event) }
        #expect(read == [event, event, event])
      }
    }
  }
}
