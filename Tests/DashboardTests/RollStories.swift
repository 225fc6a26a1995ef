import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: a rolling restart")
struct RollStories {
  /// AOS01 and AOS04 are tagged, and `N` is pressed.
  private func opened(columns: Int = 120, rows: Int = 40) -> Story {
    var story = Story(columns: columns, rows: rows)
    story.press(.character(" "), .down, .down, .character(" "), .character("N"))
    story.answerDryRuns(.fine())
    return story
  }

  private func drained(_ name: String, _ left: Int, seconds: Int64) -> InstanceStatus {
    let at = Fixture.ago(-seconds)
    var server = Fixture.server(
      name, left, of: 60, admission: .rejecting, by: "you", seat: 1,
      drain: Drain(startedAt: at, startedWith: 41, terms: DrainTerms(untilRestart: true)))
    server.admissionAt = at
    return server
  }

  private func restarted(_ name: String, seconds: Int64) -> InstanceStatus {
    var server = Fixture.server(name, 0, of: 60, seat: 1)
    server.startedAt = Fixture.ago(-seconds)
    server.admissionAt = Fixture.ago(-seconds)
    return server
  }

  /// The first one is drained, by this screen.
  private func begun() -> Story {
    var story = opened()
    story.press(.character("y"))
    let server = drained("AOS01", 41, seconds: 1)
    story.carryOut([server]) { $0.insert(server) }
    return story
  }

  private func isAsking(_ story: Story) -> Bool {
    if case .dialog = story.dashboard.overlay { true } else { false }
  }

  @Test("one dialog sets the terms for all tagged; the first is drained until its restart")
  func begins() {
    var story = opened()
    story.shows("┌─ Rolling restart: AOS01 ─")
    let words = "When it is back in the list, you are asked about the next: AOS04."
    #expect(story.dialogWords.contains(words), "\(story.picture)")
    story.tab(to: .field(.message))
    story.type("Save now")
    story.tab(to: .cancel)
    story.press(.character("y"))
    #expect(story.commands == ["aosctl drain AOS01 --message 'Save now' --until-restart"])
    story.hides("tagged")
  }

  @Test("where it stands is on the screen until it is over")
  func standing() {
    var story = begun()
    story.shows("ROLLING RESTART, 0 of 2 restarted: AOS01 drains, 41 sessions left")
    story.change { $0.insert(drained("AOS01", 0, seconds: 1)) }
    story.shows("AOS01 is drained: restart it now")
  }

  @Test("when it is back in the list, the next is offered: Enter stays on Cancel, y goes on")
  func offers() {
    var story = begun()
    story.change { $0.insert(restarted("AOS01", seconds: 60)) }
    story.answerDryRuns(.fine())
    story.shows("┌─ Rolling restart: AOS04 ─")
    story.shows("[▸Cancel◂]")
    story.press(.enter)
    #expect(story.commands.count == 1)
    story.shows("ROLLING RESTART, 1 of 2 restarted: AOS04 is next (N)")
    story.wait(milliseconds: 60_000)
    #expect(!isAsking(story))
    story.press(.character("N"))
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    #expect(story.commands.last == "aosctl drain AOS04 --until-restart")
    let server = drained("AOS04", 0, seconds: 70)
    story.carryOut([server]) { $0.insert(server) }
    story.change { $0.insert(restarted("AOS04", seconds: 90)) }
    story.shows("Rolling restart done: 2 instances.")
    story.hides("ROLLING RESTART")
  }

  @Test("the terms of the first turn are those of the next, and can be changed there")
  func terms() {
    var story = opened()
    story.tab(to: .field(.message))
    story.type("Save now")
    story.tab(to: .cancel)
    story.press(.character("y"))
    let server = drained("AOS01", 41, seconds: 1)
    story.carryOut([server]) { $0.insert(server) }
    story.change { $0.insert(restarted("AOS01", seconds: 60)) }
    story.answerDryRuns(.fine())
    story.shows("[Save now ")
  }

  @Test("the offer waits for the end of whatever is typed or asked, and rings")
  func waits() {
    var story = begun()
    story.press(.character("/"))
    story.change { $0.insert(restarted("AOS01", seconds: 60)) }
    #expect(!isAsking(story))
    story.press(.escape)
    #expect(isAsking(story))
    #expect(story.effects.contains(.bell))
  }

  @Test("it pauses, and says why, when something else is lost")
  func lost() {
    var story = begun()
    story.change { snapshot in
      snapshot.insert(restarted("AOS01", seconds: 60))
      snapshot.insert(Fixture.server("AOS03", 37, of: 200, health: .unreachable, seat: 3))
    }
    #expect(!isAsking(story))
    story.shows("paused before AOS04: AOS03 lost")
    story.change { $0.insert(Fixture.server("AOS03", 37, of: 200, seat: 3)) }
    #expect(isAsking(story))
  }

  @Test("it pauses, and says why, when the load of the rest would become critical")
  func load() {
    var story = begun()
    story.change { snapshot in
      snapshot.insert(restarted("AOS01", seconds: 60))
      snapshot.setLoad(Load(connected: 199, maximum: 200), of: Fixture.id("AOS03"))
      snapshot.setLoad(Load(connected: 60, maximum: 60), of: Fixture.id("AOS01"))
    }
    #expect(!isAsking(story))
    story.shows("paused before AOS04: the others would be ")
  }

  @Test("one that does not come back is waited for, and N ends it all after a question")
  func ends() {
    var story = begun()
    story.change {
      $0.insert(Fixture.server("AOS01", 0, of: 60, health: .unreachable, seat: 1))
    }
    story.shows("AOS01 is unreachable")
    story.press(.character("N"))
    #expect(story.dialogWords.contains("Not begun: AOS04."), "\(story.picture)")
    story.press(.character("y"))
    #expect(story.message == "Rolling restart ended; not restarted: AOS01, AOS04.")
    #expect(story.commands.count == 1)
    story.hides("ROLLING RESTART")
  }

  @Test("a refused drain goes on with nothing, and N offers the same instance again")
  func refused() {
    var story = opened()
    story.press(.character("y"))
    story.refuse("the registry is away")
    story.shows("drain AOS01 refused: the registry is away")
    story.change { $0.handshakes.total += 1 }
    #expect(story.commands.count == 1)
    story.shows("ROLLING RESTART, 0 of 2 restarted: AOS01 is next (N)")
    #expect(!isAsking(story))
    story.press(.character("N"))
    story.shows("┌─ Rolling restart: AOS01 ─")
  }

  @Test("a dedicated load balancer cannot be restarted so")
  func balancer() {
    var story = Story()
    story.press(.end, .character("N"))
    #expect(story.message.contains("LB1 is a dedicated load balancer"))
    #expect(!isAsking(story))
  }
}
