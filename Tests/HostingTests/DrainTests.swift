internal import ClusterModel
internal import Hosting
internal import Testing

@Suite("What a drain does to open sessions")
struct DrainTests {
  private func ended(_ deliveries: [Delivery]) -> Set<String> {
    Set(
      deliveries.compactMap { delivery in
        if case .end = delivery.message { delivery.session } else { nil }
      })
  }

  @Test("a plain drain says nothing and ends nobody, ever")
  func plain() throws {
    var fixture = try LifeFixture()
    try fixture.open()
    #expect(try fixture.drain(.plain).isEmpty)
    #expect(fixture.life.nextDeadline(now: fixture.now) == nil)
    fixture.pass(seconds: 1_000_000)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    #expect(fixture.life.connected == 1)
  }

  @Test("a message alone is told to every user, and ends nobody")
  func message() throws {
    var fixture = try LifeFixture()
    let grants = [try fixture.open(), try fixture.open()]
    let told = try fixture.drain(DrainTerms(message: "Maintenance at ten"))
    #expect(Set(told.map(\.session)) == Set(grants.map(\.session)))
    #expect(
      told.allSatisfy { $0.message == .notice(message: "Maintenance at ten", endsAt: nil) })
    fixture.pass(seconds: 1_000_000)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
  }

  @Test("a deadline is an absolute time, told beforehand, and ends everybody")
  func deadline() throws {
    var fixture = try LifeFixture()
    let grants = [try fixture.open(), try fixture.open()]
    let deadline = fixture.now.wall.adding(milliseconds: 600_000)
    let told = try fixture.drain(DrainTerms(deadline: deadline))
    #expect(
      told.first?.message
        == .notice(message: "This server is being taken out of service.", endsAt: deadline))
    fixture.pass(milliseconds: 599_999)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    fixture.pass(milliseconds: 1)
    #expect(ended(fixture.life.tick(now: fixture.now)) == Set(grants.map(\.session)))
    #expect(fixture.life.connected == 0)
    #expect(fixture.life.nextDeadline(now: fixture.now) == nil)
  }

  @Test(
    "a deadline that is near or past leaves 60 s from the telling, and names that time",
    arguments: [Int64(-3_600_000), 0, 59_999])
  func warning(untilDeadline milliseconds: Int64) throws {
    var fixture = try LifeFixture()
    try fixture.open()
    let told = try fixture.drain(
      DrainTerms(deadline: fixture.now.wall.adding(milliseconds: milliseconds)))
    let soonest = fixture.now.wall.adding(milliseconds: 60_000)
    #expect(
      told.first?.message
        == .notice(message: "This server is being taken out of service.", endsAt: soonest))
    fixture.pass(milliseconds: 59_999)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    fixture.pass(milliseconds: 1)
    #expect(fixture.life.tick(now: fixture.now).count == 1)
  }

  @Test("a deadline moved nearer is told again, and gives 60 s again")
  func movedDeadline() throws {
    var fixture = try LifeFixture()
    try fixture.open()
    try fixture.drain(DrainTerms(deadline: fixture.now.wall.adding(milliseconds: 900_000)))
    fixture.pass(seconds: 300)
    #expect(try fixture.drain(DrainTerms(deadline: fixture.now.wall)).count == 1)
    fixture.pass(seconds: 59)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    fixture.pass(seconds: 1)
    #expect(fixture.life.tick(now: fixture.now).count == 1)
  }

  @Test("an idle limit ends only sessions that report activity, and never within 60 s")
  func idle() throws {
    var fixture = try LifeFixture()
    let (silent, idle, busy) = (try fixture.open(), try fixture.open(), try fixture.open())
    for grant in [idle, busy] {
      _ = fixture.life.noteActivity(in: grant.session, secret: grant.secret, now: fixture.now)
    }
    fixture.pass(seconds: 3_600)
    try fixture.drain(DrainTerms(closeIdleAfterSeconds: 120))
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    fixture.pass(seconds: 30)
    _ = fixture.life.noteActivity(in: busy.session, secret: busy.secret, now: fixture.now)
    fixture.pass(seconds: 30)
    #expect(ended(fixture.life.tick(now: fixture.now)) == [idle.session])
    fixture.pass(seconds: 89)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    fixture.pass(seconds: 1)
    #expect(ended(fixture.life.tick(now: fixture.now)) == [busy.session])
    fixture.pass(seconds: 1_000_000)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    #expect(fixture.life.openSessions.map(\.id) == [silent.session])
  }

  @Test("enabling takes the threat back, and tells those who were threatened")
  func enable() throws {
    var fixture = try LifeFixture()
    try fixture.open()
    try fixture.drain(DrainTerms(deadline: fixture.now.wall))
    fixture.pass(seconds: 59)
    let told = try fixture.obey()
    #expect(
      told.first?.message
        == .notice(
          message: "This server stays in service; your session continues.", endsAt: nil))
    fixture.pass(seconds: 3_600)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    try fixture.open()
  }

  @Test(
    "terms that are lifted while the drain goes on are told as that, and nothing ends",
    arguments: [
      (DrainTerms(deadline: Timestamp(milliseconds: 1_800_000_000_000)), "The deadline was lifted"),
      (DrainTerms(closeIdleAfterSeconds: 60), "The limit for idle sessions was lifted"),
    ])
  func lifted(terms: DrainTerms, words: String) throws {
    for message in [nil, "Maintenance at ten."] {
      var fixture = try LifeFixture()
      let grant = try fixture.open()
      _ = fixture.life.noteActivity(in: grant.session, secret: grant.secret, now: fixture.now)
      try fixture.drain(terms)
      let told = try fixture.drain(DrainTerms(message: message))
      let text =
        message.map { "\($0) \(words)." }
        ?? "\(words): your session continues. The server still takes no new clients."
      #expect(told.map(\.message) == [.notice(message: text, endsAt: nil)])
      fixture.pass(seconds: 3_600)
      #expect(fixture.life.tick(now: fixture.now).isEmpty)
      #expect(throws: AdmissionRefusal.rejectingClients) { try fixture.open() }
    }
  }

  @Test("a change that concerns no user is not told: a limit, or the same drain again")
  func quietChange() throws {
    var fixture = try LifeFixture()
    try fixture.open()
    let drain = Drain(
      startedAt: fixture.now.wall, startedWith: 1, terms: DrainTerms(message: "Later"))
    #expect(try fixture.obey(admission: .rejecting, drain: drain).count == 1)
    #expect(try fixture.obey(admission: .rejecting, limit: 9, drain: drain).isEmpty)
    #expect(try fixture.obey().isEmpty, "a message alone threatened nobody")
  }

  @Test("it wakes for what is due, and ends within a second of it")
  func wakes() throws {
    var fixture = try LifeFixture()
    let (idle, silent) = (try fixture.open(), try fixture.open())
    _ = fixture.life.noteActivity(in: idle.session, secret: idle.secret, now: fixture.now)
    let deadline = fixture.now.wall.adding(milliseconds: 300_000)
    try fixture.drain(DrainTerms(closeIdleAfterSeconds: 90, deadline: deadline))
    let start = fixture.now.monotonicMilliseconds
    var ends: [String: Int64] = [:]
    var wakeUps = 0
    while let next = fixture.life.nextDeadline(now: fixture.now), wakeUps < 1_000 {
      wakeUps += 1
      fixture.pass(milliseconds: max(0, next - fixture.now.monotonicMilliseconds))
      for session in ended(fixture.life.tick(now: fixture.now)) {
        ends[session] = fixture.now.monotonicMilliseconds - start
      }
    }
    #expect((90_000...91_000).contains(ends[idle.session] ?? 0))
    #expect(ends[silent.session] == 300_000)
    #expect(wakeUps < 100)
  }

  @Test("a wall clock that jumps ends nobody, unless it stays there for a minute")
  func clockJump() throws {
    var fixture = try LifeFixture()
    try fixture.open()
    _ = fixture.life.tick(now: fixture.now)
    try fixture.drain(DrainTerms(deadline: fixture.now.wall.adding(milliseconds: 3_600_000)))
    fixture.pass(seconds: 300)
    for day in [Int64(1), -1, 1] {
      fixture.now.wall = fixture.now.wall.adding(milliseconds: day * 86_400_000)
      #expect(fixture.life.tick(now: fixture.now).isEmpty)
      fixture.pass(seconds: 59)
      #expect(fixture.life.tick(now: fixture.now).isEmpty)
    }
    let next = try #require(fixture.life.nextDeadline(now: fixture.now))
    #expect(next == fixture.now.monotonicMilliseconds + 1_000)
    fixture.pass(seconds: 1)
    #expect(fixture.life.tick(now: fixture.now).count == 1)
  }

  @Test("a wall clock that is set forward does not shorten the 60 s")
  func wallClock() throws {
    var fixture = try LifeFixture()
    try fixture.open()
    try fixture.drain(DrainTerms(deadline: fixture.now.wall))
    fixture.now.wall = fixture.now.wall.adding(milliseconds: 86_400_000)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    fixture.pass(seconds: 60)
    #expect(fixture.life.tick(now: fixture.now).count == 1)
  }

  @Test("a drain until restart that is asked for again without that term holds")
  func restartForgotten() throws {
    let now = try LifeFixture(joined: false).now
    let drain = Drain(
      startedAt: now.wall, startedWith: 0, terms: DrainTerms(untilRestart: true))
    let kept = try LifeFixture.desired(revision: 7, admission: .rejecting, drain: drain)
    var fixture = try LifeFixture(joined: false, kept: kept)
    #expect(fixture.life.admission == .accepting)
    #expect(fixture.life.drainEndedByRestart == now.wall)
    let plain = Drain(startedAt: now.wall, startedWith: 0)
    let again = try LifeFixture.desired(revision: 8, admission: .rejecting, drain: plain)
    _ = fixture.life.obey(again, byJoin: false, now: fixture.now)
    #expect(fixture.life.admission == .rejecting)
    #expect(fixture.life.drainEndedByRestart == nil)
    #expect(throws: AdmissionRefusal.rejectingClients) { try fixture.open() }
  }

  @Test("users are told in the order of their sessions, so that a run can be repeated")
  func order() throws {
    var fixture = try LifeFixture(maximum: 9)
    for _ in 0..<9 { try fixture.open() }
    let told = try fixture.drain(DrainTerms(message: "Later")).map(\.session)
    #expect(told == told.sorted())
    #expect(fixture.life.stop().map(\.session) == told)
  }
}
