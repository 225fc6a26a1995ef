internal import ClusterModel
internal import Hosting
internal import Testing

@Suite("Which desired state an instance obeys")
struct ObedienceTests {
  @Test("the highest revision wins, however late the others come")
  func highest() throws {
    var fixture = try LifeFixture(joined: false)
    let drained = try LifeFixture.desired(revision: 5, admission: .rejecting)
    #expect(fixture.life.obey(drained, byJoin: false, now: fixture.now) == .obeyed([]))
    for revision in [Int64(0), 1, 4] {
      let late = try LifeFixture.desired(revision: revision)
      for byJoin in [false, true] {
        #expect(
          fixture.life.obey(late, byJoin: byJoin, now: fixture.now) == .outdated(known: 5))
      }
    }
    #expect(fixture.life.admission == .rejecting)
    #expect(fixture.life.obey(drained, byJoin: false, now: fixture.now) == .known)
    #expect(fixture.life.revision == 5)
  }

  @Test("another registry is obeyed only as the answer to a join, then with any revision")
  func otherRegistry() throws {
    var fixture = try LifeFixture(joined: false)
    let old = try LifeFixture.desired(revision: 9, admission: .rejecting)
    let new = try LifeFixture.desired(revision: 1, epoch: "e2")
    _ = fixture.life.obey(old, byJoin: true, now: fixture.now)
    #expect(fixture.life.obey(new, byJoin: false, now: fixture.now) == .otherRegistry)
    #expect(fixture.life.desired == old)
    #expect(fixture.life.obey(new, byJoin: true, now: fixture.now) == .obeyed([]))
    #expect(fixture.life.desired == new)
  }

  @Test("after a restart the kept state is obeyed before any balancer spoke")
  func restart() throws {
    let kept = try LifeFixture.desired(revision: 4, admission: .rejecting, limit: 7)
    var fixture = try LifeFixture(joined: false, kept: kept)
    #expect(throws: AdmissionRefusal.rejectingClients) { try fixture.open() }
    #expect(fixture.life.load.maximum == 7)
    #expect(fixture.life.cluster == "PROD")
    let older = try LifeFixture.desired(revision: 3)
    #expect(fixture.life.obey(older, byJoin: false, now: fixture.now) == .outdated(known: 4))
  }

  @Test("a drain until restart ends at the restart, under whatever revision it is repeated")
  func untilRestart() throws {
    let start = Timestamp(milliseconds: 1_000)
    let drain = Drain(startedAt: start, startedWith: 2, terms: DrainTerms(untilRestart: true))
    let kept = try LifeFixture.desired(revision: 4, admission: .rejecting, drain: drain)
    var fixture = try LifeFixture(joined: false, kept: kept)
    #expect(fixture.life.admission == .accepting)
    #expect(fixture.life.drain == nil)
    try fixture.open()

    let repeated = try LifeFixture.desired(
      revision: 5, admission: .rejecting, limit: 2, drain: drain)
    _ = fixture.life.obey(repeated, byJoin: true, now: fixture.now)
    #expect(fixture.life.admission == .accepting)

    var again = drain
    again.startedAt = start.adding(milliseconds: 1)
    let later = try LifeFixture.desired(revision: 6, admission: .rejecting, drain: again)
    _ = fixture.life.obey(later, byJoin: false, now: fixture.now)
    #expect(fixture.life.admission == .rejecting)
    #expect(fixture.life.drain == again)
  }

  @Test("a drain of any other kind outlives a restart")
  func plainDrain() throws {
    let drain = Drain(startedAt: Timestamp(milliseconds: 1_000), startedWith: 2)
    let kept = try LifeFixture.desired(revision: 4, admission: .rejecting, drain: drain)
    let fixture = try LifeFixture(joined: false, kept: kept)
    #expect(fixture.life.admission == .rejecting)
    #expect(fixture.life.drain == drain)
  }
}
