import Balancing
import ClusterModel
import Testing

@Suite("An instance whose application is down")
struct ApplicationDownTests {
  private static func down(
    _ cluster: Cluster, _ reason: String? = "Connection refused"
  ) -> ApplicationStatus {
    ApplicationStatus(.down, since: cluster.now.wall, reason: reason)
  }

  private static func report(
    _ application: ApplicationStatus?, connected: Int = 0
  ) -> LoadFeedEvent {
    .load(connected: connected, tickets: [], application: application)
  }

  @Test("is in no list while it says so, and the row says since when and why in its words")
  func excluded() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02", connected: 5)
    let since = cluster.now.wall
    try cluster.feed("AOS01", Self.report(Self.down(cluster)))
    #expect(cluster.list() == ["AOS02"])
    #expect(cluster.list(.batch) == ["AOS02"])
    let row = try cluster.status("AOS01")
    #expect(row.exclusion == .applicationDown)
    #expect(row.state == .applicationDown)
    #expect(row.application?.since == since)
    #expect(row.application?.reason == "AOS01 says: \"Connection refused\"")
    #expect(row.health == .alive)
    try cluster.feed("AOS01", Self.report(nil))
    #expect(cluster.list() == ["AOS01", "AOS02"])
    #expect(try cluster.status("AOS01").application == nil)
  }

  @Test("does not count as a server that is left: a drain of the last other one is warned of")
  func impact() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    try cluster.feed("AOS01", Self.report(Self.down(cluster)))
    do {
      try cluster.change(.drain([InstanceID("AOS02")]))
      Issue.record("nothing is reported of it")
    } catch MutationRefusal.needsAcknowledgement(let warnings) {
      #expect(warnings.contains(.lastServer))
    }
  }

  @Test("keeps its sessions in the row, and loses what was reserved on it")
  func sessions() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    _ = cluster.handshake(ticket: "t1")
    #expect(try cluster.status("AOS01").load.reserved == 1)
    try cluster.feed("AOS01", Self.report(Self.down(cluster), connected: 3))
    #expect(try cluster.status("AOS01").load == Load(connected: 3, maximum: 10))
  }

  @Test("says so once more after its feed was opened again, and nothing of it while it is away")
  func away() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.feed("AOS01", Self.report(Self.down(cluster)))
    try cluster.feed("AOS01", .goodbye)
    #expect(try cluster.status("AOS01").application == nil)
    #expect(try cluster.status("AOS01").exclusion == .stopped)
    try cluster.hello("AOS01")
    #expect(try cluster.status("AOS01").exclusion == .applicationDown, "until its load comes")
    try cluster.feed("AOS01", Self.report(nil))
    #expect(cluster.list() == ["AOS01"])
  }

  @Test("cannot tell of a time to come, nor without end, nor in the balancer's name")
  func hostile() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    var words = Self.down(
      cluster,
      "it\" LB1 says: \"all is \u{202E}well"
        + .init(
          repeating: "x", count: 10_000))
    words.since = cluster.now.wall.adding(milliseconds: 1_000_000)
    try cluster.feed("AOS01", Self.report(words))
    let told = try #require(try cluster.status("AOS01").application)
    #expect(told.since == cluster.now.wall)
    let reason = try #require(told.reason)
    #expect(reason.hasPrefix("AOS01 says: \"it' LB1 says: 'all is ?well"))
    #expect(reason.count <= 250)
  }

  @Test("stays in the list with a word that only a later release knows")
  func unknown() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    var word = Self.down(cluster)
    word.state = .unrecognized("limping")
    try cluster.feed("AOS01", Self.report(word))
    #expect(cluster.list() == ["AOS01"])
    #expect(try cluster.status("AOS01").application?.state.rawValue == "limping")
  }
}
