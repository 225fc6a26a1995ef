import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

/// A dialog is about what the operator sees: what others change meanwhile is shown first.
@Suite("Dialogs do nothing unseen")
struct DialogNewsTests {
  private func performed(_ story: Story) -> [Order] {
    story.effects.compactMap { if case .perform(_, let order) = $0 { order } else { nil } }
  }

  private func isOpen(_ story: Story) -> Bool {
    if case .dialog = story.dashboard.overlay { true } else { false }
  }

  /// Bob drains AOS01 under the same terms as the test wants.
  private func drain(_ story: inout Story, _ terms: DrainTerms, why: String? = nil) {
    story.change { snapshot in
      var server = Fixture.server(
        "AOS01", 41, of: 60, admission: .rejecting, by: "bob", why: why, seat: 1,
        drain: Drain(startedAt: Fixture.ago(-9), startedWith: 41, terms: terms))
      server.admissionAt = Fixture.ago(-9)
      snapshot.insert(server)
    }
  }

  private func opened(_ key: Character = "D", columns: Int = 80, rows: Int = 24) -> Story {
    var story = Story(columns: columns, rows: rows)
    story.press(.character(key))
    story.answerDryRuns(.fine())
    return story
  }

  @Test("another operator's drain is named under an open dialog, with its terms")
  func named() {
    var story = opened()
    drain(
      &story, DrainTerms(deadline: Fixture.now.adding(milliseconds: 1_800_000)), why: "KB5")
    let words = "bob drained AOS01 at 10:42:16 (KB5); its sessions end in 30 min, 11:12 UTC."
    #expect(story.dialogWords.contains(words), "\(story.picture)")
    #expect(story.effects.contains(.bell))
  }

  @Test("the new terms stand in the fields, and sent as they are they lift none of them")
  func taken() {
    var story = opened()
    let deadline = Fixture.now.adding(milliseconds: 1_800_000)
    drain(&story, DrainTerms(message: "Back at six", deadline: deadline))
    story.answerDryRuns(.fine())
    story.shows("[Back at six ")
    story.shows("[2026-03-01 11:12:07 ")
    story.press(.character("y"), .character("y"))
    let terms = DrainTerms(message: "Back at six", deadline: deadline)
    #expect(performed(story) == [Order(.drain(Fixture.ids("AOS01"), terms: terms))])
  }

  @Test("what was typed already stays; the other fields take the new terms")
  func typed() {
    var story = opened()
    story.tab(to: .field(.message))
    story.type("Save now")
    drain(&story, DrainTerms(message: "Back at six", untilRestart: true))
    story.shows("[Save now▏")
    story.shows("[x] enable again after its restart")
    story.shows("message: Back at six")
  }

  @Test("the key that would confirm is refused once after a change by somebody else")
  func refusedOnce() {
    var story = opened()
    drain(&story, .plain)
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    #expect(performed(story).isEmpty)
    story.shows("another operator changed this: read it, then press the key again")
    story.press(.character("y"))
    #expect(performed(story).count == 1)
  }

  @Test("two changes by others require two looks")
  func refusedTwice() {
    var story = opened()
    drain(&story, .plain)
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    story.change { $0.insert(Fixture.server("AOS01", 41, of: 60, by: "carol", seat: 1)) }
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    #expect(performed(story).isEmpty)
    #expect(isOpen(story))
  }

  @Test("a maximum that another operator sets is named with its operator")
  func maximum() {
    var story = opened("M")
    story.send(.action(Fixture.action(40, 0, "dora", .limit, "AOS01", nil, "maximum 8", true)))
    story.change { $0.insert(Fixture.server("AOS01", 41, of: 8, seat: 1, limit: 8)) }
    story.shows("dora set the maximum of AOS01 to 8.")
  }

  @Test("sessions that come and go change nothing that was ordered")
  func loads() {
    var story = opened()
    story.setSessions("AOS01", 39)
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    #expect(performed(story).count == 1)
  }

  @Test("a tag that the filter hides is left out, and the dialog says so")
  func hiddenTag() {
    var story = Story(columns: 120, rows: 40)
    story.press(.character(" "), .down, .character(" "), .character("/"))
    story.type("AOS01")
    story.press(.enter, .character("D"))
    story.answerDryRuns(.fine())
    story.shows("┌─ Drain AOS01 ─")
    story.shows("1 tagged instance is hidden by the filter: it is left out.")
    story.press(.character("y"))
    #expect(performed(story).map(\.command.ids) == [Fixture.ids("AOS01")])
  }

  @Test("visible again, the tag counts again")
  func shownTag() {
    var story = Story(columns: 120, rows: 40)
    story.press(.character(" "), .down, .character(" "), .character("/"))
    story.type("AOS01")
    story.press(.enter, .escape, .character("D"))
    story.shows("┌─ Drain 2 instances ─")
    story.hides("hidden by the filter")
  }

  @Test("the reason comes first, and ↑ brings back the reasons of the log, newest first")
  func reasons() {
    var story = opened()
    story.tab(to: .confirm)
    story.press(.tab)
    story.press(.up)
    story.shows("[patching the kernel▏")
  }

  @Test("absolute times stand with the span: in 30 min, 11:12 UTC")
  func times() {
    var story = opened()
    story.tab(to: .field(.deadline))
    story.type("11:12")
    let words = "all sessions end in 30 min, 11:12 UTC."
    #expect(story.dialogWords.contains(words), "\(story.picture)")
  }

  @Test("the dialog shows who is connected: the oldest, the last active, batch")
  func connected() {
    var story = opened()
    let batch = SessionInfo(
      session: "s3", kind: .batch, user: "night", computer: "B1", since: Fixture.ago(60),
      activeAt: nil)
    let erin = SessionInfo(
      session: "s4", kind: .client, user: "erin", computer: "PC-2", since: Fixture.ago(90),
      activeAt: Fixture.ago(5))
    story.answerSessions([Fixture.dave, batch, Fixture.carol, erin])
    let words =
      "Connected: carol on PC-7 for 1h30m (oldest), erin on PC-2 active 5s ago (last), "
      + "1 batch job."
    #expect(story.dialogWords.contains(words), "\(story.picture)")
  }

  @Test("where nobody is connected, or nothing is known, nothing is reported of it")
  func nobody() {
    var story = opened()
    for case .sessions(let token, _) in story.effects {
      story.send(.answer(token, .failed("timed out")))
    }
    story.hides("Connected")
    story.hides("timed out")
    var away = Story()
    away.press(.down, .down, .down, .down, .down, .down, .character("D"))
    #expect(!away.effects.contains { if case .sessions = $0 { true } else { false } })
  }

  @Test("enabling an accepting instance says so and asks nothing")
  func enabled() {
    var story = Story()
    story.press(.character("E"))
    #expect(story.message == "AOS01 is enabled already.")
    #expect(!isOpen(story))
    #expect(story.effects.isEmpty)
  }

  /// AOS01 is drained by this screen; the answer is on its way.
  private func sent() -> (story: Story, token: RequestToken?) {
    var story = opened()
    story.press(.character("y"))
    let tokens = story.effects.compactMap { effect -> RequestToken? in
      if case .perform(let token, _) = effect { token } else { nil }
    }
    return (story, tokens.first)
  }

  private var drainedHere: InstanceStatus {
    var server = Fixture.server(
      "AOS01", 41, of: 60, admission: .rejecting, by: "you", seat: 1,
      drain: Drain(startedAt: Fixture.ago(-1), startedWith: 41))
    server.admissionAt = Fixture.ago(-1)
    return server
  }

  private func answer(_ story: inout Story, _ token: RequestToken?) throws {
    let impact = Impact(handshakeList: [], workloadBefore: nil, workloadAfter: nil, warnings: [])
    story.send(
      .answer(
        try #require(token), .done(instances: [drainedHere], delivered: true, impact: impact)))
  }

  @Test("a key right after a change is about the cluster as this change leaves it")
  func atOnce() throws {
    var (story, token) = sent()
    story.press(.character("E"))
    #expect(isOpen(story))
    let words =
      "Enable AOS01 (41/60 sessions)? New clients can log on again. Your drain of AOS01 "
      + "has no answer yet."
    #expect(story.dialogWords.contains(words), "\(story.picture)")
    try answer(&story, token)
    story.hides("has no answer yet")
    story.shows("New clients can log on again.")
    story.press(.escape, .character("D"))
    #expect(story.dialogWords.contains("Already draining since 10:42 (you)."), "\(story.picture)")
  }

  @Test("the own change is nobody else's, whichever comes first: its answer or the feed")
  func own() throws {
    for isAnswerFirst in [true, false] {
      var (story, token) = sent()
      story.press(.character("E"))
      if isAnswerFirst { try answer(&story, token) }
      story.change { $0.insert(drainedHere) }
      if !isAnswerFirst { try answer(&story, token) }
      story.hides("you drained AOS01")
      story.answerDryRuns(.fine())
      story.press(.character("y"))
      #expect(
        performed(story).map(\.command) == [
          .drain(Fixture.ids("AOS01")), .enable(Fixture.ids("AOS01")),
        ])
    }
  }

  @Test("another operator's change after the own one is named all the same")
  func afterOwn() throws {
    var (story, token) = sent()
    story.press(.character("E"))
    try answer(&story, token)
    story.change { $0.insert(drainedHere) }
    drain(&story, .plain, why: "KB5")
    #expect(story.dialogWords.contains("bob drained AOS01 at 10:42:16 (KB5)."), "\(story.picture)")
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    #expect(performed(story).count == 1)
  }

  @Test("a forced removal says what happens to the open sessions")
  func removal() {
    var story = opened("X")
    story.tab(to: .field(.force))
    story.press(.character(" "))
    let words = "The 41 open sessions stay connected until their users leave."
    #expect(story.dialogWords.contains(words), "\(story.picture)")
  }

  @Test(
    "a dialog that does not fit says so and scrolls; what ends is the last to go",
    arguments: [(40, 8), (40, 10), (80, 24), (110, 30), (160, 50), (200, 60)])
  func scrolls(columns: Int, rows: Int) {
    var story = opened(columns: columns, rows: rows)
    story.answerSessions([Fixture.carol, Fixture.dave])
    story.tab(to: .field(.deadline))
    story.type("30m")
    let text = story.dialogWords.lowercased()
    #expect(text.contains("all sessions end in 30 min, 11:12 utc"), "\(story.picture)")
    let isWhole = story.picture.contains("carol") && story.picture.contains("[ Drain ]")
    guard !isWhole else { return }
    story.shows("page 1 of ")
    var seen = ""
    for _ in 0..<30 {
      seen += story.dialogWords
      story.press(.pageDown)
    }
    #expect(seen.contains("carol"), "\(seen)")
  }
}
