import Testing

@testable import ClusterModel
@testable import Registry

/// Revisions, registration numbers, request ids and the log.
@Suite struct NumberingSuite {
  @Test("only rows whose desired state differs get the new revision", arguments: RegistryKind.all)
  func revisions(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let (one, two) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
    #expect(try await registry.add("AOS01", "AOS02").concerned == [one, two])
    let drained = try await registry.drain(one)
    #expect(drained.revision == 2)
    #expect(drained.concerned == [one])
    #expect(drained.contents.instances[one]?.revision == 2)
    #expect(drained.contents.instances[two]?.revision == 1)

    let moved = try await registry.change { contents in
      contents.instances[two]?.address = try Address("127.0.0.2:2712")
      return []
    }
    #expect(moved.revision == 3)
    #expect(moved.concerned.isEmpty)
    #expect(moved.contents.instances[two]?.revision == 1)

    let unlicensed = try await registry.change { contents in
      contents.seats = 1
      contents.instances[two]?.seat = nil
      return []
    }
    #expect(unlicensed.concerned == [two])
    #expect(unlicensed.contents.instances[two]?.revision == 4)
    #expect(try await registry.contents() == unlicensed.contents)
  }

  @Test("a decision that changes nothing writes its actions alone", arguments: RegistryKind.all)
  func nothing(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let before = try await registry.add("AOS01").contents
    let commit = try await registry.change { _ in [ActionDraft(.seats, result: "as before")] }
    #expect(commit.contents == before)
    #expect(commit.revision == 1)
    #expect(commit.concerned.isEmpty)
    #expect(try await registry.actions(limit: 1) == commit.actions)
  }

  @Test(
    "registration numbers only rise, and an instance that returns gets a new one",
    arguments: RegistryKind.all)
  func registration(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    try await registry.add("AOS02", "AOS01")
    try await registry.add("AOS03")
    let one = try InstanceID("AOS01")
    let removed = try await registry.change { contents in
      contents.instances[one]?.removedAt = noon
      return []
    }
    #expect(removed.contents.instances[one]?.registration == 1)
    let back = try await registry.change { contents in
      contents.instances[one]?.removedAt = nil
      return []
    }
    let numbers = back.contents.instances.values.sorted { $0.registration < $1.registration }
    #expect(numbers.map(\.id.text) == ["AOS02", "AOS03", "AOS01"])
    #expect(numbers.map(\.registration) == [2, 3, 4])
  }

  @Test("a removed row is kept, even after a decision dropped it", arguments: RegistryKind.all)
  func removed(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    try await registry.add("AOS01", "AOS02")
    let one = try InstanceID("AOS01")
    let commit = try await registry.change { contents in
      contents.instances[one] = nil
      return []
    }
    #expect(commit.concerned == [one])
    #expect(commit.contents.instances[one]?.removedAt == noon)
    #expect(commit.contents.desiredState(of: one)?.removed == true)
    #expect(commit.contents.members.map(\.id.text) == ["AOS02"])
    #expect(try await registry.contents() == commit.contents)
  }

  @Test(
    "a decision cannot give the registry another name, nor take its number back",
    arguments: RegistryKind.all)
  func guarded(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let before = try await registry.add("AOS01").contents
    let commit = try await registry.change { contents in
      contents.cluster = "TEST"
      contents.epoch = "mine"
      contents.revision = 0
      for id in contents.instances.keys { contents.instances[id]?.revision = 0 }
      return []
    }
    #expect(commit.contents == before)
  }

  @Test("a raised number gives every order a new number", arguments: RegistryKind.all)
  func raised(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let before = try await registry.add("AOS01", "AOS02").contents
    let commit = try await registry.change { contents in
      contents.revision = 99
      return []
    }
    #expect(commit.contents.revision == 100)
    #expect(commit.concerned.count == 2)
    #expect(commit.contents.instances.values.allSatisfy { $0.revision == 100 })
    #expect(commit.contents.instances.count == before.instances.count)
    #expect(try await registry.contents() == commit.contents)
  }

  @Test("a request that is repeated is answered as before", arguments: RegistryKind.all)
  func repeated(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registry = try await bed.open()
    try await registry.add("AOS01", "AOS02")
    let one = try InstanceID("AOS01")
    let first = try await registry.change(RequestKey("r-1"), at: noon, actor: "alice") { contents in
      contents.instances[one]?.limit = 10
      return [ActionDraft(.limit, instance: one, result: "10"), ActionDraft(.limit, result: "-")]
    }
    #expect(!first.isRepeat)
    try await registry.drain(one)
    await registry.close()

    let again = try await bed.open()
    let later = noon.adding(milliseconds: 86_399_999)
    let second = try await again.change(RequestKey("r-1"), at: later, actor: "alice") { _ in
      throw RefusedChange(words: "must not run")
    }
    #expect(second.isRepeat)
    #expect(second.revision == first.revision)
    #expect(second.concerned == first.concerned)
    #expect(second.actions == first.actions)
    #expect(second.contents == (try await again.contents()))
    #expect(second.contents.revision == first.revision + 1)
  }

  @Test("a key that stands for another request is refused", arguments: RegistryKind.all)
  func reused(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let change: @Sendable (RequestKey) async throws -> RegistryCommit = { key in
      try await registry.change(key, at: noon, actor: "alice") { contents in
        contents.seats = (contents.seats ?? 0) + 1
        return []
      }
    }
    #expect(try await !change(RequestKey("r-1", digest: [1, 2], note: "told")).isRepeat)
    await #expect(throws: KeyReused()) { try await change(RequestKey("r-1", digest: [2, 1])) }
    let again = try await change(RequestKey("r-1", digest: [1, 2], note: "asked again"))
    #expect(again.isRepeat)
    #expect(again.note == "told")
    #expect(try await registry.contents().seats == 1)
  }

  @Test(
    "what an older release kept of a request counts as the same request",
    arguments: RegistryKind.all)
  func undigested(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let keys = [RequestKey("r-1"), RequestKey("r-1", digest: [1]), RequestKey("r-1", digest: [2])]
    var repeats: [Bool] = []
    for key in keys {
      repeats.append(
        try await registry.change(key, at: noon, actor: "alice") { _ in [] }.isRepeat)
    }
    #expect(repeats == [false, true, true])
  }

  @Test("a request id is the actor's own and lasts 24 hours", arguments: RegistryKind.all)
  func forgotten(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let change: @Sendable (String, Int64) async throws -> Bool = { actor, hours in
      let at = noon.adding(milliseconds: hours * 3_600_000)
      return try await registry.change(
        RequestKey("r-1"), at: at, actor: ActionActor(.unix, actor)
      ) { contents in
        contents.seats = (contents.seats ?? 0) + 1
        return []
      }.isRepeat
    }
    #expect(try await change("alice", 0) == false)
    #expect(try await change("bob", 0) == false)
    #expect(try await change("alice", 23) == true)
    #expect(try await change("alice", 24) == false)
    #expect(try await change("alice", 25) == true)
    #expect(try await registry.contents().seats == 3)
  }

  @Test("actions are numbered, timed and listed newest first", arguments: RegistryKind.all)
  func actions(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let one = try InstanceID("AOS01")
    let kinds = ActionRecord.Kind.allCases
    let commit = try await registry.change(nil, at: noon, actor: "alice") { _ in
      kinds.map { ActionDraft($0, instance: one, reason: "r", result: $0.rawValue) }
    }
    #expect(commit.actions.compactMap(\.action.known) == kinds)
    #expect(commit.actions.map(\.id) == commit.actions.map(\.id).sorted())
    #expect(commit.actions.allSatisfy { $0.at == noon && $0.actor == "alice" })
    #expect(try await registry.actions(limit: 100) == commit.actions.reversed())
    #expect(try await registry.actions(limit: 2) == commit.actions.suffix(2).reversed())
    #expect(try await registry.actions(limit: 0).isEmpty)
    #expect(try await registry.actions(limit: -1).isEmpty)
  }
}
