import Balancing
import ClusterModel
import Testing

@Suite("The changes of the status feed")
struct ChangeTests {
  @Test("add up to the snapshot, whatever happens")
  func addUp() throws {
    var cluster = try Cluster()
    for number in 1...6 { try cluster.join("AOS0\(number)", maximum: number) }
    _ = cluster.balancer.takeChange(now: cluster.now)
    var follower = cluster.balancer.snapshot
    var generator = Seeded(state: 3)
    for step in 0..<2_000 {
      let name = "AOS0\(Int.random(in: 1...6, using: &generator))"
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: try cluster.feed(name, .refused(reason: "refused"))
      case 1: try cluster.hello(name)
      case 2:
        _ = try? cluster.change(
          .drain([InstanceID(name)]),
          acknowledged: Set(ImpactWarning.allCases))
      case 3: try cluster.change(.enable([InstanceID(name)]))
      case 4: _ = cluster.handshake(ticket: "t\(step)")
      case 5:
        cluster.pass(milliseconds: 700)
        cluster.tick()
      default:
        let connected = Int.random(in: 0...6, using: &generator)
        try cluster.feed(name, .load(connected: connected, tickets: []))
      }
      guard let change = cluster.balancer.takeChange(now: cluster.now) else { continue }
      #expect(change.sequence == follower.sequence + 1)
      follower.apply(change)
      for event in cluster.balancer.collectEvents() { follower.append(event) }
      guard follower == cluster.balancer.snapshot else {
        Issue.record("the follower went another way at step \(step)")
        return
      }
      #expect(follower.handshakeList.map(\.text) == cluster.list())
    }
  }

  @Test("of load alone travel as loads, not as whole instances")
  func loads() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 1)
    _ = cluster.balancer.takeChange(now: cluster.now)
    try cluster.feed("AOS01", .load(connected: 2, tickets: []))
    let told = cluster.balancer.takeChange(now: cluster.now)
    let change = try #require(told)
    #expect(change.instances == [])
    let id = try InstanceID("AOS01")
    #expect(change.loads == [LoadChange(id: id, load: Load(connected: 2, maximum: 10))])
    #expect(change.moves == [])
  }

  @Test("count sessions that no notice reaches, never more than there are sessions")
  func withoutNotices() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 1)
    _ = cluster.balancer.takeChange(now: cluster.now)
    for (said, shown) in [(1, 1), (7, 2), (0, 0)] {
      try cluster.feed("AOS01", .load(connected: 2, withoutNotices: said, tickets: []))
      let change = cluster.balancer.takeChange(now: cluster.now)
      let load = Load(connected: 2, withoutNotices: shown, maximum: 10)
      #expect(change?.loads.map(\.load) == [load])
      #expect(cluster.balancer.snapshot[try InstanceID("AOS01")]?.load == load)
    }
  }

  @Test("are none while nothing changes")
  func quiet() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    _ = cluster.balancer.takeChange(now: cluster.now)
    try cluster.feed("AOS01", .heartbeat)
    cluster.tick()
    let none = cluster.balancer.takeChange(now: cluster.now)
    #expect(none == nil)
  }

  @Test("tell the number of handshakes at most once a second")
  func handshakes() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    cluster.pass(milliseconds: 1_000)
    _ = cluster.balancer.takeChange(now: cluster.now)
    for number in 0..<20 { _ = cluster.handshake(ticket: "t\(number)") }
    let early = cluster.balancer.takeChange(now: cluster.now)
    #expect(early?.handshakes == nil)
    cluster.pass(milliseconds: 1_000)
    let told = cluster.balancer.takeChange(now: cluster.now)?.handshakes
    #expect(
      told
        == HandshakeCount(
          total: 20, perSecond: 2.2, balancers: [try InstanceID("LB1"): 2.2]))
  }
}
