import Balancing
import ClusterModel
import Testing

@Suite("A reservation")
struct ReservationTests {
  @Test("is made on the first of the list, and counts for those who come next")
  func made() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    #expect(cluster.handshake(ticket: "t1") == ["AOS01", "AOS02"])
    #expect(cluster.list() == ["AOS02", "AOS01"])
    #expect(try cluster.status("AOS01").load.reserved == 1)
    #expect(try cluster.status("AOS01").load.workload == 0.1)
  }

  @Test("ends when its ticket arrives, wherever it arrives", arguments: ["AOS01", "AOS02"])
  func arrives(at name: String) throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    _ = cluster.handshake(ticket: "t1")
    try cluster.feed(name, .load(connected: 1, tickets: ["t1"]))
    #expect(try cluster.status("AOS01").load.reserved == 0)
    #expect(try cluster.status(name).load.connected == 1)
  }

  @Test("ends after its time")
  func expires() throws {
    var cluster = try Cluster(reservationMilliseconds: 10_000)
    try cluster.join("AOS01")
    _ = cluster.handshake(ticket: "t1")
    cluster.pass(milliseconds: 9_999)
    cluster.tick()
    #expect(try cluster.status("AOS01").load.reserved == 1)
    cluster.pass(milliseconds: 1)
    cluster.tick()
    #expect(try cluster.status("AOS01").load.reserved == 0)
  }

  @Test("ends with a drain of its instance")
  func drained() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02", connected: 1)
    _ = cluster.handshake(ticket: "t1")
    try cluster.change(.drain([InstanceID("AOS01")], .plain, reason: nil))
    #expect(try cluster.status("AOS01").load.reserved == 0)
  }

  @Test("is not made where the setting is 0: connected ÷ maximum alone")
  func off() throws {
    var cluster = try Cluster(reservationMilliseconds: 0)
    try cluster.join("AOS01")
    _ = cluster.handshake(ticket: "t1")
    #expect(try cluster.status("AOS01").load.reserved == 0)
  }

  @Test("keeps a logon storm within one session of an even spread")
  func storm() throws {
    var cluster = try Cluster()
    for number in 1...10 { try cluster.join("AOS\(number)", maximum: 1_000) }
    var firsts: [String: Int] = [:]
    for number in 0..<5_000 {
      firsts[cluster.handshake(ticket: "t\(number)")[0], default: 0] += 1
    }
    #expect(firsts.values.min() == 500)
    #expect(firsts.values.max() == 500)
  }

  @Test("weighs as many times in the order as there are balancers alive")
  func severalBalancers() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", maximum: 10)
    try cluster.join("AOS02", connected: 1, maximum: 10)
    let other = try InstanceID("LB2")
    try cluster.change(
      .join(
        other,
        Joining(
          address: Address("127.0.0.1:2701"), servicesAddress: nil, role: .loadBalancer,
          ownMaximum: 0)))
    _ = cluster.handshake(ticket: "t1")
    #expect(cluster.list() == ["AOS01", "AOS02"])  // 1 against 1: the smaller id
    cluster.balancer.peer(
      other, .here(id: other, cluster: "TEST", isLoadBalancer: true, version: "0"),
      now: cluster.now)
    #expect(cluster.list() == ["AOS02", "AOS01"])  // 2 against 1
    cluster.balancer.peer(other, .nothing(reason: "refused"), now: cluster.now)
    #expect(cluster.list() == ["AOS01", "AOS02"])
    #expect(try cluster.status("LB2").health == .unreachable)
  }
}
