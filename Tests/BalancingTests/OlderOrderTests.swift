import Balancing
import ClusterModel
import Testing

@Suite("An order that is not delivered")
struct OlderOrderTests {
  private let all = Set(ImpactWarning.allCases)

  /// A server that obeys a drain of these terms.
  private func drained(_ terms: DrainTerms) throws -> (cluster: Cluster, id: InstanceID) {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let id = try InstanceID("AOS01")
    try cluster.change(.drain([id], terms: terms), acknowledged: all)
    cluster.balancer.obeys(id, revision: cluster.contents.revision)
    #expect(try cluster.status("AOS01").undelivered == nil)
    return (cluster, id)
  }

  @Test("names what its instance obeys until then: an enable, the terms of the drain before")
  func enable() throws {
    var (cluster, id) = try drained(
      DrainTerms(
        closeIdleAfterSeconds: 120, deadline: Timestamp(milliseconds: 1_800_000_600_000)))
    let drain = try cluster.status("AOS01").drain
    try cluster.feed("AOS01", .closed(reason: "reset"))
    try cluster.change(.enable([id]))
    let away = try cluster.status("AOS01")
    #expect(away.obeys == OlderOrder(admission: .rejecting, drain: drain))
    #expect(
      away.undelivered == "until it confirms, it may still reject clients, end sessions that are "
        + "idle for 120 s and end all sessions at 2027-01-15T08:10:00.000Z")
    // Ordered once more while it is away: it obeys what it obeyed.
    try cluster.change(.limit([id], to: 3))
    #expect(try cluster.status("AOS01").obeys == away.obeys)
    try cluster.hello("AOS01")
    let back = try cluster.status("AOS01")
    #expect(back.delivered && back.obeys == nil && back.undelivered == nil)
  }

  @Test("makes no claim about an instance that was added and never answered")
  func awaited() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let id = try InstanceID("AOS09")
    try cluster.change(.add(id, at: Address("127.0.0.1:3009"), accept: true))
    try cluster.change(.drain([id]), acknowledged: all)
    try cluster.feed("AOS09", .refused(reason: "connection refused"))
    let ahead = try cluster.status("AOS09")
    #expect(ahead.health == .unreachable && ahead.isAwaited)
    #expect(ahead.undelivered == "it never connected; it gets the order when it does")
  }

  @Test("knows a lost server from one that never answered, whichever balancer reports it")
  func knownOfBefore() throws {
    let (cluster, id) = try drained(.plain)
    var other = try Cluster().balancer
    _ = other.registryChanged(to: cluster.contents, now: cluster.now)
    let dead = try #require(other.status(of: id))
    #expect(dead.version == nil && dead.startedAt == nil && !dead.isAwaited)
    #expect(dead.undelivered == "until it confirms, it may still take clients")
  }

  @Test("says no more than is known of an instance that was never heard")
  func unknown() throws {
    var (cluster, id) = try drained(.plain)
    try cluster.change(.enable([id]))
    let others = try Cluster()
    var other = others.balancer
    _ = other.registryChanged(to: cluster.contents, now: cluster.now)
    let status = try #require(other.status(of: id))
    #expect(status.obeys == nil)
    #expect(status.undelivered == "until it confirms, it may still reject clients")
  }

  @Test("knows a late drain from new terms of a running drain")
  func drains() throws {
    var (cluster, id) = try drained(DrainTerms(untilRestart: true))
    try cluster.change(.drain([id]), acknowledged: all)
    #expect(
      try cluster.status("AOS01").undelivered == "until it confirms, it may still follow older "
        + "terms of its drain and stay drained until it restarts")
    try cluster.join("AOS02")
    try cluster.change(.drain([InstanceID("AOS02")]), acknowledged: all)
    #expect(
      try cluster.status("AOS02").undelivered == "until it confirms, it may still take clients")
    try cluster.feed("AOS02", .goodbye)
    #expect(
      try cluster.status("AOS02").undelivered
        == "it is stopped and gets the order when it starts again")
  }

  @Test("names no order that its instance has lost meanwhile")
  func lost() throws {
    var (cluster, id) = try drained(.plain)
    try cluster.change(.enable([id]))
    #expect(try cluster.status("AOS01").obeys != nil)
    try cluster.hello("AOS01", revision: 0)
    #expect(try cluster.status("AOS01").obeys == nil)
  }
}
