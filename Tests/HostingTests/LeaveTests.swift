internal import ClusterModel
internal import Hosting
internal import Testing

@Suite("An instance that is about to stop")
struct LeaveTests {
  @Test("lets no session open, keeps the open ones, and tells each once when the end is")
  func leaves() throws {
    var fixture = try LifeFixture()
    let grant = try fixture.open()
    let end = fixture.now.wall.adding(milliseconds: 90_000)
    let told = fixture.life.leave(endsAt: end)
    #expect(told.map(\.session) == [grant.session])
    #expect(
      told.map(\.message) == [.notice(message: "This server is about to stop.", endsAt: end)])
    #expect(throws: AdmissionRefusal.stopping) { try fixture.open() }
    #expect(fixture.life.connected == 1)
    #expect(fixture.life.leave(endsAt: nil).isEmpty)
    fixture.pass(seconds: 3_600)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    fixture.life.close(grant.session)
    #expect(fixture.life.connected == 0)
    #expect(!fixture.life.isStopping)
  }

  @Test("an instance that takes nobody tells network load balancers a weight of 0, never a state")
  func agentDrain() throws {
    var fixture = try LifeFixture(joined: false)
    #expect(fixture.life.agentAnswer == "up 0%")
    try fixture.obey()
    #expect(fixture.life.agentAnswer == "up 200%")
    try fixture.obey(unlicensed: "no seat is free")
    #expect(fixture.life.agentAnswer == "up 0%")
    try fixture.obey(admission: .rejecting)
    #expect(fixture.life.agentAnswer == "up 0%")
    try fixture.obey(limit: 0)
    #expect(fixture.life.agentAnswer == "up 0%")
    try fixture.obey()
    _ = fixture.life.leave(endsAt: nil)
    #expect(fixture.life.agentAnswer == "up 0%")
  }

  @Test("an instance that serves tells them 100 % of its weight when full, up to 200 % when empty")
  func agentWeight() throws {
    var fixture = try LifeFixture(services: .batch, maximum: 3)
    #expect(fixture.life.agentAnswer == "up 200%")
    try fixture.open(.batch)
    #expect(fixture.life.agentAnswer == "up 167%")
    try fixture.open(.batch)
    try fixture.open(.batch)
    #expect(fixture.life.agentAnswer == "up 100%")
    try fixture.obey(limit: 1)
    #expect(fixture.life.agentAnswer == "up 100%")
  }
}
