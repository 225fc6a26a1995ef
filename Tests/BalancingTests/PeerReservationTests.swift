import Balancing
import ClusterModel
import Testing

@Suite("Reservations of another balancer")
struct PeerReservationTests {
  private let peer: InstanceID

  init() throws { peer = try InstanceID("LB2") }

  /// Two servers and another balancer that is alive.
  private func cluster() throws -> Cluster {
    var cluster = try Cluster(ticketMark: "one-")
    try cluster.join("AOS01", maximum: 10)
    try cluster.join("AOS02", maximum: 10)
    try cluster.addBalancer("LB2")
    return cluster
  }

  private func report(
    _ sequence: Int, complete: Bool = false, tickets: String = "two-", total: Int = 0,
    _ reserved: [String: (reserved: Int, arrived: Int)] = [:]
  ) throws -> PeerReport {
    PeerReport(
      tickets: tickets, sequence: sequence, complete: complete,
      handshakes: HandshakeCount(total: total, perSecond: 0.5),
      instances: try reserved.map {
        PeerReport.Entry(
          id: try InstanceID($0.key), reserved: $0.value.reserved, arrived: $0.value.arrived)
      })
  }

  private func hear(_ report: PeerReport, feed: Int = 1, in cluster: inout Cluster) {
    cluster.balancer.heard(report, from: peer, feed: feed, now: cluster.now)
  }

  private func reserved(_ cluster: Cluster, on name: String = "AOS01") throws -> Int {
    try cluster.status(name).load.reserved
  }

  @Test("count in the load and the order as its own do, once")
  func counts() throws {
    var cluster = try cluster()
    hear(try report(0, complete: true, ["AOS01": (2, 0)]), in: &cluster)
    #expect(cluster.list() == ["AOS02", "AOS01"])
    #expect(try reserved(cluster) == 2)
    // Two of its own count as two: the other is heard.
    for number in 1...2 {
      #expect(cluster.handshake(ticket: "one-\(number)") == ["AOS02", "AOS01"])
      cluster.pass(milliseconds: 40)
      cluster.tick()
    }
    #expect(cluster.list() == ["AOS01", "AOS02"])
    #expect(try reserved(cluster, on: "AOS02") == 2)
  }

  @Test("are guessed to be as its own since the last report: not all fill the emptiest at once")
  func guessed() throws {
    var cluster = try cluster()
    hear(try report(0, complete: true, ["AOS01": (2, 0)]), in: &cluster)
    #expect(cluster.handshake(ticket: "one-1") == ["AOS02", "AOS01"])
    // The other may have reserved one there, too; nobody learns of a guess.
    #expect(cluster.list() == ["AOS01", "AOS02"])
    #expect(try reserved(cluster, on: "AOS02") == 1)
    hear(try report(1, ["AOS01": (2, 0)]), in: &cluster)
    #expect(cluster.list() == ["AOS02", "AOS01"])
  }

  @Test("leave the weighting to balancers that are not heard, and give it back with their feed")
  func weight() throws {
    var cluster = try cluster()
    try cluster.addBalancer("LB3")
    #expect(cluster.balancer.reservationWeight == 3)
    hear(try report(0, complete: true, ["AOS01": (4, 0)]), in: &cluster)
    #expect(cluster.balancer.reservationWeight == 2)
    #expect(try reserved(cluster) == 4)
    _ = cluster.balancer.takeChange(now: cluster.now)
    #expect(cluster.balancer.snapshot.balancer.reservationWeight == 2)
    cluster.balancer.peerFeedEnded(peer, feed: 1)
    #expect(cluster.balancer.reservationWeight == 3)
    #expect(try reserved(cluster) == 0)
    _ = cluster.balancer.takeChange(now: cluster.now)
    #expect(cluster.balancer.snapshot.balancer.reservationWeight == nil)
  }

  @Test("are no more than the free places, whatever it says, and none on a server that is drained")
  func bounded() throws {
    var cluster = try cluster()
    let most = Limits.sessions
    let said = try report(
      0, complete: true, ["AOS01": (most, Int(Limits.revision)), "NOBODY": (7, 7), "LB1": (9, 0)])
    hear(said, in: &cluster)
    #expect(try cluster.status("AOS01").load == Load(connected: 0, reserved: 10, maximum: 10))
    #expect(try reserved(cluster, on: "LB1") == 0)
    #expect(cluster.list() == ["AOS02", "AOS01"])
    try cluster.change(.drain([InstanceID("AOS01")]))
    #expect(try reserved(cluster) == 0)
  }

  @Test("are taken of a complete report first, and of the newest feed alone")
  func firstComplete() throws {
    var cluster = try cluster()
    hear(try report(7, ["AOS01": (3, 0)]), in: &cluster)
    #expect(try reserved(cluster) == 0)
    #expect(cluster.balancer.reservationWeight == 2)
    hear(try report(8, complete: true, ["AOS01": (3, 0)]), feed: 2, in: &cluster)
    hear(try report(9, complete: true, ["AOS01": (5, 0)]), feed: 1, in: &cluster)
    #expect(try reserved(cluster) == 3)
    cluster.balancer.peerFeedEnded(peer, feed: 1)
    #expect(try reserved(cluster) == 3)
    // Its process began again: its numbers do, too.
    hear(try report(0, tickets: "three-", ["AOS01": (6, 0)]), feed: 2, in: &cluster)
    #expect(try reserved(cluster) == 3)
    hear(
      try report(0, complete: true, tickets: "three-", ["AOS01": (1, 0)]), feed: 2, in: &cluster)
    #expect(try reserved(cluster) == 1)
  }

  @Test("are right again with the next report when one was lost, late or repeated")
  func anyOrder() throws {
    var cluster = try cluster()
    hear(try report(0, complete: true), in: &cluster)
    let reports = try [
      report(1, ["AOS01": (1, 0)]), report(2, ["AOS01": (2, 0), "AOS02": (1, 0)]),
      report(3, ["AOS01": (5, 0)]), report(4, complete: true, ["AOS01": (4, 0)]),
    ]
    var generator = SplitMix64(seed: 1)
    for _ in 0..<50 {
      var other = cluster
      let lost = Int.random(in: 0...7, using: &generator)
      for report in (reports + reports).shuffled(using: &generator).dropLast(lost) {
        hear(report, in: &other)
      }
      hear(reports[3], in: &other)
      #expect(try reserved(other) == 4)
      #expect(try reserved(other, on: "AOS02") == 0)
    }
  }

  @Test("end as their ticket arrives, whether the instance or their balancer says it first")
  func arrivals() throws {
    var cluster = try cluster()
    hear(try report(0, complete: true, ["AOS01": (3, 40)]), in: &cluster)
    try cluster.feed("AOS01", .load(connected: 1, tickets: ["two-1"]))
    #expect(try cluster.status("AOS01").load == Load(connected: 1, reserved: 2, maximum: 10))
    hear(try report(1, ["AOS01": (2, 41)]), in: &cluster)
    #expect(try reserved(cluster) == 2)
    // The other learns of the next two first: they are on their way until the instance says so.
    hear(try report(2, ["AOS01": (0, 43)]), in: &cluster)
    #expect(try reserved(cluster) == 2)
    try cluster.feed("AOS01", .load(connected: 3, tickets: ["two-2", "two-3"]))
    #expect(try cluster.status("AOS01").load == Load(connected: 3, reserved: 0, maximum: 10))
  }

  @Test("count as their balancer says after a second in which nothing arrived")
  func settled() throws {
    var cluster = try cluster()
    hear(try report(0, complete: true), in: &cluster)
    hear(try report(1, ["AOS01": (1, 5)]), in: &cluster)
    #expect(try reserved(cluster) == 6)
    cluster.pass(milliseconds: 999)
    cluster.tick()
    #expect(try reserved(cluster) == 6)
    cluster.pass(milliseconds: 1)
    cluster.tick()
    #expect(try reserved(cluster) == 1)
  }

  @Test("count no longer than a reservation lives after they were last said")
  func forgotten() throws {
    var cluster = try cluster()
    hear(try report(0, complete: true, ["AOS01": (3, 9)]), in: &cluster)
    cluster.pass(milliseconds: 9_999)
    hear(try report(1, ["AOS02": (1, 0)]), in: &cluster)
    cluster.tick()
    #expect(try reserved(cluster) == 3)
    cluster.pass(milliseconds: 1)
    cluster.tick()
    #expect(try reserved(cluster) == 0)
    #expect(try reserved(cluster, on: "AOS02") == 1)
  }

  @Test("are taken only of another balancer of the cluster, and end with its removal")
  func strangers() throws {
    var cluster = try cluster()
    let said = try report(0, complete: true, ["AOS01": (3, 0)])
    for name in ["LB1", "AOS02", "NOBODY"] {
      cluster.balancer.heard(said, from: try InstanceID(name), feed: 1, now: cluster.now)
    }
    #expect(try reserved(cluster) == 0)
    hear(said, in: &cluster)
    #expect(try reserved(cluster) == 3)
    cluster.balancer.peer(peer, .nothing(reason: "gone"), now: cluster.now)
    try cluster.change(.remove([peer], force: true))
    #expect(try reserved(cluster) == 0)
    #expect(cluster.balancer.peerFeeds.isEmpty)
  }

  @Test("come with the handshakes of each balancer, this one's own among them")
  func handshakes() throws {
    var cluster = try cluster()
    #expect(cluster.balancer.handshakes(of: peer) == nil)
    hear(try report(0, complete: true, total: 70), in: &cluster)
    hear(try report(1, total: 80), in: &cluster)
    hear(try report(1, total: 75), in: &cluster)
    #expect(cluster.balancer.handshakes(of: peer) == HandshakeCount(total: 80, perSecond: 0.5))
    _ = cluster.handshake(ticket: "one-1")
    _ = cluster.balancer.takeChange(now: cluster.now)
    #expect(cluster.balancer.handshakes(of: try InstanceID("LB1"))?.total == 1)
  }
}

@Suite("A balancer tells the others")
struct PeerTellingTests {
  private func cluster() throws -> Cluster {
    var cluster = try Cluster(ticketMark: "one-")
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    _ = cluster.report()
    return cluster
  }

  private func entry(_ name: String, _ reserved: Int, _ arrived: Int) throws -> PeerReport.Entry {
    PeerReport.Entry(id: try InstanceID(name), reserved: reserved, arrived: arrived)
  }

  @Test("where it has reserved places, and that they ended, by numbers that stand for themselves")
  func changes() throws {
    var cluster = try cluster()
    #expect(cluster.report() == nil)
    _ = cluster.handshake(ticket: "one-1")
    _ = cluster.handshake(ticket: "one-2")
    #expect(cluster.hasNews() == true)
    let first = cluster.report()
    let both = [try entry("AOS01", 1, 0), try entry("AOS02", 1, 0)]
    #expect(first?.instances == both)
    #expect(first?.tickets == "one-")
    #expect(first?.complete == false)
    try cluster.feed("AOS02", .load(connected: 1, tickets: ["one-2", "two-1"]))
    let second = cluster.report()
    let arrived = try entry("AOS02", 0, 1)
    #expect(second?.instances == [arrived])
    #expect(second?.sequence == first.map { $0.sequence + 1 })
    #expect(cluster.report() == nil)
    let all = cluster.balancer.completePeerReport(now: cluster.now)
    #expect(all.instances == [both[0], arrived])
    #expect(all.complete)
    #expect(all.sequence == second?.sequence)
  }

  @Test("everything again two seconds after a change, and nothing more while nothing changes")
  func completeAgain() throws {
    var cluster = try cluster()
    _ = cluster.handshake(ticket: "one-1")
    #expect(cluster.report()?.complete == false)
    _ = cluster.handshake(ticket: "one-2")
    #expect(cluster.report()?.complete == false)
    _ = cluster.handshake(ticket: "one-3")
    cluster.pass(milliseconds: 2_000)
    let again = cluster.report()
    #expect(again?.complete == true)
    #expect(again?.instances.map(\.reserved) == [2, 1])
    for _ in 0..<20 {
      cluster.pass(milliseconds: 1_000)
      cluster.tick()
      _ = cluster.report()
    }
    cluster.pass(milliseconds: 5_000)
    #expect(cluster.hasNews() == false)
  }

  @Test("nothing of what it has heard itself: each tells its own")
  func ownAlone() throws {
    var cluster = try cluster()
    let peer = try InstanceID("LB2")
    try cluster.addBalancer("LB2")
    _ = cluster.report()
    cluster.balancer.heard(
      PeerReport(
        tickets: "two-", sequence: 1, complete: true, handshakes: HandshakeCount(),
        instances: [try entry("AOS01", 4, 0)]),
      from: peer, feed: 1, now: cluster.now)
    #expect(try cluster.status("AOS01").load.reserved == 4)
    #expect(cluster.report() == nil)
    let all = cluster.balancer.completePeerReport(now: cluster.now)
    #expect(all.instances.isEmpty)
  }
}

extension Cluster {
  fileprivate mutating func report() -> PeerReport? { balancer.takePeerReport(now: now) }

  fileprivate mutating func hasNews() -> Bool { balancer.hasPeerNews(now: now) }
}
