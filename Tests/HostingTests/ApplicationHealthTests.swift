internal import ClusterModel
internal import Hosting
internal import Testing

extension LifeFixture {
  /// A life with an application behind it.
  init(application terms: ApplicationHealth.Terms, maximum: Int = 100) throws {
    try self.init(maximum: maximum)
    life.application = ApplicationHealth(terms)
  }

  /// What is to be tried now.
  mutating func step() -> ApplicationHealth.Probe? {
    let connections = life.connections
    return life.application?.tick(connections: connections, now: now)
  }

  mutating func probed(_ probe: ApplicationHealth.Probe, _ result: ApplicationHealth.ProbeResult) {
    life.application?.probed(probe, result, now: now)
  }

  /// A client's connection that fails.
  mutating func failConnect(_ reason: String = "Connection refused") {
    life.application?.connectFailed(reason, now: now)
  }
}

@Suite("The health of an application")
struct ApplicationHealthTests {
  @Test("is looked at at once, and every 10 s while no tunnel is open")
  func everyTenSeconds() throws {
    var fixture = try LifeFixture(application: .init())
    #expect(fixture.step() == .connection)
    #expect(fixture.step() == nil, "one is under way")
    fixture.probed(.connection, .opened)
    fixture.pass(milliseconds: 9_999)
    #expect(fixture.step() == nil)
    fixture.pass(milliseconds: 1)
    #expect(fixture.step() == .connection)
    fixture.probed(.connection, .opened)
    let session = try fixture.connect()
    fixture.pass(seconds: 10)
    #expect(fixture.step() == nil, "a tunnel is open")
    fixture.life.disconnect(from: session)
    fixture.pass(seconds: 10)
    #expect(fixture.step() == .connection)
  }

  @Test("is looked at at once after a failed CONNECT, whatever tunnels are open")
  func afterFailure() throws {
    var fixture = try LifeFixture(application: .init())
    _ = fixture.step()
    fixture.probed(.connection, .opened)
    try fixture.connect()
    fixture.pass(seconds: 1)
    fixture.failConnect()
    #expect(fixture.life.application?.down == nil, "the client's word alone shuts nothing")
    #expect(fixture.step() == .connection)
    fixture.probed(.connection, .failed("Connection refused"))
    #expect(fixture.life.application?.down?.reason == "Connection refused")
    #expect(fixture.life.application?.down?.since == fixture.now.wall)
  }

  @Test("is looked at every 2 s while it is down, and keeps the time when that began")
  func whileDown() throws {
    var fixture = try LifeFixture(application: .init())
    _ = fixture.step()
    fixture.probed(.connection, .failed("Connection refused"))
    let since = fixture.now.wall
    for _ in 0..<3 {
      fixture.pass(milliseconds: 1_999)
      #expect(fixture.step() == nil)
      fixture.pass(milliseconds: 1)
      #expect(fixture.life.application?.nextTick == fixture.now.monotonicMilliseconds)
      #expect(fixture.step() == .connection)
      fixture.probed(.connection, .failed("no connection was made in time"))
    }
    #expect(fixture.life.application?.down?.since == since)
    #expect(fixture.life.application?.down?.reason == "no connection was made in time")
    fixture.pass(seconds: 2)
    _ = fixture.step()
    fixture.probed(.connection, .opened)
    #expect(fixture.life.application?.down == nil)
  }

  @Test("goes by the CONNECTs alone with --application-check off")
  func withoutChecks() throws {
    var fixture = try LifeFixture(application: .init(checks: false))
    #expect(fixture.step() == nil)
    #expect(fixture.life.application?.nextTick == nil)
    fixture.failConnect()
    #expect(fixture.life.application?.down?.reason == "Connection refused")
    fixture.pass(seconds: 1)
    #expect(fixture.step() == nil)
    #expect(fixture.life.application?.down != nil)
    fixture.pass(seconds: 1)
    #expect(fixture.step() == nil)
    #expect(fixture.life.application?.down == nil, "the next client finds out")
    fixture.failConnect()
    fixture.life.application?.connected()
    #expect(fixture.life.application?.down == nil)
  }

  @Test("while it is down, no new session opens, and open ones stay and may try")
  func refusals() throws {
    var fixture = try LifeFixture(application: .init())
    let grant = try fixture.open()
    _ = fixture.step()
    fixture.probed(.connection, .failed("Connection refused"))
    #expect(throws: AdmissionRefusal.applicationDown("Connection refused")) { try fixture.open() }
    #expect(throws: AdmissionRefusal.applicationDown("Connection refused")) {
      try fixture.connect()
    }
    #expect(fixture.life.connected == 1)
    try fixture.life.connect(in: grant.session, secret: grant.secret, now: fixture.now)
    #expect(fixture.life.agentAnswer == "up 0%")
    fixture.life.application?.connected()
    try fixture.open()
  }

  @Test("is told in the load feed when it changes")
  func feed() throws {
    var fixture = try LifeFixture(application: .init())
    var cursor = LoadCursor(after: fixture.life)
    #expect(
      fixture.life.report(for: &cursor, now: fixture.now) == .report(connected: 0, tickets: []))
    _ = fixture.step()
    fixture.probed(.connection, .failed("Connection refused"))
    fixture.pass(seconds: 1)
    let down = ApplicationStatus(
      .down, since: fixture.now.wall.adding(milliseconds: -1_000), reason: "Connection refused")
    #expect(
      fixture.life.report(for: &cursor, now: fixture.now)
        == .report(connected: 0, tickets: [], application: down))
    #expect(fixture.life.report(for: &cursor, now: fixture.now) == .quiet)
    fixture.life.application?.connected()
    fixture.pass(seconds: 1)
    #expect(
      fixture.life.report(for: &cursor, now: fixture.now) == .report(connected: 0, tickets: []))
  }

  @Test("does not concern an instance without an application")
  func none() throws {
    var fixture = try LifeFixture()
    #expect(fixture.life.application == nil)
    try fixture.open()
  }
}
