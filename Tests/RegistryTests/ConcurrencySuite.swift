import Testing

@testable import ClusterModel
@testable import Registry

/// Two programs on one registry.
@Suite struct ConcurrencySuite {
  @Test(
    "of two that each drain one of the last two servers, one is refused",
    arguments: RegistryKind.all)
  func lastTwo(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let left = try await bed.open()
    let right = try await bed.open()
    try await left.add("AOS01", "AOS02")
    let (first, second) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
    async let leftOutcome = Result.of { try await left.drain(first) }
    async let rightOutcome = Result.of { try await right.drain(second) }
    let outcomes = await [leftOutcome, rightOutcome]
    #expect(outcomes.filter { (try? $0.get()) != nil }.count == 1)
    #expect(
      outcomes.compactMap { $0.failure as? RefusedChange } == [
        RefusedChange(words: "the last server")
      ])
    #expect(try await left.contents().members.filter { $0.admission == .accepting }.count == 1)
  }

  @Test(
    "a change that waits for another's lock decides on what that one left",
    arguments: RegistryKind.all)
  func waits(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let left = try await bed.open()
    let right = try await bed.open()
    let (inside, go) = (AsyncStream.makeStream(of: Void.self), Gate())
    async let leftCommit = left.change { contents in
      inside.continuation.yield()
      go.wait()
      contents.seats = 1
      return []
    }
    for await _ in inside.stream { break }
    async let rightCommit = right.change { contents in
      contents.seats = (contents.seats ?? 100) + 1
      return []
    }
    go.open()
    #expect(try await leftCommit.revision == 1)
    #expect(try await rightCommit.revision == 2)
    #expect(try await rightCommit.contents.seats == 2)
  }

  @Test("many changes through two connections are all kept", arguments: RegistryKind.all)
  func many(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registries = [try await bed.open(), try await bed.open()]
    try await withThrowingTaskGroup { group in
      for number in 0..<40 {
        group.addTask {
          try await registries[number % 2].change { contents in
            contents.seats = (contents.seats ?? 0) + 1
            return [ActionDraft(.seats, result: "\(number)")]
          }
        }
      }
      try await group.waitForAll()
    }
    for registry in registries {
      let contents = try await registry.contents()
      #expect(contents.seats == 40)
      #expect(contents.revision == 40)
      #expect(Set(try await registry.actions(limit: 100).map(\.result)).count == 40)
    }
  }

  @Test("several programs may open a new registry at once", arguments: RegistryKind.all)
  func openedAtOnce(kind: RegistryKind) async throws {
    // What one of them reads between the steps of another shows in some rounds only.
    for _ in 0..<(kind.name == "sqlite" ? 40 : 1) {
      let bed = try kind.makeBed()
      let epochs = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<6 { group.addTask { try await bed.open().contents().epoch } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(epochs.count == 1)
    }
  }

  @Test("a change of another program is signalled", arguments: RegistryKind.all)
  func signalled(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let left = try await bed.open()
    let right = try await bed.open()
    // Settled: what the second opening wrote has been noticed.
    let signals = left.signals()
    try await left.add("AOS01")
    let commit = try await right.add("AOS02")
    for await signal in signals {
      #expect(signal == .changed)
      if try await left.contents() == commit.contents { break }
    }
  }

  @Test("the result of an action is seen by the other program too", arguments: RegistryKind.all)
  func settled(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let left = try await bed.open()
    let right = try await bed.open()
    try await left.add("AOS01", "AOS02")
    let action = try #require(try await left.drain(InstanceID("AOS01")).actions.first)
    let signals = right.signals()
    try await left.recordOutcome(of: action.id, delivered: true, result: nil)
    for await signal in signals {
      #expect(signal == .changed)
      if try await right.actions(limit: 1).first?.delivered == true { break }
    }
    #expect(try await right.actions(limit: 1).first?.result == "drained")
    try await right.recordOutcome(of: action.id, delivered: false, result: "gone")
    try await right.recordOutcome(
      of: 1_000, delivered: true, result: "unknown ones are skipped")
    #expect(try await left.actions(limit: 9).map(\.result) == ["gone"])
  }
}

extension Result where Failure == any Error {
  static func of(_ work: () async throws -> Success) async -> Self {
    do { return .success(try await work()) } catch { return .failure(error) }
  }

  var failure: (any Error)? {
    if case .failure(let error) = self { error } else { nil }
  }
}
