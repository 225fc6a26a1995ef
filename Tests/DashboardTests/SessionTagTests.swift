import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("The filter of the sessions, and several of them at once")
struct SessionTagTests {
  private func session(_ number: Int, _ user: String) -> SessionInfo {
    SessionInfo(
      session: "s\(number)", kind: .client, user: user, computer: "PC-\(number)",
      since: Fixture.ago(1_000 - Int64(number)), activeAt: nil)
  }

  private func opened(_ users: [String] = ["ana", "ben", "anatol", "carol"]) -> Story {
    var story = Story()
    story.press(.character("4"))
    story.answerSessions(users.enumerated().map { session($0.offset, $0.element) })
    return story
  }

  private func ended(_ story: Story) -> [[String]] {
    story.effects.compactMap { effect in
      if case .endSessions(_, let sessions) = effect { sessions.map(\.info.session) } else { nil }
    }
  }

  @Test("/ in the pane of sessions shows those with the words, Esc shows all again")
  func filter() {
    var story = opened()
    story.press(.character("/"))
    story.type("ANA")
    story.shows("Sessions with: ANA▏")
    story.shows("▸4 Sessions of AOS01: 2 of 4 ─ /ANA")
    story.hides("carol")
    story.press(.enter, .down)
    story.shows("▸ anatol")
    story.press(.escape)
    story.shows("▸4 Sessions of AOS01: 4")
    story.shows("carol")
  }

  @Test("Space tags sessions, and X ends the tagged ones with one request, after a question")
  func several() {
    var story = opened()
    story.press(.character(" "), .down, .character(" "))
    story.shows("2 tagged")
    story.press(.character("X"))
    story.shows("┌─ End 2 sessions ─")
    #expect(story.dialogWords.contains("ana at AOS01, anatol at AOS01. What is not saved is lost."))
    story.press(.enter)
    #expect(ended(story).isEmpty)
    story.press(.character("X"), .character("y"))
    #expect(ended(story) == [["s0", "s2"]])
    #expect(story.commands == [])
    for case .endSessions(let token, _) in story.effects {
      story.send(.answer(token, .ended(1, missed: ["AOS01: no such session"])))
    }
    #expect(story.message == "1 session ended; 1 not: AOS01: no such session")
    story.hides("tagged")
  }

  @Test("* tags all that the filter shows; what it hides is not ended")
  func hidden() {
    var story = opened()
    story.press(.character("*"), .character("/"))
    story.type("ana")
    story.press(.enter, .character("X"), .character("y"))
    #expect(ended(story) == [["s0", "s2"]])
  }

  @Test("more than a hundred at once are refused with the reason")
  func most() {
    var story = opened((0...100).map { "user\($0)" })
    story.press(.character("*"), .character("X"))
    #expect(story.message == "Cannot end session: at most 100 sessions at once.")
    #expect(story.dashboard.overlay == .none)
  }

  @Test("sessions that were found on several servers are ended together, too")
  func found() {
    var story = Story()
    story.press(.character("s"))
    story.type("ana")
    story.press(.enter)
    let sessions = ["AOS03", "AOS04"].enumerated().map {
      FoundSession(session($0.offset, "ana"), at: Fixture.id($0.element))
    }
    for case .findSessions(let token, _) in story.effects {
      let found = SessionFindings(sessions: sessions, more: false, unanswered: [])
      story.send(.answer(token, .found(found)))
    }
    story.press(.character("*"), .character("X"))
    #expect(story.dialogWords.contains("End 2 sessions on 2 servers?"), "\(story.picture)")
    story.press(.character("y"))
    #expect(ended(story) == [["s0", "s1"]])
  }

  @Test("U untags sessions as it does instances")
  func untag() {
    var story = opened()
    story.press(.character("*"), .character("U"), .character("X"))
    story.shows("┌─ End the session of ana ─")
  }
}
