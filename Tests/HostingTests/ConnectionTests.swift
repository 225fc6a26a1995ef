internal import ClusterModel
internal import Hosting
internal import Testing

@Suite("Connections of a session to the application")
struct ConnectionTests {
  private static func traffic(_ bytes: Int, at time: Int64?) -> Traffic {
    Traffic(fromClient: bytes, fromApplication: 2 * bytes, lastAt: time)
  }

  @Test("a session may have many, 64 at most, and needs its secret for each")
  func many() throws {
    var fixture = try LifeFixture()
    let grant = try fixture.open()
    for _ in 0..<64 {
      try fixture.life.connect(in: grant.session, secret: grant.secret, now: fixture.now)
    }
    #expect(throws: ConnectionRefusal.tooMany(64)) {
      try fixture.life.connect(in: grant.session, secret: grant.secret, now: fixture.now)
    }
    for (session, secret) in [
      (grant.session, "x"), (grant.session, ""), ("nobody", grant.secret),
    ] {
      #expect(throws: ConnectionRefusal.notItsSession) {
        try fixture.life.connect(in: session, secret: secret, now: fixture.now)
      }
    }
    fixture.life.disconnect(from: grant.session)
    try fixture.life.connect(in: grant.session, secret: grant.secret, now: fixture.now)
    #expect(fixture.life.connections == 64)
    #expect(fixture.life.connected == 1)
  }

  @Test("a session that names its user ends with its one connection, and has the same terms")
  func ownSession() throws {
    var fixture = try LifeFixture()
    try fixture.obey(limit: 1)
    let session = try fixture.connect()
    #expect(fixture.life.openSessions.map(\.hasStream) == [false])
    #expect(throws: AdmissionRefusal.full(maximum: 1)) {
      try fixture.connect()
    }
    fixture.life.disconnect(from: session)
    #expect(fixture.life.connected == 0)
    try fixture.drain(DrainTerms())
    #expect(throws: AdmissionRefusal.rejectingClients) {
      try fixture.connect()
    }
  }

  @Test("sessions that no notice reaches are counted separately, however they end")
  func withoutNotices() throws {
    var fixture = try LifeFixture(maximum: 9)
    var cursor = LoadCursor(after: fixture.life)
    func told() -> LoadDecision { fixture.life.report(for: &cursor, now: fixture.now) }
    let grant = try fixture.open()
    let sessions = [try fixture.connect(), try fixture.connect(), try fixture.connect()]
    #expect(fixture.life.load == Load(connected: 4, withoutNotices: 3, maximum: 9))
    #expect(told() == .report(connected: 4, withoutNotices: 3, tickets: ["t1", "t1", "t1"]))
    fixture.life.disconnect(from: sessions[0])
    #expect(fixture.life.end(sessions[1]) != nil)
    fixture.life.disconnect(from: sessions[1])  // its connection is closed afterwards
    fixture.life.close(sessions[1])
    #expect(fixture.life.load == Load(connected: 2, withoutNotices: 1, maximum: 9))
    // As many sessions as before, and one more that nobody can tell anything.
    fixture.life.close(grant.session)
    try fixture.connect()
    fixture.pass(seconds: 1)
    #expect(told() == .report(connected: 2, withoutNotices: 2, tickets: ["t1"]))
    try fixture.drain(DrainTerms(deadline: fixture.now.wall.adding(milliseconds: 60_000)))
    fixture.pass(seconds: 61)
    #expect(fixture.life.tick(now: fixture.now).count == 2)
    #expect(fixture.life.withoutNotices == 0)
    try fixture.obey()
    try fixture.connect()
    _ = fixture.life.stop()
    #expect(fixture.life.load == Load(maximum: 9))
  }

  @Test("a session with a stream lives on when its last connection ends")
  func stays() throws {
    var fixture = try LifeFixture()
    let grant = try fixture.open()
    try fixture.life.connect(in: grant.session, secret: grant.secret, now: fixture.now)
    fixture.life.disconnect(from: grant.session)
    #expect(fixture.life.openSessions.map(\.connections.open) == [0])
  }

  @Test("during a drain an open session may open more connections")
  func drained() throws {
    var fixture = try LifeFixture()
    let grant = try fixture.open()
    try fixture.drain(DrainTerms(message: "Back at ten"))
    try fixture.life.connect(in: grant.session, secret: grant.secret, now: fixture.now)
    #expect(fixture.life.connections == 1)
  }

  @Test("bytes in either direction are activity, at the time when they came")
  func activity() throws {
    var fixture = try LifeFixture()
    let grant = try fixture.open()
    #expect(fixture.life.openSessions[0].activeAt == nil)
    try fixture.life.connect(in: grant.session, secret: grant.secret, now: fixture.now)
    let began = fixture.now
    fixture.pass(seconds: 30)
    let last = began.monotonicMilliseconds + 20_000
    fixture.life.note(Self.traffic(5, at: last), in: grant.session, now: fixture.now)
    let seen = fixture.life.openSessions[0]
    #expect(seen.activeAt == began.wall.adding(milliseconds: 20_000))
    #expect(seen.connections.bytesFromClient == 5)
    #expect(seen.connections.bytesFromApplication == 10)
    // What is counted late does not turn the time back.
    fixture.life.note(Self.traffic(1, at: last - 1_000), in: grant.session, now: fixture.now)
    #expect(fixture.life.openSessions[0].activeAt == seen.activeAt)
    #expect(fixture.life.bytesFromClientTotal == 6)
    // What came last counts in all, though its session is over.
    fixture.life.close(grant.session)
    fixture.life.note(Self.traffic(1, at: last), in: grant.session, now: fixture.now)
    #expect(fixture.life.bytesFromApplicationTotal == 14)
  }

  @Test("an idle limit ends a session whose connections are silent, and no busy one")
  func idle() throws {
    var fixture = try LifeFixture()
    let (silent, busy) = (try fixture.open(), try fixture.open())
    for grant in [silent, busy] {
      try fixture.life.connect(in: grant.session, secret: grant.secret, now: fixture.now)
    }
    try fixture.drain(DrainTerms(closeIdleAfterSeconds: 120))
    fixture.pass(seconds: 119)
    fixture.life.note(
      Self.traffic(1, at: fixture.now.monotonicMilliseconds), in: busy.session, now: fixture.now)
    fixture.pass(seconds: 1)
    #expect(fixture.life.tick(now: fixture.now).map(\.session) == [silent.session])
    #expect(fixture.life.openSessions.map(\.id) == [busy.session])
  }

  @Test("a session without a stream counts as told, and a deadline ends it 60 s later")
  func told() throws {
    var fixture = try LifeFixture()
    let session = try fixture.connect()
    _ = fixture.life.tick(now: fixture.now)
    fixture.pass(seconds: 70)
    _ = fixture.life.tick(now: fixture.now)
    try fixture.drain(DrainTerms(deadline: fixture.now.wall))
    fixture.pass(seconds: 59)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    fixture.pass(seconds: 1)
    #expect(fixture.life.tick(now: fixture.now).map(\.session) == [session])
  }
}
