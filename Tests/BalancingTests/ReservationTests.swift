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
    try cluster.change(.drain([InstanceID("AOS01")]))
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

  @Test("never puts a full server before a free one, however much is reserved")
  func fullLast() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 60, maximum: 60)
    try cluster.join("AOS02", maximum: 60)
    try cluster.addBalancer("LB2")
    for number in 0..<200 {
      let given = cluster.given(ticket: "t\(number)", from: UInt32(number))
      #expect(given.entries.first?.id.text == "AOS02")
    }
    #expect(cluster.list() == ["AOS02", "AOS01"])
    #expect(try cluster.status("AOS02").load == Load(connected: 0, reserved: 60, maximum: 60))
    #expect(try cluster.status("AOS01").load.reserved == 0)
  }

  @Test("is made on free places only; a client beyond them gets the list and no ticket")
  func freePlaces() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 7, maximum: 10)
    let given = (0..<10).map { cluster.given(ticket: "t\($0)", from: UInt32($0)) }
    #expect(given.map { $0.ticket != nil } == (0..<10).map { $0 < 3 })
    #expect(given.allSatisfy { $0.entries.map(\.id.text) == ["AOS01"] })
    #expect(try cluster.status("AOS01").load == Load(connected: 7, reserved: 3, maximum: 10))
  }

  @Test("counts no more than the places that are left when others have come without one")
  func overtaken() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", maximum: 10)
    for number in 0..<5 { _ = cluster.given(ticket: "t\(number)") }
    try cluster.feed("AOS01", .load(connected: 8, tickets: []))
    #expect(try cluster.status("AOS01").load == Load(connected: 8, reserved: 2, maximum: 10))
    try cluster.feed("AOS01", .load(connected: 12, tickets: []))
    #expect(try cluster.status("AOS01").load.reserved == 0)
    try cluster.feed("AOS01", .load(connected: 0, tickets: ["t0"]))
    #expect(try cluster.status("AOS01").load.reserved == 4)
  }

  @Test(
    "is made for one network up to half of the free places, or 64, never on the last quarter",
    arguments: [
      (1, 1), (2, 2), (20, 15), (60, 45), (85, 64), (100, 64), (128, 64), (1_000, 500),
      (60_000, 30_000),
    ])
  func fairShare(free: Int, share: Int) throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", maximum: free)
    let tickets = (0...share).map { cluster.given(ticket: "t\($0)").ticket }
    #expect(tickets.prefix(share).allSatisfy { $0 != nil })
    #expect(tickets.last == .some(nil))
    // Others reserve all the same, where a place is left.
    #expect((cluster.given(ticket: "other", from: 2).ticket != nil) == (share < free))
    // An arrival gives its share back.
    try cluster.feed("AOS01", .load(connected: 0, tickets: ["t0"]))
    #expect(cluster.given(ticket: "again").ticket == "again")
  }

  @Test("is made for all sixty users behind one address, and for a storm from one terminal server")
  func generous() throws {
    var cluster = try Cluster()
    for name in ["AOS01", "AOS02"] { try cluster.join(name, maximum: 60) }
    #expect((0..<60).allSatisfy { cluster.given(ticket: "t\($0)").ticket != nil })
    #expect(try ["AOS01", "AOS02"].map { try cluster.status($0).load.reserved } == [30, 30])
  }

  @Test("weighs as many times in the order as there are balancers alive")
  func severalBalancers() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", maximum: 10)
    try cluster.join("AOS02", connected: 1, maximum: 10)
    let other = try InstanceID("LB2")
    _ = cluster.handshake(ticket: "t1")
    #expect(cluster.list() == ["AOS01", "AOS02"])  // 1 against 1: the smaller id
    try cluster.addBalancer("LB2")
    #expect(cluster.list() == ["AOS02", "AOS01"])  // 2 against 1
    cluster.balancer.peer(other, .nothing(reason: "refused"), now: cluster.now)
    #expect(cluster.list() == ["AOS01", "AOS02"])
    #expect(try cluster.status("LB2").health == .unreachable)
  }
}
