import ClusterAPI
import ClusterClient
import ClusterModel
import ScriptedServer
import Testing

@Suite("Event streams", .timeLimit(.minutes(1)))
struct EventStreamTests {
  @Test("events arrive whole however the bytes were cut, heartbeats among them")
  func cutAnywhere() async throws {
    let event = ServerSentEvent(id: "e-1", name: "change", data: #"{"ä":1}"#)
    try await ScriptedServer.run { _, reply in
      try await reply.beginStream()
      for byte in event.bytes { try await reply.chunk([byte]) }
      try await reply.heartbeat()
      try await reply.endStream()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        let events = try await connection.events(
          "/v1/feed", lastEventID: "e-0", silenceMilliseconds: 60_000)
        var items: [ServerSentEventParser.Item] = []
        for try await item in events { items.append(item) }
        #expect(items == [.event(event), .heartbeat])
        #expect(server.requests.first?.headers["last-event-id"] == "e-0")
        #expect(server.requests.first?.headers["accept"] == "text/event-stream")
      }
    }
  }

  @Test("silence over the limit is a failure")
  func silence() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.beginStream()
      try await reply.heartbeat()
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        await expectFailure(.unreachable("silent for 0.06 s")) {
          let events = try await connection.events("/v1/feed", silenceMilliseconds: 60)
          for try await _ in events {}
        }
      }
    }
  }

  @Test("an event that is longer than the reader takes ends the stream")
  func longEvent() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.beginStream()
      let data = String(repeating: "x", count: 1_000)
      for byte in ServerSentEvent(name: "load", data: data).bytes {
        try await reply.chunk([byte])
      }
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        await expectFailure(.malformed("an event is longer than 100 bytes")) {
          let events = try await connection.events(
            "/v1/load", silenceMilliseconds: 60_000, longestEvent: 100)
          for try await _ in events {}
        }
      }
    }
  }

  @Test("a connection that is cut is a failure, not an end")
  func cut() async throws {
    let isRead = Happening()
    try await ScriptedServer.run { _, reply in
      try await reply.beginStream()
      try await reply.heartbeat()
      await isRead.wait()
      try await reply.cut()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        let events = try await connection.events("/v1/feed", silenceMilliseconds: 60_000)
        await expectFailure(.unreachable("the connection was closed")) {
          for try await _ in events { isRead.fire() }
        }
      }
    }
  }

  @Test("an event that is not UTF-8 is malformed")
  func notText() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.beginStream()
      try await reply.chunk(Array("data: ".utf8) + [0xFF, 0xFE, 10, 10])
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        let events = try await connection.events("/v1/feed", silenceMilliseconds: 60_000)
        await expectFailure(.malformed("an event is not UTF-8")) {
          for try await _ in events {}
        }
      }
    }
  }

  @Test(
    "letting go of a stream, or cancelling its reader, closes the connection",
    arguments: [false, true])
  func close(byCancelling: Bool) async throws {
    let closed = Happening()
    let began = Happening()
    try await ScriptedServer.run { _, reply in
      // First: the client may be gone before the last byte of the heartbeat.
      defer { closed.fire() }
      try await reply.beginStream()
      try await reply.heartbeat()
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        if byCancelling {
          let reader = Task {
            let events = try await connection.events("/v1/feed", silenceMilliseconds: 60_000)
            for try await _ in events { began.fire() }
          }
          await began.wait()
          reader.cancel()
        } else {
          let events = try await connection.events("/v1/feed", silenceMilliseconds: 60_000)
          for try await _ in events { break }
        }
        await closed.wait()
      }
    }
  }

  @Test("a thousand streams to one host stay open together, and requests still go through")
  func thousand() async throws {
    try await ScriptedServer.run { request, reply in
      if request.path == "/livez" { return try await reply.json(ClusterConnectionTests.liveness) }
      try await reply.beginStream()
      try await reply.heartbeat()
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let connection = ClusterConnection(server.endpoint, transport: transport)
        let opened = AsyncStream.makeStream(of: Bool.self)
        let over = Happening()
        try await withThrowingTaskGroup(of: Void.self) { group in
          // A few lanes open the thousand between them, so that other tests are served too.
          for _ in 0..<20 {
            group.addTask {
              var kept: [EventStream.AsyncIterator] = []
              for _ in 0..<50 {
                var events = try await connection.events(
                  "/v1/feed", silenceMilliseconds: 120_000
                ).makeAsyncIterator()
                opened.continuation.yield(try await events.next() == .heartbeat)
                kept.append(events)
              }
              await over.wait()
              #expect(kept.count == 50)
            }
          }
          var count = 0
          for await isOpen in opened.stream where isOpen {
            count += 1
            if count == 1_000 { break }
          }
          #expect(try await connection.livez().role == "loadBalancer")
          over.fire()
          try await group.waitForAll()
        }
      }
    }
  }
}

/// Something that happens once and can be waited for.
struct Happening: Sendable {
  private let stream: AsyncStream<Never>
  private let continuation: AsyncStream<Never>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func fire() { continuation.finish() }
  func wait() async { for await _ in stream {} }
}
