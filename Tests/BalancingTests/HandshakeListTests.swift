import Balancing
import ClusterModel
import Testing

@Suite("The handshake list")
struct HandshakeListTests {
  @Test("is ascending in workload, connected ÷ maximum")
  func ascending() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 5, maximum: 10)
    try cluster.join("AOS02", connected: 10, maximum: 100)
    try cluster.join("AOS03", connected: 1, maximum: 5)
    #expect(cluster.list() == ["AOS02", "AOS03", "AOS01"])
  }

  @Test("of equal workloads has the one with more free places first, then the smaller id")
  func ties() throws {
    var cluster = try Cluster()
    try cluster.join("AOS03", connected: 1, maximum: 10)
    try cluster.join("AOS01", connected: 1, maximum: 10)
    try cluster.join("AOS02", connected: 10, maximum: 100)
    #expect(cluster.list() == ["AOS02", "AOS01", "AOS03"])
  }

  @Test("ends where the client has enough, and says whether it was cut")
  func limit() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 2)
    try cluster.join("AOS02", connected: 1)
    try cluster.join("AOS03", connected: 0)
    let wish = ReservationWish(ticket: "t", network: NetworkKey(v4: 1))
    let two = cluster.balancer.handshake(.client, wish, limit: 2, now: cluster.now)
    #expect(two.entries.map(\.id.text) == ["AOS03", "AOS02"])
    #expect(two.isCut)
    #expect(two.ticket == "t", "the place is reserved at the first, as always")
    for enough in [3, 16, nil] {
      let all = cluster.balancer.handshake(.client, nil, limit: enough, now: cluster.now)
      #expect(all.entries.count == 3)
      #expect(!all.isCut)
    }
  }

  @Test("keeps full instances, last")
  func fullLast() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 10, maximum: 10)
    try cluster.join("AOS02", connected: 9, maximum: 10)
    #expect(cluster.list() == ["AOS02", "AOS01"])
    #expect(try cluster.status("AOS01").state == .full)
  }

  @Test("never holds a dedicated load balancer, for no kind of client")
  func noBalancer() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    #expect(cluster.list(.client) == ["AOS01"])
    #expect(cluster.list(.batch) == ["AOS01"])
    #expect(try cluster.status("LB1").exclusion == .dedicatedLoadBalancer)
    #expect(try cluster.status("LB1").state == .balancing)
  }

  @Test("for services is empty: balancers serve RPC connections only")
  func noServices() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    #expect(cluster.list(.service) == [])
  }

  @Test("for batch holds batch servers, and the one for clients the others")
  func kinds() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", .application)
    try cluster.join("AOS02", .batch)
    #expect(cluster.list(.client) == ["AOS01"])
    #expect(cluster.list(.batch) == ["AOS02"])
    #expect(try cluster.status("AOS02").exclusion == .batchOnly)
  }

  @Test("leaves out an instance whose maximum is 0")
  func noCapacity() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", maximum: 0)
    #expect(cluster.list() == [])
    #expect(try cluster.status("AOS01").exclusion == .noCapacity)
    #expect(try cluster.status("AOS01").load.workload == nil)
  }

  @Test("shows a load over the limit truthfully")
  func overLimit() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 8, maximum: 10)
    try cluster.change(.limit([InstanceID("AOS01")], to: 5), acknowledged: [.overCapacity])
    #expect(try cluster.status("AOS01").load == Load(connected: 8, maximum: 5))
    #expect(try cluster.status("AOS01").load.workload == 1.6)
  }

  @Test("is in order after every of 20,000 random changes")
  func alwaysSorted() throws {
    var order = HandshakeOrder()
    var generator = Seeded(state: 7)
    let ids = try (0..<60).map { try InstanceID("AOS\($0)") }
    var expected: [InstanceID: HandshakeRank] = [:]
    for _ in 0..<20_000 {
      let id = ids[Int.random(in: 0..<ids.count, using: &generator)]
      let load = Load(
        connected: Int.random(in: 0...9, using: &generator),
        maximum: Int.random(in: 1...9, using: &generator))
      let rank = Bool.random(using: &generator) ? HandshakeRank(id: id, load: load) : nil
      order.set(id, to: rank)
      expected[id] = rank
      guard order.ranks == expected.values.sorted() else {
        Issue.record("out of order after \(id) became \(load)")
        return
      }
    }
  }
}

/// A generator that gives the same numbers every time.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
