import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("The terms of a drain")
struct TermsTests {
  private func filled(_ texts: [String], tick: Bool = false) -> Story {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.tab(to: .field(.message))
    for text in texts {
      story.type(text)
      story.press(.tab)
    }
    if tick { story.press(.character(" ")) }
    return story
  }

  private func sent(_ story: Story) -> Order? {
    for case .perform(_, let mutation) in story.effects { return mutation }
    return nil
  }

  @Test("message, deadline, idle limit and restart are sent as they were filled in")
  func all() {
    var story = filled(["Back at six", "30m", "10m"], tick: true)
    story.answerDryRuns(.fine())
    let deadline = Fixture.now.adding(milliseconds: 1_800_000)
    #expect(story.picture.contains("No new clients; sessions idle for 10m"))
    #expect(story.picture.contains("11:12 UTC"))
    story.press(.tab, .character("y"))
    let terms = DrainTerms(
      message: "Back at six", closeIdleAfterSeconds: 600, deadline: deadline, untilRestart: true)
    let mutation = Order(.drain(Fixture.ids("AOS01"), terms: terms))
    #expect(sent(story) == mutation)
    #expect(
      mutation.commandLine(at: Fixture.now)
        == "aosctl drain AOS01 --message 'Back at six' --close-idle-after 600s --deadline 1800s"
        + " --until-restart")
  }

  @Test("what is not filled in is not sent")
  func none() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    #expect(story.picture.contains("no session is ended"))
    story.press(.character("y"))
    #expect(sent(story) == Order(.drain(Fixture.ids("AOS01"))))
  }

  @Test("a span counts from the moment it is sent")
  func later() {
    var story = filled(["", "30m"])
    story.wait(milliseconds: 60_000)
    #expect(story.picture.contains("11:13 UTC"))
    story.press(.tab, .tab, .character("y"))
    guard case .drain(_, _, let terms)? = sent(story)?.command else {
      Issue.record("not sent")
      return
    }
    #expect(terms.deadline == Fixture.now.adding(milliseconds: 1_860_000))
  }

  @Test(
    "a deadline is a span or the next such time of day in UTC",
    arguments: [
      ("90s", "2026-03-01T10:43:37.000Z"), ("1h30m", "2026-03-01T12:12:07.000Z"),
      ("2d", "2026-03-03T10:42:07.000Z"), ("22:30", "2026-03-01T22:30:00.000Z"),
      ("9:05", "2026-03-02T09:05:00.000Z"), ("10:42", "2026-03-02T10:42:00.000Z"),
      ("00:00", "2026-03-02T00:00:00.000Z"),
    ])
  func deadline(text: String, time: String) {
    #expect(SpokenTime.deadline(text, at: Fixture.now) == Timestamp(time))
  }

  @Test(
    "what is not a deadline is refused at once, and not sent",
    arguments: ["30", "m", "30x", "24:00", "12:60", "1:2", "-5m", "0m", "30m1h", "9999999999d"])
  func noDeadline(text: String) {
    var story = filled(["", text])
    #expect(story.picture.contains("deadline must be a span such as 30m"))
    story.tab(to: .cancel)
    story.press(.character("y"))
    #expect(sent(story) == nil)
  }

  @Test("an idle limit is a second to a day", arguments: ["25h", "0s", "10"])
  func noIdle(text: String) {
    let story = filled(["", "", text])
    #expect(story.picture.contains("the idle time must be 1s to 24h"))
    #expect(story.picture.contains("no session is ended"))
  }

  @Test("on the smallest screen the field in focus is in sight")
  func small() {
    var story = Story(columns: 40, rows: 10)
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    for label in ["restart", "End idle", "Deadline", "Message", "Reason"] {
      story.press(.backTab)
      #expect(story.picture.contains(label))
      #expect(story.picture.contains("Cancel"))
    }
  }

  /// A dialog that drains AOS05, which is drained under these terms.
  private func again(_ terms: DrainTerms) -> Story {
    var story = Story()
    story.change { snapshot in
      var server = snapshot[Fixture.id("AOS05")]!
      server.drain = Drain(startedAt: Fixture.ago(600), startedWith: 44, terms: terms)
      snapshot.insert(server)
    }
    story.press(.down, .down, .down, .down, .character("D"))
    story.answerDryRuns(.fine())
    return story
  }

  @Test(
    "a drain that is sent again as its dialog opened keeps every term",
    arguments: [
      DrainTerms.plain, DrainTerms(message: "Back at six"),
      DrainTerms(closeIdleAfterSeconds: 90), DrainTerms(untilRestart: true),
      DrainTerms(deadline: Fixture.now.adding(milliseconds: 1_800_123)),
      DrainTerms(deadline: Fixture.now.adding(milliseconds: 9 * 86_400_000)),
    ])
  func kept(terms: DrainTerms) {
    var story = again(terms)
    story.press(.character("y"))
    #expect(
      sent(story) == Order(.drain(Fixture.ids("AOS05"), terms: terms)))
  }

  @Test("a term that is emptied is lifted, and a deadline that is over is none")
  func lifted() {
    var story = again(DrainTerms(message: "Back at six", deadline: Fixture.ago(-1_800)))
    story.tab(to: .field(.deadline))
    story.press(.control("u"))
    story.tab(to: .cancel)
    story.press(.character("y"))
    #expect(
      sent(story)
        == Order(.drain(Fixture.ids("AOS05"), terms: DrainTerms(message: "Back at six"))))
    var late = again(DrainTerms(deadline: Fixture.ago(1)))
    late.press(.character("y"))
    #expect(
      sent(late) == Order(.drain(Fixture.ids("AOS05"))))
  }

  @Test("several servers with different drain terms all get the new terms, and the dialog says so")
  func several() {
    var story = Story(columns: 90, rows: 40)
    story.press(.character(" "), .down, .down, .down, .character(" "), .character("D"))
    story.answerDryRuns(.fine())
    let words = story.picture.split(whereSeparator: { " │\n".contains($0) })
    let text = words.joined(separator: " ")
    #expect(text.contains("1 of them rejects new clients already; all get"))
  }

  @Test(
    "spans are written as they are typed",
    arguments: [(1, "1s"), (90, "1m30s"), (600, "10m"), (5_400, "1h30m"), (86_400, "1d")])
  func written(seconds: Int, text: String) {
    #expect(SpanText.text(seconds) == text)
    #expect(SpanText.seconds(text) == seconds)
  }
}
