import ClusterAPI
import ClusterClient
import ClusterModel
import ScriptedServer
import Testing

@Suite("Watching a cluster", .timeLimit(.minutes(1)))
struct ClusterWatcherTests {
  private static let fast = WatchLimits(
    silence: 60_000, answer: 60_000, firstRetry: 1, mostRetry: 2)

  private static func change(_ sequence: Int64) -> ClusterChange {
    ClusterChange(sequence: sequence, at: Sample.time)
  }

  /// Watches until `enough` is true of what was told so far.
  private func watch(
    _ endpoints: [Endpoint], limits: WatchLimits = fast, _ transport: HTTPTransport,
    onEvent: @escaping @Sendable (WatchEvent, ClusterWatcher) -> Void = { _, _ in },
    until enough: @escaping @Sendable ([WatchEvent]) -> Bool
  ) async -> [WatchEvent] {
    let told = Record<WatchEvent>()
    let watcher = ClusterWatcher(endpoints: endpoints, transport: transport, limits: limits)
    let done = Happening()
    let watching = Task {
      await watcher.run { event in
        guard !enough(told.all) else { return }
        told.append(event)
        onEvent(event, watcher)
        if enough(told.all) { done.fire() }
      }
    }
    await done.wait()
    watching.cancel()
    await watching.value
    return told.all
  }

  @Test("a lost feed is resumed after the last event, at the same balancer")
  func resume() async throws {
    let snapshot = try Sample.snapshot(sequence: 1, [Sample.instance("AOS01")])
    let isRead = Happening()
    try await ScriptedServer.run { request, reply in
      try await reply.beginStream()
      if request.number == 1 {
        try await reply.event("snapshot", id: "e-1", snapshot)
        try await reply.event("change", id: "e-2", Self.change(2))
        await isRead.wait()
        return try await reply.cut()
      }
      try await reply.event("change", id: "e-3", Self.change(3))
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let told = await watch([server.endpoint], transport) { event, _ in
          if event == .change(Self.change(2)) { isRead.fire() }
        } until: {
          $0.contains(.change(Self.change(3)))
        }
        #expect(server.requests.map { $0.headers["last-event-id"] } == [nil, "e-2"])
        #expect(
          told.filter { if case .lost = $0 { false } else { true } } == [
            .connecting(server.endpoint), .connected(server.endpoint), .snapshot(snapshot),
            .change(Self.change(2)), .connecting(server.endpoint), .connected(server.endpoint),
            .change(Self.change(3)),
          ])
      }
    }
  }

  @Test("a gap in the sequence is mended by a snapshot")
  func gap() async throws {
    try await ScriptedServer.run { request, reply in
      try await reply.beginStream()
      let sequence: Int64 = request.number == 1 ? 1 : 9
      try await reply.event(
        "snapshot", id: "e-\(sequence)", Sample.snapshot(sequence: sequence, []))
      if request.number == 1 { try await reply.event("change", id: "e-4", Self.change(4)) }
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let second = try Sample.snapshot(sequence: 9, [])
        let told = await watch([server.endpoint], transport) { $0.contains(.snapshot(second)) }
        #expect(server.requests.map { $0.headers["last-event-id"] } == [nil, nil])
        #expect(!told.contains(.change(Self.change(4))))
        let reasons = told.compactMap { event -> ClientFailure? in
          if case .lost(_, let failure, _) = event { failure } else { nil }
        }
        #expect(reasons == [.malformed("changes 2 to 3 are missing")])
      }
    }
  }

  @Test("a change that is known already is skipped")
  func repeated() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.beginStream()
      try await reply.event("snapshot", id: "e-5", Sample.snapshot(sequence: 5, []))
      for sequence in [4, 5, 6] as [Int64] {
        try await reply.event("change", id: "e-\(sequence)", Self.change(sequence))
      }
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let told = await watch([server.endpoint], transport) {
          $0.contains(.change(Self.change(6)))
        }
        #expect(told.count == 4)
      }
    }
  }

  @Test(
    "a text that no balancer writes loses the feed with the reason, and it comes back",
    arguments: [
      "event: snapshot\nid: e-1\ndata: {\n\n", "event: snapshot\ndata: {}\n\n",
      "event: change\nid: e-1\ndata: {\"sequence\":1,\"at\":\"2026-01-01T00:00:00Z\"}\n\n",
      "event: action\ndata: []\n\n",
      "event: snapshot\nid: e-1\ndata: \u{1B}[2J\n\n",
    ])
  func malformed(text: String) async throws {
    let good = try Sample.snapshot(sequence: 3, [])
    try await ScriptedServer.run { request, reply in
      try await reply.beginStream()
      if request.number == 1 {
        try await reply.chunk(text.utf8)
      } else {
        try await reply.event("snapshot", id: "e-3", good)
      }
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let told = await watch([server.endpoint], transport) { $0.contains(.snapshot(good)) }
        let isMalformed = told.contains { event in
          if case .lost(_, .malformed, _) = event { true } else { false }
        }
        #expect(isMalformed)
        #expect(server.requests.last?.headers["last-event-id"] == nil)
      }
    }
  }

  @Test("a feed that falls silent is lost")
  func silence() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.beginStream()
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let limits = WatchLimits(silence: 40, firstRetry: 1, mostRetry: 1)
        let told = await watch([server.endpoint], limits: limits, transport) { told in
          told.contains { if case .lost = $0 { true } else { false } }
        }
        #expect(
          told.last
            == .lost(server.endpoint, .unreachable("silent for 0.04 s"), retryInMilliseconds: 1))
      }
    }
  }

  @Test("the next endpoint is tried at once; after the whole list failed there is a wait")
  func fallBack() async throws {
    let nobody = try ClosedPort()
    defer { nobody.release() }
    let away = nobody.endpoint
    try await ScriptedServer.run { _, reply in
      try await reply.problem(Problem(.notReady, "starting"))
    } _: { starting in
      try await withTransport { transport in
        let endpoints = [away, starting.endpoint]
        let told = await watch(endpoints, transport) { $0.count == 6 }
        let notReady = ClientFailure.problem(Problem(.notReady, "starting"))
        #expect(
          told.prefix(5) == [
            .connecting(away),
            .lost(away, .unreachable("connection refused"), retryInMilliseconds: 0),
            .connecting(starting.endpoint),
            told.count > 3 ? told[3] : .connecting(away),
            .connecting(away),
          ])
        guard case .lost(starting.endpoint, notReady, let wait) = told[3] else {
          Issue.record("\(told)")
          return
        }
        #expect(wait > 0)
      }
    }
  }

  @Test("reconnecting now ends a long wait, and asks for a snapshot")
  func reconnectNow() async throws {
    let snapshot = try Sample.snapshot(sequence: 3, [])
    let isRead = Happening()
    try await ScriptedServer.run { request, reply in
      if request.number == 2 { return try await reply.problem(Problem(.notReady, "x")) }
      try await reply.beginStream()
      try await reply.event("snapshot", id: "e-3", snapshot)
      if request.number == 1 {
        await isRead.wait()
        return try await reply.cut()
      }
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        // Every wait is an hour: only being asked leads on.
        let limits = WatchLimits(
          silence: 60_000, answer: 60_000, firstRetry: 3_600_000, mostRetry: 3_600_000)
        let told = await watch([server.endpoint], limits: limits, transport) { event, watcher in
          if event == .snapshot(snapshot) { isRead.fire() }
          if case .lost(_, _, let wait) = event, wait > 0 { watcher.reconnectNow() }
        } until: { told in
          told.filter { $0 == .snapshot(snapshot) }.count == 2
        }
        #expect(server.requests.count == 3)
        #expect(server.requests.last?.headers["last-event-id"] == nil)
        #expect(told.contains(.snapshot(snapshot)))
      }
    }
  }

  @Test("actions are told, and events of a later release are skipped")
  func actions() async throws {
    let action = ActionRecord(
      id: 4, at: Sample.time, actor: "alice", action: .drain, instance: try InstanceID("AOS01"),
      reason: nil, result: "draining", delivered: true)
    try await ScriptedServer.run { _, reply in
      try await reply.beginStream()
      try await reply.event("weather", ["sun": true])
      try await reply.event("action", action)
      try await reply.hang()
    } _: { server in
      try await withTransport { transport in
        let told = await watch([server.endpoint], transport) { $0.contains(.action(action)) }
        #expect(told.count == 3)
      }
    }
  }
}
