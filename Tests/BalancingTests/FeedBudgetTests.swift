import Balancing
import ClusterModel
import Testing

@Suite("An instance that says too much, or what none says")
struct MisbehaviourTests {
  private let reason = "its load feed sent more than 100 events"

  @Test("the most that the protocol allows is never too much")
  func honest() {
    var budget = FeedBudget()
    var now: Int64 = 0
    #expect(budget.spend(eventNamed: "hello", now: now) == true)
    for second in 0..<600 {
      for _ in 0..<50 {
        now += 20
        #expect(budget.spend(eventNamed: "load", now: now) == true)
        #expect(budget.spend(bytes: 40 + 20 * 50, now: now) == true)
      }
      #expect(budget.spend(eventNamed: nil, now: now) == true)
      if second % 2 == 0 { #expect(budget.spend(eventNamed: "obeys", now: now) == true) }
    }
    // The balancer stood still for half a minute.
    for _ in 0..<(30 * 51) { #expect(budget.spend(eventNamed: "load", now: now + 30_000) == true) }
  }

  @Test(
    "a flood of events is too much, and hellos are so soonest",
    arguments: [("hello", 60), ("obeys", 300), ("load", 3_000), (nil, 3_000), ("x", 3_000)]
      as [(String?, Int)])
  func flood(name: String?, most: Int) {
    var budget = FeedBudget()
    #expect((0..<100_000).first { _ in !budget.spend(eventNamed: name, now: 5) } == most)
    #expect(budget.spend(eventNamed: nil, now: 1_005) == true, "with time it may speak again")
  }

  @Test("bytes that are not an event count as well")
  func bytes() {
    var budget = FeedBudget()
    let chunks = (0..<10_000).first { _ in !budget.spend(bytes: 1 << 16, now: 5) }
    #expect(chunks == (4 << 20) >> 16)
  }

  @Test("that names another instance after its first word waits, for longer each time")
  func secondHello() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    for pause in [5_000, 10_000] as [Int64] {
      try cluster.hello("AOS01", id: "AOS02")
      #expect(try cluster.status("AOS01").health == .unreachable)
      #expect(try cluster.status("AOS01").healthReason?.contains("AOS02") == true)
      let pauses = cluster.effects.compactMap { effect -> Int64? in
        if case .openFeed(_, _, _, let pause) = effect { pause } else { nil }
      }
      #expect(pauses == [pause])
      #expect(cluster.effects.contains { if case .closeFeed = $0 { true } else { false } })
      cluster.pass(milliseconds: pause)
      try cluster.hello("AOS01")
    }
  }

  @Test("takes its instance out of the list with the reason, for longer each time")
  func shunned() throws {
    var cluster = try Cluster()
    let one = try InstanceID("AOS01")
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    var pauses: [Int64] = []
    for _ in 0..<6 {
      try cluster.feed("AOS01", .misbehaved(reason: reason))
      #expect(try cluster.status("AOS01").health == .unreachable)
      #expect(try cluster.status("AOS01").healthReason == reason)
      #expect(cluster.list() == ["AOS02"])
      guard case .openFeed(_, _, _, let pause) = cluster.effects.first else {
        Issue.record("not asked for again: \(cluster.effects)")
        return
      }
      pauses.append(pause)
      #expect(cluster.effects.contains { if case .report(one, _) = $0 { true } else { false } })
      // A join hurries nothing.
      #expect(cluster.balancer.joined(one, now: cluster.now) == [])
      cluster.pass(milliseconds: pause)
      try cluster.hello("AOS01")
      #expect(try cluster.status("AOS01").healthReason == nil)
    }
    #expect(pauses == [5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
    cluster.pass(milliseconds: 700_000)
    try cluster.feed("AOS01", .misbehaved(reason: reason))
    guard case .openFeed(_, _, _, 5_000) = cluster.effects.first else {
      Issue.record("a fault of long ago counts: \(cluster.effects)")
      return
    }
  }

  @Test("another address does not end the pause")
  func moved() throws {
    var cluster = try Cluster()
    let one = try InstanceID("AOS01")
    try cluster.join("AOS01")
    try cluster.feed("AOS01", .misbehaved(reason: reason))
    try cluster.change(
      .join(
        one,
        Joining(
          reach: InstanceReach(Address("127.0.0.1:3999")),
          profile: InstanceProfile(role: .server(.both), ownMaximum: 10))))
    guard case .openFeed(_, _, _, let pause)? = cluster.effects.last else {
      Issue.record("not asked for at its new address: \(cluster.effects)")
      return
    }
    #expect(pause == 5_000)
  }

  @Test("hellos without end cost one document and one write, not one each")
  func hellos() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    var effects: [Balancer.Effect] = []
    for number in 0..<1_000 {
      try cluster.hello("AOS01", maximum: number % 60, revision: 0)
      effects += cluster.effects
      cluster.pass(milliseconds: 1)
    }
    #expect(effects.count { if case .deliver = $0 { true } else { false } } <= 1)
    #expect(effects.count { if case .write(.described, _) = $0 { true } else { false } } <= 1)
    #expect(effects.count { if case .write(.pass, _) = $0 { true } else { false } } == 0)
  }

  @Test("feeds that end soon again and again are not opened again at once forever")
  func shortFeeds() throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    var delays: [Int64] = []
    for _ in 0..<20 {
      cluster.pass(milliseconds: 1_500)
      try cluster.feed("AOS01", .closed(reason: "reset"))
      if case .openFeed(_, _, _, let delay) = cluster.effects.first { delays.append(delay) }
      try cluster.hello("AOS01")
    }
    #expect(delays.count == 20)
    #expect(delays.first == 0)
    #expect(delays.suffix(10).allSatisfy { $0 >= 2_500 })
  }

  @Test(
    "a start time that none can have is not shown",
    arguments: [0, 946_684_799_999, 1_800_000_000_000 + 86_400_001, 253_402_300_799_000]
      as [Int64])
  func startTimes(milliseconds: Int64) throws {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    #expect(try cluster.status("AOS01").startedAt == cluster.now.wall)
    try cluster.hello("AOS01", startedAt: Timestamp(milliseconds: milliseconds))
    #expect(try cluster.status("AOS01").startedAt == nil)
  }
}
