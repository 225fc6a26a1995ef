internal import ClusterModel
internal import Hosting
internal import Testing

extension LifeFixture {
  /// A client whose tunnel the application ends at once.
  mutating func connectInVain() throws {
    let session = try connect()
    life.application?.connected()
    life.application?.tunnelBroke()
    life.disconnect(from: session)
  }

  /// A client whose tunnel holds.
  mutating func connectWell() throws {
    let session = try connect()
    life.application?.connected()
    life.application?.tunnelHeld()
    life.disconnect(from: session)
  }

  /// Carries out what is to be tried, with an application that does so to silent connections.
  mutating func look(_ result: ApplicationHealth.ProbeResult) {
    while let probe = step() { probed(probe, probe == .silence ? result : .opened) }
  }
}

@Suite("An application that ends every connection at once")
struct BlackHoleTests {
  @Test("shuts the instance after eight broken tunnels of the last ten, and a silent connection")
  func eightOfTen() throws {
    var fixture = try LifeFixture(application: .init())
    fixture.look(.endedAtOnce)
    for _ in 0..<20 { try fixture.connectWell() }
    for _ in 0..<7 { try fixture.connectInVain() }
    try fixture.connectWell()
    #expect(fixture.step() == nil)
    try fixture.connectInVain()
    #expect(fixture.step() == .silence)
    #expect(fixture.life.application?.down == nil, "only its own connection shuts anything")
    fixture.probed(.silence, .endedAtOnce)
    let down = try #require(fixture.life.application?.down)
    #expect(down.reason?.hasPrefix("black hole") == true)
    #expect(throws: AdmissionRefusal.applicationDown(down.reason ?? "")) { try fixture.open() }
  }

  @Test("is not shut by strangers who send it garbage, since a silent connection stays")
  func garbage() throws {
    var fixture = try LifeFixture(application: .init())
    fixture.look(.opened)
    for _ in 0..<1_000 {
      try fixture.connectInVain()
      fixture.look(.opened)
      #expect(fixture.life.application?.down == nil)
    }
  }

  @Test("stays shut for 5, 10, 20, at most 60 s, and one client at a time is let in between")
  func pauses() throws {
    var fixture = try LifeFixture(application: .init())
    fixture.look(.endedAtOnce)
    for _ in 0..<8 { try fixture.connectInVain() }
    fixture.look(.endedAtOnce)
    let since = fixture.life.application?.down?.since
    for seconds: Int64 in [5, 10, 20, 40, 60, 60] {
      fixture.pass(milliseconds: seconds * 1_000 - 1)
      fixture.look(.endedAtOnce)
      #expect(throws: AdmissionRefusal.self) { try fixture.connect() }
      fixture.pass(milliseconds: 1)
      fixture.look(.endedAtOnce)
      #expect(fixture.life.application?.down == nil)
      let session = try fixture.connect()
      #expect(throws: AdmissionRefusal.self) { try fixture.connect() }
      fixture.life.application?.tunnelBroke()
      fixture.life.disconnect(from: session)
      #expect(throws: AdmissionRefusal.self) { try fixture.open() }
      fixture.look(.endedAtOnce)
      #expect(fixture.life.application?.down?.since == since)
    }
  }

  @Test("is open again as soon as a tunnel holds, or a silent connection stays")
  func recovery() throws {
    for bySilence in [true, false] {
      var fixture = try LifeFixture(application: .init())
      fixture.look(.endedAtOnce)
      for _ in 0..<8 { try fixture.connectInVain() }
      fixture.look(.endedAtOnce)
      fixture.pass(seconds: 5)
      fixture.look(.endedAtOnce)
      if bySilence {
        try fixture.connectInVain()
        fixture.look(.opened)
      } else {
        try fixture.connectWell()
      }
      for _ in 0..<5 { try fixture.open() }
      for _ in 0..<7 { try fixture.connectInVain() }
      #expect(fixture.life.application?.down == nil, "what was is forgotten")
    }
  }

  @Test("keeps nobody out for longer than 10 s where the one client opens no tunnel")
  func idleTrial() throws {
    var fixture = try LifeFixture(application: .init())
    fixture.look(.endedAtOnce)
    for _ in 0..<8 { try fixture.connectInVain() }
    fixture.look(.endedAtOnce)
    fixture.pass(seconds: 5)
    fixture.look(.endedAtOnce)
    try fixture.open()
    fixture.pass(milliseconds: 9_999)
    fixture.look(.endedAtOnce)
    #expect(throws: AdmissionRefusal.self) { try fixture.open() }
    fixture.pass(milliseconds: 1)
    fixture.look(.endedAtOnce)
    try fixture.open()
  }

  @Test("is let alone with --application-guard off")
  func off() throws {
    var fixture = try LifeFixture(application: .init(guards: false))
    fixture.look(.endedAtOnce)
    for _ in 0..<100 { try fixture.connectInVain() }
    #expect(fixture.step() == nil)
    #expect(fixture.life.application?.down == nil)
  }

  @Test("of four servers is met by fewer than 20 of 1,000 new clients")
  func fourServers() throws {
    var servers = try (0..<4).map { _ in try LifeFixture(application: .init(), maximum: 1_000) }
    for index in servers.indices { servers[index].look(.endedAtOnce) }
    var met = 0
    // Half a minute of arrivals, each of which goes to the server with the smallest workload that
    // is in the list, as its load feed says.
    for _ in 0..<1_000 {
      for index in servers.indices {
        servers[index].pass(milliseconds: 30)
        servers[index].look(.endedAtOnce)
      }
      let listed = servers.indices.filter { servers[$0].life.application?.down == nil }
      let best = try #require(
        listed.min { servers[$0].life.connected < servers[$1].life.connected })
      if best == 0 {
        met += 1
        try servers[0].connectInVain()
        servers[0].look(.endedAtOnce)
      } else {
        try servers[best].connect()
        servers[best].life.application?.tunnelHeld()
      }
    }
    #expect(met < 20)
    #expect(servers.map(\.life.connected).reduce(0, +) == 1_000 - met)
  }
}
