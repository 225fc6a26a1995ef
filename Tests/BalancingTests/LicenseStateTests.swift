import Balancing
import ClusterModel
import Testing

private let day: Int64 = 86_400_000

extension Cluster {
  /// A license that ends after this many days, and the balancer's trust in it.
  func license(seats: Int, days: Int64, document: String = "a.b.c") -> License {
    License(
      document: document, holder: "Example Ltd", seats: seats,
      expiresAt: now.wall.adding(milliseconds: days * day))
  }

  /// An operator installs a license that this balancer has verified.
  mutating func install(
    _ license: License, acknowledged: Set<ImpactWarning> = []
  ) throws {
    try change(.license(license, by: InstanceID("LB1")), acknowledged: acknowledged)
    balancer.licenseVerified(LicenseVerdict(license))
  }

  /// Lets the balancer look, and does what it asks for, as its service does.
  mutating func look() throws {
    tick()
    let review = Mutation.reviewLicense(by: try InstanceID("LB1"))
    if effects.contains(.write(review, by: .balancer(try InstanceID("LB1")))) { try change(review) }
  }

  /// Days go by, with a look every six hours.
  mutating func pass(days: Int64) throws {
    for _ in 0..<days * 4 {
      pass(milliseconds: day / 4)
      for name in contents.members.map(\.id.text) where name != "LB1" {
        try feed(name, .heartbeat)
      }
      try look()
    }
  }

  var summary: LicenseSummary {
    contents.licenseSummary(balancer.licenseVerdict, at: now.wall)
  }
}

@Suite("A license")
struct LicenseStateTests {
  @Test("goes from valid to expiring, to grace, to expired by the calendar alone")
  func states() throws {
    let cluster = try Cluster()
    let license = cluster.license(seats: 2, days: 100)
    func state(_ days: Int64, _ milliseconds: Int64 = 0) -> LicenseSummary.State {
      license.state(at: cluster.now.wall.adding(milliseconds: days * day + milliseconds))
    }
    #expect(state(0) == .valid)
    #expect(state(70, -1) == .valid)
    #expect(state(70) == .expiring)
    #expect(state(100, -1) == .expiring)
    #expect(state(100) == .grace)
    #expect(state(114, -1) == .grace)
    #expect(state(114) == .expired)
  }

  @Test("replaces the cluster's own seats, and gives its seats in the order of registration")
  func seats() throws {
    var cluster = try Cluster()
    for number in 1...3 { try cluster.join("AOS0\(number)") }
    try cluster.install(cluster.license(seats: 2, days: 100))
    #expect(cluster.list() == ["AOS01", "AOS02"])
    #expect(try cluster.status("AOS03").license == .unlicensed(reason: "no seat is free"))
    #expect(try cluster.status("LB1").license == .notRequired)
    #expect(cluster.summary.state == .valid)
    #expect(cluster.summary.seats == 2)
    #expect(cluster.summary.seatsUsed == 2)
    #expect(throws: MutationRefusal.licenseHolds) { try cluster.change(.seats(9)) }
  }

  @Test("that is over lets no session open: every server is told, once, and no session is ended")
  func expiry() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 7)
    try cluster.install(cluster.license(seats: 2, days: 40))
    let before = try #require(cluster.contents.instances[InstanceID("AOS01")])
    try cluster.pass(days: 53)
    #expect(cluster.summary.state == .grace)
    #expect(cluster.list() == ["AOS01"])
    #expect(cluster.contents.instances[before.id] == before)

    try cluster.pass(days: 2)
    #expect(cluster.summary.state == .expired)
    #expect(cluster.list().isEmpty)
    let after = try #require(cluster.contents.instances[before.id])
    #expect(after.revision > before.revision)
    #expect(after.license == .unlicensed(reason: "the license expired on 2027-02-24"))
    #expect(after.seat == 1)
    #expect(try cluster.status("AOS01").load.connected == 7)
    #expect(try cluster.status("LB1").license == .notRequired)
    let revision = cluster.contents.revision
    try cluster.pass(days: 10)
    #expect(cluster.contents.revision == revision)
  }

  @Test("that is over is over for a balancer that starts later, and decides nothing again")
  func restart() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.install(cluster.license(seats: 2, days: 1))
    try cluster.pass(days: 16)
    let kept = cluster.contents
    #expect(kept.licenseEndedBy == (try InstanceID("LB1")))
    let again = try Decision(
      .reviewLicense(by: InstanceID("LB2")), on: kept, live: LiveView(), actor: "LB2",
      at: cluster.now.wall, verdict: LicenseVerdict(kept.license))
    #expect(again.contents == kept)
    #expect(again.actions.isEmpty)
  }

  @Test("that is renewed gives every server the seat that it had")
  func renewal() throws {
    var cluster = try Cluster()
    for number in 1...3 { try cluster.join("AOS0\(number)") }
    try cluster.install(cluster.license(seats: 2, days: 1))
    try cluster.pass(days: 16)
    #expect(cluster.list().isEmpty)
    try cluster.install(cluster.license(seats: 2, days: 365, document: "d.e.f"))
    #expect(cluster.summary.state == .valid)
    #expect(cluster.list() == ["AOS01", "AOS02"])
    #expect(try cluster.status("AOS02").license == .licensed(seat: 2))
  }

  @Test("does not end while the registry is away: a new one may be in it")
  func registryAway() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.install(cluster.license(seats: 2, days: 1))
    cluster.balancer.registryBecame(.unavailable)
    try cluster.pass(days: 30)
    #expect(cluster.list() == ["AOS01"])
    #expect(cluster.summary.state == .grace)
    cluster.balancer.registryBecame(.available)
    try cluster.pass(days: 1)
    #expect(cluster.list().isEmpty)
  }

  @Test("does not end by a clock that jumps: the clock must run evenly for a minute")
  func clockJumps() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.install(cluster.license(seats: 2, days: 40))
    try cluster.pass(days: 1)
    cluster.now.wall = cluster.now.wall.adding(milliseconds: 3_650 * day)
    for _ in 0..<59 {
      cluster.pass(milliseconds: 1_000)
      try cluster.feed("AOS01", .heartbeat)
      try cluster.look()
    }
    #expect(cluster.list() == ["AOS01"])
    #expect(cluster.summary.state == .grace)
    cluster.now.wall = cluster.now.wall.adding(milliseconds: -3_650 * day)
    try cluster.pass(days: 1)
    #expect(cluster.list() == ["AOS01"])
    #expect(cluster.summary.state == .valid)
  }

  @Test("that ended by a wrong clock comes back when that balancer's clock is right again")
  func mistaken() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.install(cluster.license(seats: 2, days: 400))
    cluster.now.wall = cluster.now.wall.adding(milliseconds: 3_650 * day)
    try cluster.pass(days: 1)
    #expect(cluster.list().isEmpty)
    cluster.now.wall = cluster.now.wall.adding(milliseconds: -3_650 * day)
    // Another balancer, whose clock was right all along, leaves it alone: no to and fro.
    let other = try Decision(
      .reviewLicense(by: InstanceID("LB2")), on: cluster.contents, live: LiveView(),
      actor: "LB2", at: cluster.now.wall, verdict: cluster.balancer.licenseVerdict)
    #expect(other.contents == cluster.contents)
    try cluster.pass(days: 1)
    #expect(cluster.list() == ["AOS01"])
    #expect(cluster.summary.state == .valid)
  }

  @Test("that is not trusted takes nobody's seat and gives none; the reason is shown")
  func distrusted() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let altered = cluster.license(seats: 9, days: 100)
    cluster.contents.license = altered
    _ = cluster.balancer.registryChanged(to: cluster.contents, now: cluster.now)
    cluster.balancer.licenseVerified(LicenseVerdict(altered, distrust: "it is forged"))
    try cluster.join("AOS02")
    try cluster.pass(days: 1)
    #expect(cluster.list() == ["AOS01"])
    #expect(
      try cluster.status("AOS02").license
        == .unlicensed(reason: "the license is invalid: it is forged"))
    #expect(cluster.summary.state == .invalid)
    #expect(cluster.summary.reason == "it is forged")
    // With the right key the seat is given, without anybody doing anything else.
    cluster.balancer.licenseVerified(LicenseVerdict(altered))
    try cluster.pass(days: 1)
    #expect(cluster.list() == ["AOS01", "AOS02"])
  }

  @Test("that another balancer installed is verified before it gives anything")
  func fromElsewhere() throws {
    var cluster = try Cluster()
    let license = cluster.license(seats: 1, days: 100)
    cluster.contents.license = license
    let effects = cluster.balancer.registryChanged(to: cluster.contents, now: cluster.now)
    #expect(effects == [.verifyLicense(license)])
    cluster.pass(milliseconds: 5_000)
    cluster.tick()
    #expect(cluster.effects == [.verifyLicense(license)])
  }

  @Test("that leaves no server is installed only if that is acknowledged")
  func guardRail() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let old = cluster.license(seats: 2, days: -15)
    #expect(throws: MutationRefusal.needsAcknowledgement([.lastServer, .lastBatchServer])) {
      try cluster.install(old)
    }
    #expect(cluster.contents.license == nil)
    try cluster.install(old, acknowledged: [.lastServer, .lastBatchServer])
    #expect(cluster.summary.state == .expired)
    try cluster.change(.license(nil, by: InstanceID("LB1")))
    #expect(cluster.summary.state == .none)
    #expect(cluster.list() == ["AOS01"])
  }

  @Test("turns its state on the feed by the clock")
  func feed() throws {
    var cluster = try Cluster()
    try cluster.install(cluster.license(seats: 2, days: 31))
    _ = cluster.balancer.takeChange(now: cluster.now)
    #expect(cluster.balancer.snapshot.license.state == .valid)
    try cluster.pass(days: 1)
    let change = cluster.balancer.takeChange(now: cluster.now)
    #expect(change?.license?.state == .expiring)
    #expect(cluster.balancer.snapshot.license.state == .expiring)
  }
}
