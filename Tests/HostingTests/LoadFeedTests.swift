internal import ClusterModel
internal import Hosting
internal import Testing

@Suite("What the load feed tells")
struct LoadFeedTests {
  @Test("the first report comes at once, then at most one in 20 ms, with the newest figures")
  func coalesced() throws {
    var fixture = try LifeFixture(maximum: 10)
    var cursor = LoadCursor()
    #expect(
      fixture.life.report(for: &cursor, now: fixture.now) == .report(connected: 0, tickets: []))
    #expect(fixture.life.report(for: &cursor, now: fixture.now) == .quiet)
    let due = fixture.now.monotonicMilliseconds + 20
    for _ in 0..<5 {
      try fixture.open()
      #expect(
        fixture.life.report(for: &cursor, now: fixture.now) == .due(atMilliseconds: due))
      fixture.pass(milliseconds: 4)
    }
    #expect(
      fixture.life.report(for: &cursor, now: fixture.now) == .report(connected: 5, tickets: []))
    fixture.pass(milliseconds: 1_000)
    #expect(fixture.life.report(for: &cursor, now: fixture.now) == .quiet)
    try fixture.open()
    #expect(
      fixture.life.report(for: &cursor, now: fixture.now) == .report(connected: 6, tickets: []))
  }

  @Test("every reader learns of every ticket once, even of those that came before it")
  func tickets() throws {
    var fixture = try LifeFixture(maximum: 10)
    var (early, late) = (LoadCursor(), LoadCursor())
    _ = fixture.life.report(for: &early, now: fixture.now)
    try fixture.open(ticket: "t1")
    try fixture.open()
    try fixture.open(ticket: "t2")
    fixture.pass(milliseconds: 20)
    #expect(
      fixture.life.report(for: &early, now: fixture.now)
        == .report(connected: 3, tickets: ["t1", "t2"]))
    #expect(
      fixture.life.report(for: &late, now: fixture.now)
        == .report(connected: 3, tickets: ["t1", "t2"]))
    fixture.pass(milliseconds: 20)
    #expect(fixture.life.report(for: &early, now: fixture.now) == .quiet)
    try fixture.open(ticket: "t3")
    #expect(
      fixture.life.report(for: &early, now: fixture.now)
        == .report(connected: 4, tickets: ["t3"]))
  }

  @Test("sessions that the deadline of a drain has ended are counted, and no others")
  func deadlineEnds() throws {
    var fixture = try LifeFixture(maximum: 10)
    for _ in 0..<3 { try fixture.open() }
    try fixture.drain(DrainTerms(deadline: fixture.now.wall.adding(milliseconds: 600_000)))
    let one = try #require(fixture.life.openSessions.first)
    _ = fixture.life.end(one.id)
    #expect(fixture.life.deadlineEnds == nil)
    fixture.pass(seconds: 600)
    _ = fixture.life.tick(now: fixture.now)
    let drain = try #require(fixture.life.drain)
    let ends = DeadlineEnds(drain: drain.startedAt, sessions: 2)
    // A reader that comes late is told as well.
    var cursor = LoadCursor()
    #expect(
      fixture.life.report(for: &cursor, now: fixture.now)
        == .report(connected: 0, tickets: [], ends: ends))
  }

  @Test("a ticket is told even when its session came and went between two reports")
  func shortSession() throws {
    var fixture = try LifeFixture()
    var cursor = LoadCursor()
    _ = fixture.life.report(for: &cursor, now: fixture.now)
    fixture.pass(milliseconds: 20)
    let grant = try fixture.open(ticket: "t1")
    fixture.life.close(grant.session)
    #expect(
      fixture.life.report(for: &cursor, now: fixture.now)
        == .report(connected: 0, tickets: ["t1"]))
  }

  @Test("tickets of refused clients, too long ones and old ones are not told")
  func ignored() throws {
    var fixture = try LifeFixture(maximum: 2)
    try fixture.open(ticket: "old")
    fixture.pass(seconds: 61)
    try fixture.open(ticket: String(repeating: "x", count: 129))
    #expect(throws: AdmissionRefusal.full(maximum: 2)) { try fixture.open(ticket: "refused") }
    var cursor = LoadCursor()
    #expect(
      fixture.life.report(for: &cursor, now: fixture.now) == .report(connected: 2, tickets: []))
  }

  @Test("what it obeys is told again whenever it is another order, and never twice")
  func orders() throws {
    var fixture = try LifeFixture()
    var cursor = LoadCursor(after: fixture.life)
    _ = fixture.life.report(for: &cursor, now: fixture.now)
    for revision in [Int64(5), 6] {
      let order = try LifeFixture.desired(revision: revision, limit: Int(revision))
      _ = fixture.life.obey(order, byJoin: false, now: fixture.now)
      #expect(fixture.life.report(for: &cursor, now: fixture.now) == .quiet, "it is not kept yet")
      fixture.life.kept(order)
      let told = Confirmation(epoch: order.epoch, revision: revision, digest: order.digest)
      #expect(fixture.life.report(for: &cursor, now: fixture.now) == .obeys(told))
      #expect(fixture.life.report(for: &cursor, now: fixture.now) == .quiet)
    }
    var late = LoadCursor(after: fixture.life)
    guard case .report = fixture.life.report(for: &late, now: fixture.now) else {
      Issue.record("its hello has said it")
      return
    }
  }

  @Test("a reader that stops reading misses old tickets and costs no memory")
  func bounded() throws {
    var fixture = try LifeFixture(maximum: 10_000)
    var cursor = LoadCursor()
    _ = fixture.life.report(for: &cursor, now: fixture.now)
    for number in 0..<6_000 { try fixture.open(ticket: "t\(number)") }
    var told: [String] = []
    while true {
      fixture.pass(milliseconds: 20)
      guard
        case .report(let connected, _, let tickets, _, _) = fixture.life.report(
          for: &cursor, now: fixture.now)
      else { break }
      #expect(connected == 6_000)
      #expect(tickets.count <= 512)
      told += tickets
    }
    #expect(told == (1_904..<6_000).map { "t\($0)" })
  }
}
