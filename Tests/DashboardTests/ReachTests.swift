import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Which key works where, and what goes back where")
struct ReachTests {
  /// The texts that fill the screen.
  private static let texts: [[Key]] = [
    [.enter], [.character("?")], [.character("a")], [.enter, .character("?")],
  ]

  @Test("r connects again wherever no text is typed", arguments: texts)
  func reconnect(text: [Key]) {
    var story = Story()
    story.send(.lost(reason: "reset", retryAt: story.now + 60_000))
    for key in text { story.press(key) }
    #expect(story.line(with: " r  Reconnect") != "")
    story.press(.character("r"))
    #expect(story.effects.last == .reconnectNow)
    story.press(.escape, .escape, .character("/"), .character("r"))
    #expect(story.effects.count { $0 == .reconnectNow } == 1)
  }

  @Test("w, z and the keys that look back work in the details", arguments: texts)
  func program(text: [Key]) {
    var story = Story()
    story.wait(milliseconds: 5_000)
    story.change { $0.at = $0.at.adding(milliseconds: 5_000) }
    for key in text { story.press(key) }
    let overlay = story.dashboard.overlay
    story.press(.character("w"))
    #expect(story.line(with: " PROD ").contains("[RO]"))
    story.press(.character("z"))
    #expect(story.picture.contains(" PAUSED at"))
    story.press(.character("z"), .character("["))
    #expect(story.line(with: " PROD ").contains("PAST 10:42:07"))
    story.press(.character("0"))
    #expect(!story.picture.contains("PAST"))
    story.press(.character("b"))
    story.type("10:42")
    #expect(story.line(with: "Time (UTC):").contains("10:42"))
    story.press(.enter)
    #expect(story.picture.contains("PAST"))
    story.press(.character("]"))
    #expect(!story.picture.contains("PAST"))
    #expect(story.dashboard.overlay == overlay)
  }

  @Test("a opens the alerts over any text; Esc and a go back to the details")
  func alerts() {
    var story = Story()
    story.press(.down, .enter, .character("a"))
    #expect(story.picture.contains("─ Alerts ─"))
    story.press(.escape)
    #expect(story.picture.contains("─ Instance AOS02 ─"))
    story.press(.character("?"), .character("a"))
    #expect(story.picture.contains("─ Alerts ─"))
    story.press(.character("a"))
    #expect(story.picture.contains("─ Instance AOS02 ─"))
    story.press(.escape)
    #expect(story.dashboard.overlay == .none)
  }

  @Test("q quits over every text, and Esc goes back", arguments: texts)
  func quit(text: [Key]) {
    var story = Story()
    for key in text { story.press(key) }
    #expect(story.line(with: " Esc  Back").contains(" q  Quit"))
    story.press(.character("q"))
    #expect(story.effects.last == .quit)
    var back = Story()
    for key in text { back.press(key) }
    for _ in text { back.press(.escape) }
    #expect(back.dashboard.overlay == .none)
    #expect(!back.effects.contains(.quit))
  }

  @Test("a dialog that was opened from the details leaves them as they were")
  func beneath() {
    for answer: Key in [.escape, .character("y")] {
      var story = Story(columns: 100, rows: 30)
      story.press(.down, .enter, .down, .character("D"))
      story.answerDryRuns(.fine())
      #expect(story.picture.contains("Drain AOS02 (60/60 sessions)?"))
      #expect(story.picture.contains("─ Instance AOS02 ─"))
      story.press(answer)
      #expect(story.dashboard.overlay == .detail(Fixture.id("AOS02"), offset: 1))
      story.press(.escape, .character("D"), .escape)
      #expect(story.dashboard.overlay == .none)
    }
    var lost = Story()
    lost.press(.enter, .character("D"))
    lost.send(.lost(reason: "reset", retryAt: lost.now + 1_000))
    #expect(lost.dashboard.overlay == .detail(Fixture.id("AOS01"), offset: 0))
  }

  @Test("the key bar offers no key that would do nothing")
  func offered() {
    var story = Story(columns: 200)
    #expect(story.line(with: " q  Quit").contains("Space  Tag"))
    story.press(.character("3"))
    #expect(!story.line(with: " q  Quit").contains("Tag"))
    story.press(.character("4"))
    #expect(!story.line(with: " q  Quit").contains("End"))
    story.press(.character("?"))
    let lines = story.dashboard.overlayLines(columns: 100).map(\.text)
    let words = "end the session under the cursor, or the tagged ones (not now)"
    #expect(lines.contains { $0.hasSuffix(words) })
    story.press(.escape, .character("X"))
    #expect(story.message == "Cannot end session: no session is under the cursor.")
  }

  @Test(
    "a key that can do nothing says why, and the key bar does not offer it",
    arguments: [
      (["3"], " ", "Tag", "only instances can be tagged"),
      ([.enter], .tab, "Pick a session", "no session to pick: asking AOS01"),
      (["4"], "y", "Copy", "no session is under the cursor"),
      (
        ["/", "p", "a", "r", "i", "s", .enter], .enter, "Details",
        "no instance is under the cursor"
      ),
    ] as [([Key], Key, String, String)])
  func obstacles(before: [Key], key: Key, title: String, why: String) {
    var story = Story(columns: 200)
    for key in before { story.press(key) }
    #expect(!story.line(with: " q  Quit").contains(" \(key)  \(title)"))
    let overlay = story.dashboard.overlay
    story.press(key)
    #expect(story.message == why)
    #expect(story.dashboard.overlay == overlay)
  }

  @Test("before there is a picture there is nothing to filter, to pause or to look back to")
  func nothingYet() {
    for key: Key in ["/", "p", "z", "b"] {
      var story = Story(snapshot: nil)
      story.press(key)
      #expect(story.message == "there is no picture yet")
    }
  }

  @Test("where a field has the letters, the key bar offers no y and n")
  func fieldKeys() {
    var story = Story(columns: 120)
    story.press(.character("D"))
    #expect(story.line(with: " Esc  Cancel").contains(" y  Yes  n  No"))
    story.press(.backTab)
    #expect(!story.line(with: " Esc  Cancel").contains(" y "))
    story.press(.escape, .character("A"), .tab, .tab)
    #expect(story.line(with: " Esc  Cancel").contains(" Space  Tick"))
    #expect(!story.line(with: " Esc  Cancel").contains(" y "))
  }

  @Test("in the past and in a replay the keys for that come first, and z is what it does there")
  func timeKeys() {
    var story = Story(columns: 200)
    story.wait(milliseconds: 5_000)
    story.change { $0.at = $0.at.adding(milliseconds: 5_000) }
    #expect(story.line(with: " q  Quit").contains(" z  Pause"))
    story.press(.character("z"))
    #expect(story.line(with: " q  Quit").contains(" z  Resume"))
    story.press(.character("z"), .character("["))
    #expect(
      story.line(with: " q  Quit").contains(" [  Earlier  ]  Later  b  Time  0  Now"))
    #expect(!story.line(with: " q  Quit").contains(" z "))
    var replay = Story(
      columns: 120, options: DashboardOptions(replay: "night.feed"), snapshot: nil)
    for (isRunning, title) in [(false, "Play"), (true, "Pause")] {
      replay.send(
        .past(
          PastPicture(snapshot: Fixture.snapshot, at: Fixture.now, isRunning: isRunning)))
      let bar = replay.line(with: " q  Quit")
      #expect(bar.contains(" [  Earlier  ]  Later  b  Time  0  End"))
      #expect(bar.contains(" z  \(title)"))
    }
  }

  @Test(
    "what a load balancer cannot do is refused at the key press, and not offered",
    arguments: "DEM".map { Key.character($0) })
  func balancer(key: Key) {
    var story = Story(columns: 200)
    story.press(.end)
    #expect(!story.line(with: " q  Quit").contains(" \(key) "))
    story.press(key)
    #expect(story.dashboard.overlay == .none)
    #expect(story.message.hasSuffix("LB1 is a dedicated load balancer, and takes no sessions."))
    #expect(story.effects == [.bell])
    story.press(.character(" "), .home, .character(" "), key)
    #expect(story.dashboard.overlay == .none)
    story.press(.character("X"))
    #expect(story.dashboard.overlay != .none)
  }

  @Test("what nobody needs to read is gone after five seconds, or with the next key")
  func passing() {
    var story = Story()
    story.press(.character("D"), .escape)
    #expect(story.message == "Drain cancelled.")
    story.wait(milliseconds: 4_999)
    #expect(story.message != "")
    story.wait(milliseconds: 1)
    #expect(story.message == "")
    story.press(.character("D"), .escape, .enter)
    #expect(story.message == "")
    story.send(.lost(reason: "reset", retryAt: story.now + 90_000))
    story.press(.character("D"), .down)
    #expect(story.message.contains("no connection to a balancer"))
    story.wait(milliseconds: 29_000)
    #expect(story.message.contains("no connection to a balancer"))
  }
}
