import ClusterModel
import Testing

@testable import Balancing

@Suite("An event is told")
struct EventTests {
  /// What the feed tells after everything that has changed.
  private func told(_ cluster: inout Cluster) -> [ClusterEvent] {
    _ = cluster.balancer.takeChange(now: cluster.now)
    return cluster.balancer.collectEvents()
  }

  /// A server that was seen, with this many sessions.
  private func cluster(sessions: Int) throws -> Cluster {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: sessions, maximum: 60)
    #expect(told(&cluster) == [])
    return cluster
  }

  @Test("of a lost server with its sessions and the reason, and of its return")
  func lost() throws {
    var cluster = try cluster(sessions: 45)
    let start = try cluster.status("AOS01").startedAt
    cluster.pass(milliseconds: 5_000)
    try cluster.feed("AOS01", .refused(reason: "connection refused"))
    let lost = ClusterEvent(
      at: cluster.now.wall, balancer: try InstanceID("LB1"), kind: .known(.lost),
      instance: try InstanceID("AOS01"), startedAt: start, sessions: 45,
      reason: "connection refused")
    #expect(told(&cluster) == [lost])
    #expect(told(&cluster) == [])
    cluster.pass(milliseconds: 5_000)
    try cluster.hello("AOS01", maximum: 60)
    let back = told(&cluster)
    #expect(back.map(\.kind) == [.known(.back)])
    #expect(back.first?.startedAt == cluster.now.wall, "of the new process")
    #expect(cluster.balancer.snapshot.events.map(\.kind) == [.known(.back), .known(.lost)])
  }

  @Test("not of a server that was not seen yet, nor of a planned stop as a loss")
  func quiet() throws {
    var cluster = try Cluster()
    try cluster.change(
      .add(InstanceID("AOS01"), at: Address("127.0.0.1:3001"), accept: true, tls: false))
    try cluster.feed("AOS01", .refused(reason: "refused"))
    #expect(told(&cluster) == [])
    try cluster.hello("AOS01")
    #expect(told(&cluster) == [], "its first word is not a return")
    try cluster.join("AOS02", connected: 2)
    #expect(told(&cluster) == [])
    try cluster.feed("AOS02", .goodbye)
    let stopped = told(&cluster)
    #expect(stopped.map(\.kind) == [.known(.stopped)])
    #expect(stopped.first?.sessions == 2)
    try cluster.feed("AOS02", .closed(reason: "reset"))
    #expect(told(&cluster) == [])
  }

  @Test("of an application that is down, with the reason, and that is up again")
  func application() throws {
    var cluster = try cluster(sessions: 3)
    let down = ApplicationStatus(.down, since: cluster.now.wall, reason: "Connection refused")
    try cluster.feed("AOS01", .load(connected: 3, tickets: [], application: down))
    let events = told(&cluster)
    #expect(events.map(\.kind) == [.known(.applicationDown)])
    #expect(events.first?.reason == "AOS01 says: \"Connection refused\"")
    #expect(events.first?.startedAt != nil)
    try cluster.feed("AOS01", .load(connected: 2, tickets: [], application: down))
    #expect(told(&cluster) == [])
    try cluster.feed("AOS01", .load(connected: 2, tickets: []))
    #expect(told(&cluster).map(\.kind) == [.known(.applicationUp)])
  }

  @Test("of a restart that was too quick for a loss")
  func restarted() throws {
    var cluster = try cluster(sessions: 3)
    cluster.pass(milliseconds: 5_000)
    try cluster.feed("AOS01", .closed(reason: "reset"))
    try cluster.hello("AOS01", maximum: 60)
    try cluster.feed("AOS01", .load(connected: 0, tickets: []))
    let events = told(&cluster)
    #expect(events.map(\.kind) == [.known(.restarted)])
    #expect(events.first?.sessions == 3)
  }

  @Test("of a drain whose last session has ended, with those that its deadline ended")
  func drained() throws {
    var cluster = try cluster(sessions: 9)
    try cluster.change(
      .drain([InstanceID("AOS01")], reason: nil, terms: .plain),
      acknowledged: Set(ImpactWarning.allCases))
    #expect(told(&cluster) == [])
    let drain = try #require(try cluster.status("AOS01").drain?.startedAt)
    cluster.pass(milliseconds: 600_000)
    try cluster.feed(
      "AOS01", .load(connected: 2, tickets: [], ends: DeadlineEnds(drain: drain, sessions: 7)))
    let some = told(&cluster)
    #expect(some.map(\.kind) == [.known(.sessionsEnded)])
    #expect(some.first?.sessions == 7)
    try cluster.feed(
      "AOS01", .load(connected: 0, tickets: [], ends: DeadlineEnds(drain: drain, sessions: 9)))
    let drained = told(&cluster)
    #expect(drained.map(\.kind) == [.known(.drained)])
    #expect(drained.first?.sessions == 9)
    #expect(drained.first?.startedAt == drain)
  }

  @Test("of a drain that ends by itself without a number, and not of one without sessions")
  func drainedByItself() throws {
    var cluster = try cluster(sessions: 1)
    try cluster.join("AOS02")
    try cluster.change(
      .drain([InstanceID("AOS01"), InstanceID("AOS02")], reason: nil, terms: .plain),
      acknowledged: Set(ImpactWarning.allCases))
    #expect(told(&cluster) == [])
    // The sessions that an earlier drain ended do not count for this one.
    let before = DeadlineEnds(drain: cluster.now.wall.adding(milliseconds: -1), sessions: 4)
    try cluster.feed("AOS01", .load(connected: 0, tickets: [], ends: before))
    let events = told(&cluster)
    #expect(events.map(\.kind) == [.known(.drained)])
    #expect(events.first?.sessions == nil)
  }

  @Test("of another balancer, and of the registry")
  func balancers() throws {
    var cluster = try Cluster()
    try cluster.addBalancer("LB2")
    #expect(told(&cluster) == [])
    let id = try InstanceID("LB2")
    cluster.balancer.peer(id, .nothing(reason: "connection refused"), now: cluster.now)
    let lost = told(&cluster)
    #expect(lost.map(\.sentence) == ["LB2 lost: connection refused"])
    cluster.balancer.registryBecame(.unavailable)
    #expect(told(&cluster).map(\.kind) == [.known(.registryLost)])
    cluster.balancer.registryBecame(.available)
    #expect(told(&cluster).map(\.kind) == [.known(.registryBack)])
  }

  @Test("at once, and written down when the registry can be used")
  func written() throws {
    var cluster = try cluster(sessions: 45)
    cluster.balancer.registryBecame(.unavailable)
    try cluster.feed("AOS01", .refused(reason: "refused"))
    #expect(told(&cluster).count == 2)
    cluster.pass(milliseconds: 1_000)
    cluster.tick()
    #expect(logs(cluster) == [])
    cluster.balancer.registryBecame(.available)
    _ = told(&cluster)
    cluster.tick()
    let asked = logs(cluster)
    #expect(
      Set(asked.map(\.kind)) == [.known(.lost), .known(.registryLost), .known(.registryBack)])
    cluster.tick()
    #expect(logs(cluster) == [], "it waits for the answer")
    cluster.pass(milliseconds: 2_000)
    cluster.tick()
    #expect(logs(cluster) == asked, "no answer came")
    let numbered = asked.enumerated().map { place, event in
      var event = event
      event.id = Int64(place) + 1
      return event
    }
    cluster.balancer.logged(numbered)
    #expect(Set(cluster.balancer.collectEvents()) == Set(numbered))
    #expect(cluster.balancer.snapshot.events.allSatisfy { $0.id != nil })
    cluster.pass(milliseconds: 5_000)
    cluster.tick()
    #expect(logs(cluster) == [])
  }

  @Test("once where another balancer has written it")
  func another() throws {
    var cluster = try cluster(sessions: 45)
    try cluster.feed("AOS01", .refused(reason: "refused"))
    var event = try #require(told(&cluster).first)
    cluster.tick()
    event.id = 9
    event.balancer = try InstanceID("LB2")
    cluster.balancer.record(newEvents: [event])
    #expect(cluster.balancer.collectEvents() == [], "its own is being written")
    cluster.balancer.logged([event])
    #expect(cluster.balancer.collectEvents() == [event])
    cluster.balancer.record(newEvents: [event])
    #expect(cluster.balancer.collectEvents() == [])
    #expect(cluster.balancer.snapshot.events == [event])
  }

  @Test("of a server that flaps under one name that counts, however long the registry is away")
  func flapping() throws {
    var cluster = try cluster(sessions: 4)
    let start = try cluster.status("AOS01").startedAt
    cluster.balancer.registryBecame(.unavailable)
    for _ in 0..<50 {
      cluster.pass(milliseconds: 1_000)
      try cluster.feed("AOS01", .refused(reason: "refused"))
      _ = told(&cluster)
      cluster.pass(milliseconds: 1_000)
      try cluster.hello("AOS01", maximum: 60, startedAt: start)
      _ = told(&cluster)
    }
    cluster.balancer.registryBecame(.available)
    cluster.tick()
    let asked = logs(cluster).filter { $0.instance?.text == "AOS01" }
    #expect(Set(asked.map(\.kind)) == [.known(.back), .known(.lost)])
    #expect(asked.map(\.times) == [50, 50])
  }

  @Test("with the figures of other balancers until they are lost")
  func peerFigures() throws {
    var cluster = try Cluster()
    try cluster.addBalancer("LB2")
    let id = try InstanceID("LB2")
    cluster.balancer.addFigures(of: id, handshakesPerSecond: 3.04)
    _ = cluster.balancer.takeChange(now: cluster.now)
    #expect(cluster.balancer.snapshot.handshakesPerSecond(of: id) == 3)
    #expect(cluster.balancer.snapshot.handshakes.perSecondOfAll == 3)
    cluster.balancer.addFigures(of: id, handshakesPerSecond: .nan)
    cluster.balancer.peer(id, .nothing(reason: "refused"), now: cluster.now)
    cluster.pass(milliseconds: 1_000)
    _ = cluster.balancer.takeChange(now: cluster.now)
    #expect(cluster.balancer.snapshot.handshakesPerSecond(of: id) == nil)
    // What nobody says, and who is none.
    cluster.balancer.addFigures(of: id, handshakesPerSecond: 1)
    #expect(cluster.balancer.peerRates == [:])
  }

  private func logs(_ cluster: Cluster) -> [ClusterEvent] {
    cluster.effects.flatMap { effect -> [ClusterEvent] in
      if case .log(let events) = effect { events } else { [] }
    }
  }
}
