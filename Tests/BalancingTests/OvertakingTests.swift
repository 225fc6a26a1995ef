import Balancing
import ClusterModel
import Testing

/// What simulated clusters have shown to go wrong, each as a test of its own.
@Suite("Answers that overtake each other")
struct OvertakingTests {
  private func drained() throws -> (cluster: Cluster, old: RegistryContents) {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    let old = cluster.contents
    try cluster.change(.drain([InstanceID("AOS01")]))
    return (cluster, old)
  }

  @Test("an older answer of the registry does not undo a drain")
  func older() throws {
    var (cluster, old) = try drained()
    #expect(cluster.balancer.registryChanged(to: old, now: cluster.now) == [])
    #expect(cluster.balancer.contents == cluster.contents)
    #expect(try cluster.status("AOS01").admission == .rejecting)
    #expect(cluster.list() == ["AOS02"])
  }

  @Test("after an outage, a registry that was restored from a copy is trusted, once")
  func restored() throws {
    var (cluster, old) = try drained()
    cluster.balancer.registryBecame(.unavailable)
    cluster.balancer.registryBecame(.available)
    _ = cluster.balancer.registryChanged(to: old, now: cluster.now)
    #expect(cluster.balancer.contents == cluster.contents, "an answer from before the outage")
    _ = cluster.balancer.registryChanged(to: old, afterOutage: true, now: cluster.now)
    #expect(cluster.balancer.contents == old)
    _ = cluster.balancer.registryChanged(to: cluster.contents, now: cluster.now)
    _ = cluster.balancer.registryChanged(to: old, afterOutage: true, now: cluster.now)
    #expect(cluster.balancer.contents == cluster.contents, "it was read again once")
  }

  @Test("a number that the registry does not know raises the revision: every order is given again")
  func passed() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    let one = try InstanceID("AOS01")
    try cluster.hello(
      "AOS01", revision: 40, proof: .document(cluster.order("AOS01", revision: 40)))
    #expect(try !cluster.status("AOS01").delivered)
    #expect(cluster.effects.contains(.write(.pass(one, revision: 40), by: .instance(one))))
    let before = cluster.contents
    let decision = try Decision(
      .pass(one, revision: 40), on: before, live: cluster.balancer.liveView, actor: "AOS01",
      at: cluster.now.wall)
    let difference = RegistryDifference(
      from: before, to: decision.contents, at: cluster.now.wall)
    #expect(difference.contents.revision == 41)
    #expect(difference.concerned.count == before.instances.count)
    #expect(difference.contents.instances.values.allSatisfy { $0.revision == 41 })

    _ = cluster.balancer.registryChanged(to: difference.contents, now: cluster.now)
    #expect(try !cluster.status("AOS01").delivered)
    cluster.balancer.obeys(one, revision: 41)
    #expect(try cluster.status("AOS01").delivered)
    // Another balancer may have been quicker, and an instance may tell tales.
    for revision: Int64 in [40, 41, 1 << 53, .max] {
      let again = try Decision(
        .pass(one, revision: revision), on: difference.contents,
        live: cluster.balancer.liveView, actor: "AOS01", at: cluster.now.wall)
      #expect(again.contents == difference.contents && again.actions.isEmpty)
    }
  }

  @Test("a number that the registry knows with other words is passed, once")
  func astray() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    let one = try InstanceID("AOS01")
    let desired = try #require(cluster.contents.desiredState(of: one))
    try cluster.hello("AOS01", digest: desired.digest)
    #expect(try cluster.status("AOS01").delivered)
    // What it was told by the registry of which this one is an older copy.
    var lost = desired
    (lost.admission, lost.drain) = (.rejecting, Drain(startedAt: cluster.now.wall, startedWith: 0))
    for revision in [desired.revision, cluster.contents.revision] {
      cluster.pass(milliseconds: 180_000)
      try cluster.hello("AOS01", revision: revision, digest: lost.digest)
      #expect(try !cluster.status("AOS01").delivered)
      let pass = Balancer.Effect.write(
        .pass(one, revision: revision, digest: lost.digest), by: .instance(one))
      #expect(cluster.effects.contains(pass))
      let decision = try Decision(
        .pass(one, revision: revision, digest: lost.digest), on: cluster.contents,
        live: cluster.balancer.liveView, actor: "AOS01", at: cluster.now.wall)
      let difference = RegistryDifference(
        from: cluster.contents, to: decision.contents, at: cluster.now.wall)
      #expect(difference.concerned == [one], "the others' orders stay")
      #expect(try #require(difference.contents.instances[one]).revision > revision)
      #expect(decision.actions.count == 1)
      let again = try Decision(
        .pass(one, revision: revision, digest: lost.digest), on: difference.contents,
        live: cluster.balancer.liveView, actor: "AOS01", at: cluster.now.wall)
      #expect(again.actions.isEmpty, "another balancer was quicker")
    }
  }

  @Test("a digest of another release is not compared, and an order that is newer is enough")
  func digests() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    for digest in ["2:abc", ""] {
      try cluster.hello("AOS01", digest: digest)
      #expect(try cluster.status("AOS01").delivered)
    }
    let one = try InstanceID("AOS01")
    let old = try #require(cluster.contents.desiredState(of: one))
    try cluster.change(.limit([one], to: 3))
    cluster.pass(milliseconds: 2_000)
    try cluster.hello("AOS01", revision: old.revision, digest: old.digest)
    #expect(cluster.effects.contains(.deliver(one)))
    #expect(!cluster.effects.contains { if case .write(.pass, _) = $0 { true } else { false } })
  }

  @Test("a feed that is opened again at once keeps its instance alive for three seconds only")
  func reopening() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    cluster.pass(milliseconds: 1_000)
    cluster.tick()
    try cluster.feed("AOS01", .closed(reason: "reset"))
    for _ in 0..<12 {
      cluster.pass(milliseconds: 250)
      cluster.tick()
      #expect(cluster.list() == ["AOS01"])
    }
    cluster.pass(milliseconds: 250)
    cluster.tick()
    #expect(cluster.list() == [])
    #expect(try cluster.status("AOS01").healthReason == "silent for 3 s")
    guard case .closeFeed(_, let number)? = cluster.effects.first,
      case .openFeed(_, _, let next, _)? = cluster.effects.last
    else {
      Issue.record("not asked for again: \(cluster.effects)")
      return
    }
    #expect(next > number)
  }
}

@Suite("What an instance says of itself")
struct LearningTests {
  @Test("is written down again until the registry knows it")
  func again() throws {
    var cluster = try Cluster()
    let id = try InstanceID("AOS01")
    try cluster.change(.add(id, at: Address("127.0.0.1:3001"), accept: true))
    try cluster.hello("AOS01", maximum: 7, .batch)
    let wanted = Balancer.Effect.write(
      .described(id, InstanceProfile(role: .server(.batch), ownMaximum: 7)), by: .instance(id))
    #expect(cluster.effects.contains(wanted))
    #expect(cluster.list(.batch) == ["AOS01"])
    cluster.pass(milliseconds: 1_000)
    cluster.tick()
    #expect(!cluster.effects.contains(wanted))
    cluster.pass(milliseconds: 1_000)
    cluster.tick()
    #expect(cluster.effects.contains(wanted))
    cluster.contents.instances[id]?.role = .server(.batch)
    cluster.contents.instances[id]?.ownMaximum = 7
    cluster.contents.revision += 1
    _ = cluster.balancer.registryChanged(to: cluster.contents, now: cluster.now)
    cluster.pass(milliseconds: 2_000)
    cluster.tick()
    #expect(!cluster.effects.contains(wanted))
    #expect(cluster.list(.batch) == ["AOS01"])
  }

  @Test("is shown as it joined with it, and learned from its feed where that says otherwise")
  func zone() throws {
    var cluster = try Cluster()
    let id = try InstanceID("AOS01")
    try cluster.join("AOS01")
    #expect(try cluster.status("AOS01").zone == nil)
    let reach = try #require(cluster.contents.instances[id]?.reach)
    var profile = InstanceProfile(role: .server(.both), ownMaximum: 10, zone: "rack 7")
    try cluster.change(.join(id, Joining(reach: reach, profile: profile)))
    #expect(try cluster.status("AOS01").zone == "rack 7")
    try cluster.hello("AOS01")
    profile.zone = nil
    #expect(cluster.effects.contains(.write(.described(id, profile), by: .instance(id))))
  }
}

@Suite("A removal")
struct RemovalTests {
  @Test("of a server that this balancer had not heard of is not called delivered")
  func unheard() throws {
    var cluster = try Cluster()
    let id = try InstanceID("AOS01")
    try cluster.join("AOS01")
    var removed = cluster.contents
    removed.instances[id]?.removedAt = cluster.now.wall
    removed.revision += 1
    removed.instances[id]?.revision = removed.revision
    var other = try Cluster()
    _ = other.balancer.registryChanged(to: removed, now: other.now)
    #expect(!other.balancer.isDelivered([id]))
    #expect(other.balancer.deliveryOutcome(of: [id]) == false)
  }

  @Test("of a server that came back unheard is not called delivered for having been gone before")
  func goneBefore() throws {
    var cluster = try Cluster()
    let id = try InstanceID("AOS01")
    let all = Set(ImpactWarning.allCases)
    try cluster.join("AOS01")
    try cluster.change(.remove([id], force: true), acknowledged: all)
    cluster.balancer.obeys(id, revision: cluster.contents.revision)
    #expect(cluster.balancer.isDelivered([id]))
    // Added and removed again before this balancer has heard of either.
    cluster.contents.revision += 2
    cluster.contents.instances[id]?.revision = cluster.contents.revision
    _ = cluster.balancer.registryChanged(to: cluster.contents, now: cluster.now)
    #expect(!cluster.balancer.isDelivered([id]))
  }

  @Test("is not confirmed by the late answer to an older document")
  func lateAnswer() throws {
    var cluster = try Cluster()
    let id = try InstanceID("AOS01")
    try cluster.join("AOS01")
    let before = try #require(cluster.contents.instances[id]).revision
    try cluster.change(
      .remove([id], force: true), acknowledged: Set(ImpactWarning.allCases))
    cluster.balancer.obeys(id, revision: before)
    #expect(!cluster.balancer.isDelivered([id]))
    cluster.balancer.obeys(id, revision: cluster.contents.revision)
    #expect(cluster.balancer.isDelivered([id]))
  }
}

@Suite("A drain until restart")
struct RestartTests {
  private let terms = DrainTerms(untilRestart: true)

  /// A server with such a drain, that comes back and says that its restart has ended it.
  private func restarted() throws -> (cluster: Cluster, id: InstanceID, drain: Timestamp) {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let id = try InstanceID("AOS01")
    try cluster.change(
      .drain([id], terms: terms), acknowledged: Set(ImpactWarning.allCases))
    let drain = try #require(cluster.contents.instances[id]?.drain).startedAt
    cluster.pass(milliseconds: 1_000)
    try cluster.hello("AOS01", endedDrain: drain)
    return (cluster, id, drain)
  }

  @Test("that has ended is written down as over, and again until it is")
  func writtenDown() throws {
    var (cluster, id, drain) = try restarted()
    let ended = Balancer.Effect.write(.restarted(id, drain: drain), by: .instance(id))
    #expect(cluster.effects == [ended])
    cluster.pass(milliseconds: 1_000)
    cluster.tick()
    #expect(!cluster.effects.contains(ended))
    cluster.pass(milliseconds: 1_000)
    cluster.tick()
    #expect(cluster.effects == [ended])

    let decision = try cluster.change(.restarted(id, drain: drain))
    #expect(decision.actions.map(\.action) == [.enable])
    #expect(cluster.contents.instances[id]?.admission == .accepting)
    cluster.pass(milliseconds: 2_000)
    cluster.tick()
    #expect(!cluster.effects.contains(ended))
    #expect(cluster.list() == ["AOS01"])
  }

  @Test("that is asked for again after the restart is another drain, and stays")
  func again() throws {
    var (cluster, id, drain) = try restarted()
    try cluster.change(.drain([id], reason: "again", terms: terms))
    let decision = try cluster.change(.restarted(id, drain: drain))
    #expect(decision.actions == [])
    #expect(cluster.contents.instances[id]?.admission == .rejecting)
    #expect(cluster.contents.instances[id]?.drain?.startedAt == cluster.now.wall)
  }

  @Test("of another kind is not ended by a restart")
  func plain() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let id = try InstanceID("AOS01")
    try cluster.change(
      .drain([id]), acknowledged: Set(ImpactWarning.allCases))
    let drain = try #require(cluster.contents.instances[id]?.drain).startedAt
    try cluster.hello("AOS01", endedDrain: drain)
    let ended = Balancer.Effect.write(.restarted(id, drain: drain), by: .instance(id))
    #expect(!cluster.effects.contains(ended))
    #expect(try cluster.change(.restarted(id, drain: drain)).actions == [])
  }
}

@Suite("What was told on the status feed")
struct ToldLogTests {
  private func log() -> ToldLog<String> {
    var log = ToldLog<String>(keptBytes: 5)
    log.append("c1", bytes: 1, sequence: 1)
    log.append("a", bytes: 1, sequence: nil)
    log.append("c2", bytes: 1, sequence: 2)
    return log
  }

  @Test("is told from the next change on, with the actions that may be new")
  func missed() {
    #expect(log().missed(since: 0) == ["c1", "a", "c2"])
    #expect(log().missed(since: 1) == ["a", "c2"])
    #expect(log().missed(since: 2) == [])
    #expect(log().missed(since: 3) == nil, "nobody told that")
  }

  @Test("is forgotten from the oldest on, and a reader that needs it gets a snapshot")
  func forgotten() {
    var log = log()
    log.append("c3", bytes: 2, sequence: 3)
    #expect(log.missed(since: 0) == ["c1", "a", "c2", "c3"])
    log.append("c4", bytes: 1, sequence: 4)
    #expect(log.missed(since: 0) == nil)
    #expect(log.missed(since: 1) == ["a", "c2", "c3", "c4"])
    log.append("c5", bytes: 5, sequence: 5)
    #expect(log.missed(since: 3) == nil)
    #expect(log.missed(since: 4) == ["c5"])
    #expect(log.missed(since: 5) == [])
  }

  @Test("is not gone on with by a reader that may have missed an action")
  func action() {
    var log = ToldLog<String>(keptBytes: 1)
    log.append("c1", bytes: 1, sequence: 1)
    log.append("a", bytes: 1, sequence: nil)
    #expect(log.missed(since: 1) == ["a"])
    log.append("c2", bytes: 1, sequence: 2)
    #expect(log.missed(since: 1) == nil)
    #expect(log.missed(since: 2) == [])
  }
}
