import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: finding a user")
struct SearchStories {
  private func searched(
    _ text: String, _ answer: Answer, columns: Int = 80, rows: Int = 24
  ) -> Story {
    var story = Story(columns: columns, rows: rows)
    story.press(.character("s"))
    story.type(text)
    story.press(.enter)
    for case .findSessions(let token, _) in story.effects {
      story.send(.answer(token, answer))
    }
    return story
  }

  private let found = Answer.found(
    SessionFindings(
      sessions: [
        FoundSession(Fixture.carol, at: Fixture.id("AOS03")),
        FoundSession(Fixture.dave, at: Fixture.id("AOS04")),
      ], more: false,
      unanswered: [UnansweredInstance(id: Fixture.id("AOS07"), reason: "did not answer")]))

  @Test("s asks for a user's sessions on all servers, and names those that did not answer")
  func finds() {
    let story = searched("*a*", found)
    let asked = story.effects.compactMap { effect -> SessionQuery? in
      if case .findSessions(_, let query) = effect { query } else { nil }
    }
    #expect(asked.map(\.user) == ["*a*"])
    #expect(asked.map(\.computer) == [nil])
    story.shows("▸4 Sessions of *a* on all servers: 2")
    story.shows("▸ AOS03 carol PC-7 client 09:12:07 (1h30m)")
    story.shows("AOS04 dave PC-9")
    story.shows("no answer: AOS07")
  }

  @Test("computer: asks for a computer's sessions")
  func computer() {
    let story = searched("computer:pc-7", found)
    let asked = story.effects.compactMap { effect -> SessionQuery? in
      if case .findSessions(_, let query) = effect { query } else { nil }
    }
    #expect(asked.map(\.user) == [nil])
    #expect(asked.map(\.computer) == ["pc-7"])
    story.shows("Sessions on pc-7 on all servers: 2")
  }

  @Test("Enter opens the server of the session found, X asks about that session")
  func uses() {
    var story = searched("ana", found)
    story.press(.down, .character("X"))
    #expect(story.dialogWords.contains("End the session of dave on PC-9 at AOS04?"))
    story.press(.character("y"))
    #expect(story.commands == ["aosctl end AOS04 s2"])
    story.press(.enter)
    story.shows("─ Instance AOS04 ─")
  }

  @Test("nobody found, a refusal and an answer that has not come yet are reported")
  func remarks() {
    searched("ana", .found(SessionFindings(sessions: [], more: false, unanswered: [])))
      .shows("no such session is open")
    searched("ana", .refused("too many searches", warnings: [])).shows(
      "not known: too many searches")
    var story = Story()
    story.press(.character("s"))
    story.type("ana")
    story.press(.enter)
    story.shows("asking all servers")
  }

  @Test("a text that names nobody is not a question")
  func nobody() {
    let story = searched("**", found)
    #expect(story.message.hasPrefix("Not a name: \"**\""))
    #expect(story.effects.isEmpty)
  }

  @Test("Esc goes back to the sessions of the instance; ↑ brings the search back")
  func back() {
    var story = searched("ana", found)
    story.press(.escape)
    story.hides("on all servers")
    story.shows("▸4 Sessions of AOS01")
    story.press(.character("s"), .up)
    story.shows("Find user: ana▏")
    story.press(.escape)
    story.hides("Find user")
  }

  @Test("names from outside are shown clean", arguments: [(40, 10), (80, 24), (200, 60)])
  func clean(columns: Int, rows: Int) {
    let evil = SessionInfo(
      session: "s9", kind: .client, user: "\u{1B}[31mred", computer: "pc\u{7}",
      since: Fixture.ago(10), activeAt: nil)
    let found = SessionFindings(
      sessions: [FoundSession(evil, at: Fixture.id("AOS03"))], more: false, unanswered: [])
    let story = searched("ana", .found(found), columns: columns, rows: rows)
    story.hides("\u{1B}")
    story.shows("AOS03")
  }
}
