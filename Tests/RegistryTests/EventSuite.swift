import Testing

@testable import ClusterModel
@testable import Registry

/// What the registry keeps of events, whatever database is behind it.
@Suite("An event in the registry") struct EventSuite {
  private func event(
    _ kind: ClusterEvent.Kind = .lost, _ name: String? = "AOS01", second: Int64 = 0,
    by balancer: String = "LB1", startedAt: Timestamp? = noon
  ) throws -> ClusterEvent {
    ClusterEvent(
      at: noon.adding(milliseconds: second * 1_000), balancer: try InstanceID(balancer),
      kind: .known(kind), instance: try name.map { try InstanceID($0) }, startedAt: startedAt)
  }

  @Test("comes back as it was written, with a number", arguments: RegistryKind.all)
  func fields(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registry = try await bed.open()
    var full = try event()
    (full.sessions, full.reason) = (45, "Ämter 'drop table' 🚧")
    let license = try event(.licenseGrace, nil, second: 1, startedAt: nil)
    let written = try await registry.write([full, license])
    #expect(written.map(\.id) == [1, 2])
    full.id = 1
    #expect(written.first == full)
    let other = try await bed.open()
    #expect(try await other.events(EventQuery(limit: 10)) == written.reversed())
  }

  @Test("is written once by two balancers", arguments: RegistryKind.all)
  func once(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let first = try await bed.open()
    let second = try await bed.open()
    let mine = try await first.write([event()])
    let theirs = try await second.write([event(second: 2, by: "LB2"), event(.back, second: 2)])
    #expect(theirs.first == mine.first)
    #expect(theirs.count == 2)
    // An answer was lost, and the request is sent again.
    #expect(try await first.write([event()]) == mine)
    #expect(try await first.events(EventQuery(limit: 10)).map(\.times) == [1, 1])
  }

  @Test(
    "of another process or of a later time is another one, or counts on",
    arguments: RegistryKind.all)
  func again(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let next = noon.adding(milliseconds: 1)
    _ = try await registry.write([event(), event(second: 5, startedAt: next)])
    let again = try await registry.write([event(second: 100)])
    #expect(again.map(\.times) == [2])
    #expect(again.first?.firstAt == noon)
    let all = try await registry.events(EventQuery(limit: 10))
    #expect(all.map(\.times) == [2, 1], "the newest first")
  }

  @Test(
    "of a server that flaps takes no room from others' nor from operators' actions",
    arguments: RegistryKind.all)
  func flapping(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    try await registry.add("AOS01", "AOS02")
    try await registry.drain(InstanceID("AOS01"))
    _ = try await registry.write([event(.lost, "AOS02")])
    for round in 0..<3 {
      _ = try await registry.write(
        try (0..<80).map { number in
          let start = noon.adding(milliseconds: Int64(round * 80 + number) * 1_000)
          return try event(second: Int64(round * 80 + number), startedAt: start)
        })
    }
    let one = try await registry.events(EventQuery(limit: 1_000, instance: InstanceID("AOS01")))
    #expect(one.count == EventRetention().ofEachInstance)
    #expect(one.first?.at == noon.adding(milliseconds: 239_000))
    #expect(try await registry.events(EventQuery(limit: 1_000)).count == one.count + 1)
    #expect(try await registry.actions(limit: 10).count == 1)
  }

  @Test("is read page by page, and of one instance", arguments: RegistryKind.all)
  func pages(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    _ = try await registry.write(
      try (0..<7).map { number in
        try event(
          .lost, number.isMultiple(of: 2) ? "AOS01" : "AOS02", second: Int64(number),
          startedAt: noon.adding(milliseconds: Int64(number)))
      })
    let first = try await registry.events(EventQuery(limit: 3))
    let second = try await registry.events(EventQuery(limit: 3, before: first.last?.id))
    let third = try await registry.events(EventQuery(limit: 3, before: second.last?.id))
    #expect((first + second + third).compactMap(\.id) == [7, 6, 5, 4, 3, 2, 1])
    let one = EventQuery(limit: 10, before: 7, instance: try InstanceID("AOS01"))
    #expect(try await registry.events(one).compactMap(\.id) == [5, 3, 1])
  }

  @Test("of a later release keeps its name", arguments: RegistryKind.all)
  func laterKind(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    var later = try event()
    later.kind = OpenEnum("overheated")
    _ = try await registry.write([later])
    #expect(try await registry.events(EventQuery(limit: 1)).map(\.kind.rawValue) == ["overheated"])
  }

  @Test("wakes the other balancers", arguments: RegistryKind.all)
  func news(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let first = try await bed.open()
    let second = try await bed.open()
    var signals = second.signals().makeAsyncIterator()
    _ = try await first.write([event()])
    while let signal = await signals.next(), signal != .changed {}
    #expect(try await second.events(EventQuery(limit: 1)).count == 1)
  }
}
