import Balancing
import ClusterModel
import Testing

@Suite("A change")
struct DecisionTests {
  private let one: InstanceID
  private let two: InstanceID

  init() throws {
    one = try InstanceID("AOS01")
    two = try InstanceID("AOS02")
  }

  private func pair() throws -> Cluster {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 4, maximum: 10)
    try cluster.join("AOS02", connected: 1, maximum: 10)
    return cluster
  }

  @Test("that drains takes the instance out of the list at once, and throws nobody out")
  func drain() throws {
    var cluster = try pair()
    let decision = try cluster.change(.drain([one], reason: "patch"))
    #expect(cluster.list() == ["AOS02"])
    let status = try cluster.status("AOS01")
    #expect(status.state == .draining(left: 4))
    #expect(status.admissionBy == "ana")
    #expect(status.admissionReason == "patch")
    #expect(status.drain?.startedWith == 4)
    #expect(status.exclusion == .rejectingClients)
    #expect(decision.actions.map(\.result) == ["draining, 4 sessions left"])
    try cluster.feed("AOS01", .load(connected: 0, tickets: []))
    #expect(try cluster.status("AOS01").state == .drained)
  }

  @Test("that enables undoes a drain, also of an unreachable instance")
  func enable() throws {
    var cluster = try pair()
    try cluster.change(.drain([one]))
    try cluster.feed("AOS01", .refused(reason: "refused"))
    try cluster.change(.enable([one]))
    #expect(try cluster.status("AOS01").admission == .accepting)
    #expect(try cluster.status("AOS01").drain == nil)
    #expect(try cluster.status("AOS01").delivered == false)
  }

  @Test("of the last server needs to be acknowledged by name")
  func lastServer() throws {
    var cluster = try pair()
    try cluster.change(.drain([one]))
    let last: [ImpactWarning] = [.lastServer, .lastBatchServer]
    #expect(throws: MutationRefusal.needsAcknowledgement(last)) {
      try cluster.change(.drain([two]))
    }
    #expect(throws: MutationRefusal.needsAcknowledgement([.lastBatchServer])) {
      try cluster.change(.drain([two]), acknowledged: [.lastServer])
    }
    try cluster.change(.drain([two]), acknowledged: Set(last))
    #expect(cluster.list() == [])
  }

  @Test("that drains a set is judged for the set as a whole")
  func bulk() throws {
    var cluster = try pair()
    #expect(throws: MutationRefusal.needsAcknowledgement([.lastServer, .lastBatchServer])) {
      try cluster.change(.drain([one, two]))
    }
    #expect(cluster.list() == ["AOS02", "AOS01"])
  }

  @Test("that leaves too few places for the sessions warns of it")
  func overCapacity() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 9, maximum: 10)
    try cluster.join("AOS02", connected: 5, maximum: 10)
    #expect(throws: MutationRefusal.needsAcknowledgement([.overCapacity])) {
      try cluster.change(.drain([one]))
    }
    let preview = try Decision(
      .command(.drain([one])), on: cluster.contents, live: cluster.balancer.liveView,
      actor: "ana", at: cluster.now.wall, isPreview: true)
    #expect(preview.impact.workloadBefore == 0.7)
    #expect(preview.impact.workloadAfter == 1.4)
    #expect(preview.impact.handshakeList == [two])
  }

  @Test("that adds arrives rejecting clients unless asked otherwise", arguments: [false, true])
  func add(accept: Bool) throws {
    var cluster = try Cluster()
    try cluster.change(.add(one, at: Address("10.0.0.1:2712"), accept: accept))
    #expect(try cluster.status("AOS01").admission == (accept ? .accepting : .rejecting))
  }

  @Test("that adds is refused for a member, and for the address of one")
  func addTaken() throws {
    var cluster = try pair()
    let address = try cluster.status("AOS01").address
    #expect(throws: MutationRefusal.exists(one)) {
      try cluster.change(.add(one, at: Address("10.0.0.9:2712")))
    }
    #expect(throws: MutationRefusal.addressTaken(address, by: one)) {
      try cluster.change(.add(try InstanceID("AOS03"), at: address))
    }
  }

  @Test("that removes is refused unless drained or forced")
  func remove() throws {
    var cluster = try pair()
    #expect(throws: MutationRefusal.notDrained(one, left: 4)) {
      try cluster.change(.remove([one], force: false))
    }
    try cluster.change(.remove([one], force: true))
    #expect(cluster.list() == ["AOS02"])
    #expect(cluster.effects.contains(.deliver(one)))
    #expect(throws: MutationRefusal.unknown(one)) { try cluster.change(.enable([one])) }
  }

  @Test("that removes a drained instance nobody has heard of needs force: unknown is not drained")
  func removeUnheard() throws {
    var cluster = try pair()
    try cluster.change(.drain([one]))
    try cluster.feed("AOS01", .load(connected: 0, tickets: []))
    // A balancer that has just started.
    var heard = cluster.balancer.liveView
    heard.instances[one] = nil
    #expect(throws: MutationRefusal.notDrained(one, left: nil)) {
      try Decision(
        .command(.remove([one], force: false)), on: cluster.contents, live: heard, actor: "ana",
        at: cluster.now.wall)
    }
    // One that cannot reach it now, and one that has heard its hello and not its load.
    try cluster.feed("AOS01", .refused(reason: "refused"))
    #expect(throws: MutationRefusal.notDrained(one, left: nil)) {
      try cluster.change(.remove([one], force: false))
    }
    try cluster.hello("AOS01")
    #expect(throws: MutationRefusal.notDrained(one, left: nil)) {
      try cluster.change(.remove([one], force: false))
    }
    try cluster.feed("AOS01", .load(connected: 0, tickets: []))
    try cluster.change(.remove([one], force: false))
  }

  @Test("that removes a drained instance after its planned stop needs no force")
  func removeStopped() throws {
    var cluster = try pair()
    try cluster.change(.drain([one]))
    try cluster.feed("AOS01", .load(connected: 0, tickets: []))
    try cluster.feed("AOS01", .goodbye)
    try cluster.feed("AOS01", .closed(reason: "its load feed ended"))
    try cluster.feed("AOS01", .refused(reason: "refused"))
    try cluster.change(.remove([one], force: false))
  }

  @Test("that drains once more with other terms names them, and who changed them")
  func changedTerms() throws {
    var cluster = try pair()
    let deadline = cluster.now.wall.adding(milliseconds: 3_600_000)
    let terms = DrainTerms(message: "Go", closeIdleAfterSeconds: 120, deadline: deadline)
    var decision = try cluster.change(.drain([one], reason: "patch", terms: terms))
    #expect(
      decision.actions.map(\.result)
        == ["draining, 4 sessions left; deadline \(deadline), idle limit 120 s, users are told"])
    decision = try Decision(
      .command(.drain([one], terms: DrainTerms(untilRestart: true))), on: cluster.contents,
      live: cluster.balancer.liveView, actor: "bob", at: deadline)
    #expect(
      decision.actions.map(\.result)
        == [
          "already draining, 4 sessions left; until restart, the deadline was lifted, "
            + "the idle limit was lifted"
        ])
    let row = try #require(decision.contents.instances[one])
    #expect(row.admissionBy == "bob")
    #expect(row.admissionReason == "patch")
    #expect(row.drain?.startedAt == cluster.now.wall)
  }

  @Test("that asks for the drain there is leaves it to the operator who began it")
  func sameTerms() throws {
    var cluster = try pair()
    try cluster.change(.drain([one], reason: "patch"))
    let decision = try Decision(
      .command(.drain([one])), on: cluster.contents,
      live: cluster.balancer.liveView, actor: "bob", at: cluster.now.wall)
    #expect(decision.actions.map(\.result) == ["already draining, 4 sessions left"])
    #expect(decision.contents.instances == cluster.contents.instances)
  }

  @Test("that joins a removed instance is refused until an operator adds it")
  func staysAway() throws {
    var cluster = try pair()
    try cluster.change(.remove([one], force: true))
    #expect(throws: MutationRefusal.removed(one)) { try cluster.join("AOS01") }
    try cluster.change(.add(one, at: Address("127.0.0.1:3009")))
    #expect(try cluster.status("AOS01").admission == .rejecting)
  }

  @Test("that joins again keeps what the registry says")
  func rejoin() throws {
    var cluster = try pair()
    try cluster.change(.drain([one]))
    let row = try #require(cluster.contents.instances[one])
    try cluster.change(
      .join(
        one,
        Joining(
          reach: InstanceReach(row.address),
          profile: InstanceProfile(role: .server(.application), ownMaximum: 20))))
    #expect(cluster.contents.instances[one]?.admission == .rejecting)
    #expect(cluster.contents.instances[one]?.ownMaximum == 20)
  }

  @Test("of address is taken only when the old one no longer answers")
  func move() throws {
    var cluster = try pair()
    let joining = Joining(
      reach: try InstanceReach(Address("127.0.0.1:4000")),
      profile: InstanceProfile(role: .server(.both), ownMaximum: 10))
    let old = try cluster.status("AOS01").address
    #expect(throws: MutationRefusal.aliveElsewhere(one, old)) {
      try cluster.change(.join(one, joining))
    }
    try cluster.feed("AOS01", .refused(reason: "refused"))
    try cluster.change(.join(one, joining))
    #expect(try cluster.status("AOS01").address == joining.reach.address)
  }

  @Test("of a load balancer's admission or limit is refused: it takes no clients")
  func balancer() throws {
    var cluster = try pair()
    let lb = try InstanceID("LB1")
    for mutation: Mutation in [
      .command(.drain([lb])), .command(.enable([lb])), .command(.limit([lb], to: 5)),
    ] {
      #expect(throws: MutationRefusal.loadBalancer(lb)) { try cluster.change(mutation) }
    }
    #expect(throws: MutationRefusal.stillRunning(lb)) {
      try cluster.change(.remove([lb], force: true))
    }
  }

  @Test("of nothing is refused with the reason, and changes nothing")
  func nothing() throws {
    var cluster = try pair()
    let decision = try cluster.change(.enable([one]))
    #expect(decision.actions.map(\.result) == ["already accepting clients"])
  }
}
