import Testing

@testable import ClusterModel
@testable import Registry

/// What the log of actions says of their delivery, whatever database is behind it.
@Suite("The delivery of an action") struct DeliverySuite {
  @Test("is written down when its instance obeys it, and only then", arguments: RegistryKind.all)
  func late(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    try await registry.add("AOS01", "AOS02")
    let one = try InstanceID("AOS01")
    let commit = try await registry.drain(one)
    #expect(commit.actions.map(\.delivered) == [false])
    #expect(try await registry.confirm([one: commit.revision - 1]) == [], "an older document")
    #expect(try await registry.confirm([InstanceID("AOS02"): commit.revision]) == [])
    #expect(try await registry.actions(limit: 10) == commit.actions)
    var wanted = commit.actions
    wanted[0].delivered = true
    #expect(try await registry.confirm([one: commit.revision]) == wanted)
    #expect(try await registry.actions(limit: 10) == wanted)
    #expect(try await registry.confirm([one: commit.revision]) == [], "it is known by now")
  }

  @Test(
    "an overtaken order counts as delivered with the later one",
    arguments: RegistryKind.all)
  func overtaken(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    try await registry.add("AOS01", "AOS02")
    let one = try InstanceID("AOS01")
    let drain = try await registry.drain(one)
    let enable = try await registry.change { contents in
      contents.instances[one]?.admission = .accepting
      return [ActionDraft(.enable, instance: one, result: "accepting clients")]
    }
    #expect(try await registry.confirm([one: drain.revision]) == [], "it is to obey something else")
    let ids = (drain.actions + enable.actions).map(\.id)
    #expect(try await registry.confirm([one: enable.revision]).map(\.id) == ids)
    #expect(try await registry.actions(limit: 10).allSatisfy { $0.delivered == true })
  }

  @Test(
    "is of no matter where nothing is to be obeyed, and of a session's end by itself",
    arguments: RegistryKind.all)
  func others(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let one = try InstanceID("AOS01")
    try await registry.add("AOS01")
    let commit = try await registry.change { contents in
      var balancer = try server("LB1")
      (balancer.role, balancer.seat) = (.loadBalancer, nil)
      contents.instances[balancer.id] = balancer
      return [
        ActionDraft(.join, instance: balancer.id, result: "joined"),
        ActionDraft(.drain, instance: one, result: "already drained"),
        ActionDraft(.endSession, instance: one, result: "is to end", delivered: false),
        ActionDraft(.seats, result: "9 seats"),
      ]
    }
    #expect(commit.actions.map(\.delivered) == [nil, nil, false, nil])
    #expect(try await registry.confirm([one: .max, InstanceID("LB1"): .max]) == [])
    #expect(try await registry.actions(limit: 10) == commit.actions.reversed())
  }
}
