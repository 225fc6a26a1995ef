import Balancing
import ClusterModel
import Testing

@Suite("A load feed")
struct LoadFeedTests {
  @Test("is opened at once for a new server, and never for a balancer")
  func opened() throws {
    var cluster = try Cluster()
    #expect(cluster.effects == [])
    let id = try InstanceID("AOS01")
    try cluster.change(.add(id, at: Address("127.0.0.1:3001"), accept: true))
    #expect(
      cluster.effects == [
        .openFeed(id, try Address("127.0.0.1:3001"), number: 1, delayMilliseconds: 0)
      ])
    #expect(try cluster.status("AOS01").health == .notYetSeen)
    #expect(cluster.list() == [])
  }

  @Test("that is refused makes its instance unreachable at once, with the reason")
  func refused() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.feed("AOS01", .refused(reason: "connection refused"))
    #expect(try cluster.status("AOS01").health == .unreachable)
    #expect(try cluster.status("AOS01").healthReason == "connection refused")
    #expect(cluster.list() == [])
  }

  @Test("that breaks is opened again at once; only a refusal after it counts")
  func broken() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    cluster.pass(milliseconds: 5_000)
    try cluster.feed("AOS01", .closed(reason: "reset"))
    #expect(try cluster.status("AOS01").health == .alive)
    guard case .openFeed(_, _, _, delayMilliseconds: 0) = cluster.effects.first else {
      Issue.record("not opened again at once: \(cluster.effects)")
      return
    }
    try cluster.feed("AOS01", .refused(reason: "refused"))
    #expect(try cluster.status("AOS01").health == .unreachable)
  }

  @Test("that breaks again and again is not tried without end")
  func flapping() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.feed("AOS01", .closed(reason: "reset"))
    guard case .openFeed(_, _, _, let delay) = cluster.effects.first else {
      Issue.record("not opened again: \(cluster.effects)")
      return
    }
    #expect(delay > 0)
  }

  @Test("that beats without being read is not silent, and is as soon as it beats no more")
  func beats() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let number = try #require(cluster.feedNumber(of: "AOS01"))
    var beatAt: Int64 = 0
    for _ in 0..<40 {
      cluster.pass(milliseconds: 250)
      beatAt = cluster.now.monotonicMilliseconds
      cluster.tick { $0 == number ? beatAt : nil }
    }
    #expect(try cluster.status("AOS01").health == .alive)
    for _ in 0..<30 {
      cluster.pass(milliseconds: 250)
      cluster.tick { $0 == number ? beatAt : nil }
    }
    #expect(try cluster.status("AOS01").healthReason == "silent for 3 s")
  }

  @Test("that is silent for three seconds makes its instance unreachable")
  func silent() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    for _ in 0..<12 {
      cluster.pass(milliseconds: 250)
      cluster.tick()
    }
    #expect(try cluster.status("AOS01").health == .alive)
    cluster.pass(milliseconds: 1)
    cluster.tick()
    #expect(try cluster.status("AOS01").health == .unreachable)
    #expect(try cluster.status("AOS01").healthReason == "silent for 3 s")
  }

  @Test("is given new time to be heard after a stall of the balancer itself")
  func stall() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    cluster.tick()
    cluster.pass(milliseconds: 60_000)
    cluster.tick()
    #expect(try cluster.status("AOS01").health == .alive)
  }

  @Test("that says goodbye makes its instance stopped, which it stays until it says hello")
  func goodbye() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.feed("AOS01", .goodbye)
    try cluster.feed("AOS01", .closed(reason: "end"))
    try cluster.feed("AOS01", .refused(reason: "refused"))
    #expect(try cluster.status("AOS01").health == .stopped)
    try cluster.hello("AOS01")
    #expect(try cluster.status("AOS01").health == .alive)
    #expect(cluster.list() == ["AOS01"])
  }

  @Test(
    "of somebody else is not trusted",
    arguments: [
      ("AOS09", "TEST", "AOS09 answers at its address"),
      ("AOS01", "OTHER", "says that it belongs to cluster \"OTHER\""),
    ])
  func mismatch(id: String, cluster name: String, reason: String) throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.hello("AOS01", cluster: name, id: id)
    #expect(try cluster.status("AOS01").health == .unreachable)
    #expect(try cluster.status("AOS01").healthReason == reason)
  }

  @Test("that is refused after a goodbye makes its instance unreachable, with the reason")
  func refusedAfterGoodbye() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.feed("AOS01", .goodbye)
    try cluster.feed("AOS01", .closed(reason: "its load feed ended"))
    try cluster.feed("AOS01", .refused(reason: "connection refused"))
    #expect(try cluster.status("AOS01").health == .stopped)
    let reason = "its load feed is refused: the clock of AOS01 is 95 s ahead of the balancer's."
    try cluster.feed("AOS01", .refused(reason: reason, isRefusal: true))
    #expect(try cluster.status("AOS01").health == .unreachable)
    #expect(try cluster.status("AOS01").healthReason == reason)
    try cluster.hello("AOS01")
    #expect(try cluster.status("AOS01").healthReason == nil)
  }

  @Test("is tried again forever, at most every five seconds")
  func retries() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    var delays: [Int64] = []
    for _ in 0..<50 {
      try cluster.feed("AOS01", .refused(reason: "refused"))
      if case .openFeed(_, _, _, let delay) = cluster.effects.first { delays.append(delay) }
    }
    #expect(delays.count == 50)
    #expect(delays.allSatisfy { (125...5_000).contains($0) })
    #expect(delays.suffix(40).allSatisfy { $0 >= 2_500 })
  }

  @Test("that was given up is not listened to any more")
  func late() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01", connected: 3)
    let old = cluster
    try cluster.feed("AOS01", .refused(reason: "refused"))
    var late = cluster.balancer
    let effects = late.feed(
      try InstanceID("AOS01"), number: 1, .load(connected: 9, tickets: []), now: old.now)
    #expect(effects == [])
    #expect(late.status(of: try InstanceID("AOS01"))?.load.connected == 3)
  }

  @Test("that says an older revision gets the desired state again")
  func delivery() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    let id = try InstanceID("AOS01")
    try cluster.change(
      .drain([id]), acknowledged: [.lastServer, .lastBatchServer])
    #expect(cluster.effects == [.deliver(id)])
    #expect(try cluster.status("AOS01").delivered == false)
    cluster.balancer.obeys(id, revision: cluster.contents.revision)
    #expect(try cluster.status("AOS01").delivered)
    cluster.pass(milliseconds: 2_000)
    try cluster.hello("AOS01", revision: 1)
    #expect(cluster.effects == [.deliver(id)])
  }
}
