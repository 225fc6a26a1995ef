import Testing

@testable import ClusterModel
@testable import Registry

/// Owners, ends of tokens and kinds of actors, in every registry.
@Suite struct OwnerSuite {
  @Test(
    "owners, bounds of tokens and kinds of actors come back as they were written",
    arguments: RegistryKind.all)
  func fields(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registry = try await bed.open()
    let commit = try await registry.change { contents in
      var (one, two) = (try server("AOS01"), try server("AOS02"))
      one.owner = .token(id: "0123456789", name: "Änne's rack")
      one.admissionByKind = .token
      one.zone = "Halle 3, rack 7"
      one.agentAddress = try Address("10.0.0.1:2799")
      two.removedAt = noon
      two.askedAt = noon.adding(milliseconds: 5)
      for row in [one, two] { contents.instances[row.id] = row }
      contents.tokens["a"] = AccessToken(
        id: "a", name: "a", role: .instance, hash: Array(repeating: 1, count: 32),
        createdAt: noon, createdBy: "alice", expiresAt: noon.adding(milliseconds: 9),
        mostInstances: 3)
      return [ActionDraft(.seats, result: "x")]
    }
    #expect(commit.actions.map(\.actorKind) == [.unix])
    await registry.close()
    let again = try await bed.open()
    #expect(try await again.contents() == commit.contents)
    #expect(try await again.actions(limit: 5) == commit.actions)
  }

  @Test(
    "ids that differ in case, which an older release let in, stay two rows",
    arguments: RegistryKind.all)
  func twins(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registry = try await bed.open()
    try await registry.add("AOS01", "aos01")
    let one = try InstanceID("aos01")
    try await registry.change {
      $0.instances[one]?.zone = "Halle 3"
      return []
    }
    await registry.close()
    let rows = try await bed.open().contents().members
    #expect(rows.map(\.id.text) == ["AOS01", "aos01"])
    #expect(rows.map(\.zone) == [nil, "Halle 3"])
  }

  @Test(
    "a removed row that a decision drops is gone, and its id starts from the beginning",
    arguments: RegistryKind.all)
  func forgotten(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    try await registry.add("AOS01", "AOS02")
    let one = try InstanceID("AOS01")
    let drop: @Sendable (inout RegistryContents) throws -> [ActionDraft] = {
      $0.instances[one] = nil
      return []
    }
    #expect(try await registry.change(drop).contents.instances[one]?.isRemoved == true)
    let gone = try await registry.change(drop)
    #expect(gone.contents.instances.keys.map(\.text) == ["AOS02"])
    #expect(try await registry.contents() == gone.contents)
    let back = try await registry.add("AOS01").contents
    #expect(back.instances[one]?.revision == back.revision)
    #expect(try await registry.contents() == back)
  }

  @Test(
    "instances' entries have bounds of their own and never push out operators' entries",
    arguments: RegistryKind.all)
  func retention(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    try await registry.change { _ in [ActionDraft(.seats, result: "by an operator")] }
    let kept = ActionRetention()
    for number in 0..<(kept.ofEachInstance + 20) {
      _ = try await registry.change(nil, at: noon, actor: .instance(InstanceID("AOS01"))) { _ in
        [ActionDraft(.join, instance: try InstanceID("AOS01"), result: "moved \(number)")]
      }
    }
    let lines = try await registry.actions(limit: 1_000)
    #expect(lines.count == kept.ofEachInstance + 1)
    #expect(lines.last?.result == "by an operator")
    #expect(lines.first?.result == "moved \(kept.ofEachInstance + 19)")
    let many = kept.ofInstances + 20
    _ = try await registry.change(nil, at: noon, actor: ActionActor(.token, "rack")) { _ in
      try (0..<many).map {
        ActionDraft(.join, instance: try InstanceID("B\($0)"), result: "joined")
      }
    }
    let all = try await registry.actions(limit: 2 * many)
    #expect(all.count == kept.ofInstances + 1)
    #expect(all.last?.result == "by an operator")
  }

  @Test("a join that is repeated is one line that counts", arguments: RegistryKind.all)
  func repeats(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let one = try InstanceID("AOS01")
    for number in 0..<3 {
      for place in ["a", "b"] {
        let at = noon.adding(milliseconds: Int64(number))
        let commit = try await registry.change(nil, at: at, actor: .instance(one)) { _ in
          [ActionDraft(.join, instance: one, result: "moved to \(place)")]
        }
        let read = try await registry.actions(limit: 1)
        #expect(commit.actions == read)
      }
    }
    let lines = try await registry.actions(limit: 10)
    #expect(lines.map(\.result) == ["moved to b (3 times)", "moved to a (3 times)"])
    #expect(lines.map(\.at) == [noon, noon].map { $0.adding(milliseconds: 2) })
  }

  @Test("a line that repeats takes no line of another actor away", arguments: RegistryKind.all)
  func repeatsOfOthers(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let one = try InstanceID("AOS01")
    let actors = [
      ActionActor(.token, "rack1"), ActionActor(.token, "rack2"), ActionActor(.instance, "rack1"),
    ]
    for actor in actors + actors {
      _ = try await registry.change(nil, at: noon, actor: actor) { _ in
        [ActionDraft(.join, instance: one, result: "refused")]
      }
    }
    let lines = try await registry.actions(limit: 10)
    #expect(lines.map(\.actor) == actors.reversed().map(\.name))
    #expect(lines.map(\.actorKind) == actors.reversed().map(\.kind))
    #expect(lines.map(\.result) == Array(repeating: "refused (2 times)", count: 3))
  }

  @Test(
    "a token that is named as a user does not stand for the user's requests",
    arguments: RegistryKind.all)
  func requests(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    for (number, kind) in ActorKind.known.enumerated() {
      let commit = try await registry.change(
        RequestKey("r-1"), at: noon, actor: ActionActor(kind, "root")
      ) { _ in [ActionDraft(.seats, result: "\(number)")] }
      #expect(!commit.isRepeat)
    }
    let lines = try await registry.actions(limit: 10)
    #expect(lines.map(\.actor) == Array(repeating: "root", count: 4))
    #expect(lines.map(\.actorKind) == ActorKind.known.reversed())
  }

  @Test("a kind of actor of a later release is kept as its text", arguments: RegistryKind.all)
  func laterKind(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let later = ActorKind(rawValue: "robot")
    _ = try await registry.change(nil, at: noon, actor: ActionActor(later, "r2")) { _ in
      [ActionDraft(.seats, result: "x")]
    }
    let line = try await registry.actions(limit: 1).first
    #expect(line?.actorKind == later)
    #expect(line?.actorWords == "r2 (robot)")
  }
}
