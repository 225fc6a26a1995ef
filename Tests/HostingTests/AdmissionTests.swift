internal import ClusterModel
internal import Hosting
internal import Testing

@Suite("Who is let in")
struct AdmissionTests {
  @Test("a client of a kind that the instance serves, while there is a place")
  func letIn() throws {
    var fixture = try LifeFixture(services: .both, maximum: 2)
    let first = try fixture.open(.client)
    let second = try fixture.open(.batch)
    #expect(first.session != second.session)
    #expect(first.secret != second.secret)
    #expect(fixture.life.load == Load(connected: 2, maximum: 2))
    #expect(throws: AdmissionRefusal.full(maximum: 2)) { try fixture.open() }
  }

  @Test("services are refused everywhere, even before a join", arguments: [true, false])
  func services(joined: Bool) throws {
    var fixture = try LifeFixture(services: .both, joined: joined)
    #expect(throws: AdmissionRefusal.rpcOnly) { try fixture.open(.service) }
  }

  @Test(
    "a kind that the instance does not serve is refused",
    arguments: [(ServerServices.application, ClientKind.batch), (.batch, .client)])
  func otherKind(services: ServerServices, kind: ClientKind) throws {
    var fixture = try LifeFixture(services: services)
    #expect(throws: AdmissionRefusal.kindNotServed(kind)) { try fixture.open(kind) }
  }

  @Test("before the first document nobody is")
  func notJoined() throws {
    var fixture = try LifeFixture(joined: false)
    #expect(throws: AdmissionRefusal.notJoined) { try fixture.open() }
    try fixture.obey()
    try fixture.open()
  }

  @Test("rejecting, unlicensed and removed each have their name")
  func byDocument() throws {
    var fixture = try LifeFixture()
    try fixture.open()
    try fixture.obey(admission: .rejecting)
    #expect(throws: AdmissionRefusal.rejectingClients) { try fixture.open() }
    try fixture.obey(admission: .rejecting, unlicensed: "no seat left")
    #expect(throws: AdmissionRefusal.unlicensed("no seat left")) { try fixture.open() }
    try fixture.obey(unlicensed: "no seat left", removed: true)
    #expect(throws: AdmissionRefusal.removed) { try fixture.open() }
    #expect(fixture.life.connected == 1, "open sessions stay open")
    #expect(fixture.life.refusedTotal == 3)
  }

  @Test("a limit goes before the instance's own maximum, and ends no session")
  func limit() throws {
    var fixture = try LifeFixture(maximum: 2)
    try fixture.open()
    try fixture.open()
    try fixture.obey(limit: 1)
    #expect(fixture.life.load == Load(connected: 2, maximum: 1))
    #expect(throws: AdmissionRefusal.full(maximum: 1)) { try fixture.open() }
    try fixture.obey(limit: 3)
    try fixture.open()
    try fixture.obey(limit: 0)
    #expect(throws: AdmissionRefusal.full(maximum: 0)) { try fixture.open() }
    try fixture.obey()
    #expect(fixture.life.load.maximum == 2)
  }

  @Test("a closed session's place is free at once; closing it again changes nothing")
  func close() throws {
    var fixture = try LifeFixture(maximum: 1)
    let grant = try fixture.open()
    #expect(throws: AdmissionRefusal.full(maximum: 1)) { try fixture.open() }
    fixture.life.close(grant.session)
    fixture.life.close(grant.session)
    #expect(fixture.life.connected == 0)
    try fixture.open()
  }

  @Test("a planned stop ends every session and lets nobody in")
  func stop() throws {
    var fixture = try LifeFixture()
    let grants = [try fixture.open(), try fixture.open()]
    let told = fixture.life.stop()
    #expect(Set(told.map(\.session)) == Set(grants.map(\.session)))
    #expect(fixture.life.connected == 0)
    #expect(throws: AdmissionRefusal.stopping) { try fixture.open() }
  }

  @Test("an operator ends one session, once")
  func end() throws {
    var fixture = try LifeFixture()
    let grant = try fixture.open()
    #expect(fixture.life.end(grant.session)?.message == .end(reason: "Ended by an operator."))
    #expect(fixture.life.end(grant.session) == nil)
    #expect(fixture.life.end("nobody") == nil)
  }

  @Test("activity needs the session's own secret")
  func activity() throws {
    var fixture = try LifeFixture()
    let (first, second) = (try fixture.open(), try fixture.open())
    let cases: [(String, String, InstanceLife.ActivityOutcome)] = [
      (first.session, first.secret, .noted), (first.session, second.secret, .wrongSecret),
      (first.session, "", .wrongSecret), ("nobody", first.secret, .unknownSession),
    ]
    for (session, secret, outcome) in cases {
      #expect(
        fixture.life.noteActivity(in: session, secret: secret, now: fixture.now) == outcome)
    }
    #expect(fixture.life.openSessions.filter { $0.activeAt != nil }.map(\.id) == [first.session])
  }
}
