internal import ClusterModel
internal import Hosting
internal import Testing

@Suite("An instance that is about to stop")
struct LeaveTests {
  @Test("lets nobody in, keeps who is in, and tells each once when the end is")
  func leaves() throws {
    var fixture = try LifeFixture()
    let grant = try fixture.open()
    let end = fixture.now.wall.adding(milliseconds: 90_000)
    let told = fixture.life.leave(endsAt: end)
    #expect(told.map(\.session) == [grant.session])
    #expect(
      told.map(\.message) == [.notice(message: "This server is about to stop.", endsAt: end)])
    #expect(throws: Refusal.stopping) { try fixture.open() }
    #expect(fixture.life.connected == 1)
    #expect(fixture.life.leave(endsAt: nil).isEmpty)
    fixture.pass(seconds: 3_600)
    #expect(fixture.life.tick(now: fixture.now).isEmpty)
    fixture.life.close(grant.session)
    #expect(fixture.life.connected == 0)
    #expect(!fixture.life.isStopping)
  }

  @Test("and one that rejects clients tells network load balancers to drain it")
  func agentDrain() throws {
    var fixture = try LifeFixture(joined: false)
    #expect(fixture.life.agentAnswer == "drain")
    try fixture.obey()
    #expect(fixture.life.agentAnswer == "up ready 100%")
    try fixture.obey(unlicensed: "no seat is free")
    #expect(fixture.life.agentAnswer == "drain")
    try fixture.obey(admission: .rejecting)
    #expect(fixture.life.agentAnswer == "drain")
    try fixture.obey(limit: 0)
    #expect(fixture.life.agentAnswer == "drain")
    try fixture.obey()
    _ = fixture.life.leave(endsAt: nil)
    #expect(fixture.life.agentAnswer == "drain")
  }

  @Test("while one that serves tells them its free places in per cent, one at least")
  func agentWeight() throws {
    var fixture = try LifeFixture(services: .batch, maximum: 3)
    #expect(fixture.life.agentAnswer == "up ready 100%")
    try fixture.open(.batch)
    #expect(fixture.life.agentAnswer == "up ready 67%")
    try fixture.open(.batch)
    try fixture.open(.batch)
    #expect(fixture.life.agentAnswer == "up ready 1%")
    try fixture.obey(limit: 1)
    #expect(fixture.life.agentAnswer == "up ready 1%")
  }
}
