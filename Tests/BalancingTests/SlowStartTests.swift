import Balancing
import ClusterModel
import Testing

extension Cluster {
  /// A tick at which every feed has just been heard.
  fileprivate mutating func beat() {
    let time = now.monotonicMilliseconds
    tick { _ in time }
  }
}

/// A server that comes back empty to a cluster under load.
@Suite("A slow start")
struct SlowStartTests {
  /// Four servers; the first of them has just come back, empty, to three that are well loaded.
  ///
  /// - Parameter services: Of the first; the others have both.
  private static func cluster(
    seconds: Int64, maximum: Int = 10_000, connected: Int = 9_000,
    _ services: ServerServices = .both
  ) throws -> Cluster {
    var cluster = try Cluster(
      reservationMilliseconds: 600_000, slowStartMilliseconds: seconds * 1_000)
    for name in ["AOS01", "AOS02", "AOS03", "AOS04"] {
      let own = name == "AOS01" ? services : .both
      try cluster.join(name, connected: connected, maximum: maximum, own)
    }
    cluster.pass(milliseconds: 60_000)
    cluster.beat()
    for name in ["AOS02", "AOS03", "AOS04"] {
      try cluster.hello(name, maximum: maximum)
      try cluster.feed(name, .load(connected: connected, tickets: []))
    }
    try cluster.feed("AOS01", .goodbye)
    try cluster.hello("AOS01", maximum: maximum, services)
    try cluster.feed("AOS01", .load(connected: 0, tickets: []))
    return cluster
  }

  /// Sends new clients over a time, and says after each how many the first server was given.
  private static func arrivals(
    _ count: Int, over milliseconds: Int64, _ cluster: inout Cluster
  ) -> [Int] {
    var taken = 0
    return (0..<count).map { number in
      cluster.pass(milliseconds: milliseconds / Int64(count))
      if number % 7 == 0 { cluster.beat() }
      if cluster.handshake(ticket: "t\(number)").first == "AOS01" { taken += 1 }
      return taken
    }
  }

  @Test("without one an empty server is given all new clients until it has caught up")
  func plain() throws {
    var cluster = try Self.cluster(seconds: 0)
    #expect(Self.arrivals(1_000, over: 30_000, &cluster).last == 1_000)
    #expect(try cluster.status("AOS01").slowStartUntil == nil)
  }

  @Test("never gives an empty server more than twice its share, at no moment of it")
  func bounded() throws {
    for count in [10, 100, 1_000, 3_000] {
      var cluster = try Self.cluster(seconds: 30)
      let taken = Self.arrivals(count, over: 30_000, &cluster)
      for (place, number) in taken.enumerated() {
        #expect(Double(number) <= 2 * Double(place + 1) / 4, "\(number) of \(place + 1)")
      }
    }
  }

  @Test("counts only the clients that the server may be given")
  func otherKinds() throws {
    var cluster = try Self.cluster(seconds: 30, .application)
    // Batch jobs go elsewhere: they earn it nothing.
    for number in 0..<1_000 {
      cluster.pass(milliseconds: 20)
      if number % 7 == 0 { cluster.beat() }
      let wish = ReservationWish(ticket: "b\(number)", network: NetworkKey(v4: 1))
      _ = cluster.balancer.handshake(.batch, wish, now: cluster.now)
    }
    let taken = Self.arrivals(100, over: 1_000, &cluster)
    for (place, number) in taken.enumerated() {
      #expect(Double(number) <= 2 * Double(place + 1) / 4, "\(number) of \(place + 1)")
    }
  }

  @Test("lets its share rise over that time, from nothing to twice its part, its part in all")
  func rises() throws {
    var cluster = try Self.cluster(seconds: 30)
    let taken = Self.arrivals(3_000, over: 30_000, &cluster)
    let thirds = [taken[999], taken[1_999] - taken[999], taken[2_999] - taken[1_999]]
    #expect(thirds[0] < thirds[1] && thirds[1] < thirds[2], "\(thirds)")
    #expect(thirds[0] <= 90)
    #expect((700...750).contains(taken[2_999]))
  }

  @Test("is shown in the row while it lasts, and the plain rule holds behind it")
  func ends() throws {
    var cluster = try Self.cluster(seconds: 30)
    let end = try #require(try cluster.status("AOS01").slowStartUntil)
    #expect(try cluster.status("AOS02").slowStartUntil == nil)
    #expect(cluster.list().last == "AOS01")
    cluster.pass(milliseconds: 31_000)
    #expect(cluster.now.wall > end)
    cluster.beat()
    #expect(try cluster.status("AOS01").slowStartUntil == nil)
    #expect(cluster.list().first == "AOS01")
    #expect(Self.arrivals(100, over: 1_000, &cluster).last == 100)
  }

  @Test("keeps no client waiting where all the others are full")
  func othersFull() throws {
    var cluster = try Self.cluster(seconds: 30, maximum: 100, connected: 100)
    #expect(cluster.list() == ["AOS01", "AOS02", "AOS03", "AOS04"])
    #expect(Self.arrivals(50, over: 1_000, &cluster).last == 50)
  }

  @Test("begins again with each return, whatever kept the server out of the list")
  func returns() throws {
    var cluster = try Self.cluster(seconds: 30)
    cluster.pass(milliseconds: 31_000)
    cluster.beat()
    let down = ApplicationStatus(.down, since: cluster.now.wall)
    try cluster.feed("AOS01", .load(connected: 0, tickets: [], application: down))
    #expect(cluster.list() == ["AOS02", "AOS03", "AOS04"])
    try cluster.feed("AOS01", .load(connected: 0, tickets: []))
    #expect(cluster.list().last == "AOS01")
    cluster.pass(milliseconds: 31_000)
    cluster.beat()
    #expect(cluster.list().first == "AOS01")
    try cluster.change(.drain([InstanceID("AOS01")]))
    try cluster.change(.enable([InstanceID("AOS01")]))
    #expect(cluster.list().last == "AOS01")
  }

  @Test("does not concern servers that a balancer finds at its own start")
  func ownStart() throws {
    var cluster = try Cluster(slowStartMilliseconds: 30_000)
    try cluster.join("AOS01")
    try cluster.join("AOS02", connected: 5)
    #expect(cluster.list() == ["AOS01", "AOS02"])
    #expect(try cluster.status("AOS01").slowStartUntil == nil)
    cluster.pass(milliseconds: 20_000)
    cluster.beat()
    try cluster.hello("AOS02")
    try cluster.feed("AOS02", .load(connected: 5, tickets: []))
    try cluster.join("AOS03")
    #expect(try cluster.status("AOS03").slowStartUntil != nil, "it is new, and empty")
  }
}
