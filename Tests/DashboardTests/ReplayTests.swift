import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("A recording on the screen")
struct ReplayTests {
  private static func story() -> Story {
    var story = Story(
      options: DashboardOptions(replay: "night.feed"), snapshot: nil)
    story.send(.past(PastPicture(snapshot: Fixture.snapshot, at: Fixture.now)))
    return story
  }

  @Test("the header says REPLAY and the time, and that nothing can be changed")
  func header() {
    let story = Self.story()
    #expect(story.line(with: " PROD ").contains("[RO]  REPLAY 10:42:07"))
    #expect(
      story.line(with: " REPLAY 2026")
        == " REPLAY 2026-03-01 10:42:07 UTC; [ ] step, b time, 0 end, z plays: night.feed")
    #expect(!story.picture.contains("STALE"))
  }

  @Test("[ ] b 0 and z ask for another picture")
  func wishes() {
    var story = Self.story()
    story.press(.character("["), .character("]"), .character("0"), .character("z"))
    story.press(.character("b"))
    story.type("-2m")
    story.press(.enter)
    let time = Fixture.now.adding(milliseconds: -120_000)
    #expect(
      story.effects == [
        .seek(.back()), .seek(.forth()), .seek(.end), .seek(.toggleRun),
        .seek(.time(time)),
      ])
  }

  @Test("a time alone is of the day that is shown, later ones too")
  func later() {
    var story = Self.story()
    story.press(.character("b"))
    story.type("23:00")
    story.press(.enter)
    let time = Timestamp("2026-03-01T23:00:00Z")
    #expect(story.effects == time.map { [.seek(.time($0))] })
  }

  @Test("no key changes anything", arguments: Array("DEXMA"))
  func readOnly(key: Character) {
    var story = Self.story()
    story.press(.character(key))
    #expect(story.dashboard.overlay == .none)
    #expect(story.message.contains("a recording cannot be changed"))
  }

  @Test("time goes on by the recording alone")
  func clock() {
    var story = Self.story()
    let before = story.picture
    #expect(story.dashboard.nextDeadline == nil)
    story.wait(milliseconds: 600_000)
    #expect(story.picture == before)
    story.send(
      .past(
        PastPicture(
          snapshot: Fixture.snapshot, at: Fixture.now.adding(milliseconds: 1_000),
          isRunning: true)))
    #expect(story.line(with: " REPLAY 2026").contains("10:42:08 UTC"))
    #expect(story.line(with: " REPLAY 2026").contains("z pauses"))
  }

  @Test("the trends are what the recording holds, and nothing is made up from what was looked at")
  func trends() {
    var story = Self.story()
    let id = Fixture.id("AOS01")
    #expect(story.dashboard.picture.history.shares(of: id).isEmpty)
    var history = LoadTrends()
    for step in Int64(0)..<10 {
      history.sample(Fixture.servers, at: step * 5_000, isLive: step % 2 == 0)
    }
    let later = Fixture.now.adding(milliseconds: 60_000)
    story.send(.past(PastPicture(snapshot: Fixture.snapshot, at: later, history: history)))
    story.wait(milliseconds: 60_000)
    #expect(story.dashboard.picture.history == history)
    story.send(.past(PastPicture(snapshot: Fixture.snapshot, at: Fixture.now)))
    #expect(story.dashboard.picture.history.shares(of: id).isEmpty)
  }

  @Test("an error names what is wrong with the file, with nothing in it that a terminal obeys")
  func note() {
    var story = Self.story()
    story.send(
      .past(
        PastPicture(
          snapshot: Fixture.snapshot, at: Fixture.now, note: "line 7 \u{1b}[2J was skipped")))
    #expect(story.message == "line 7 ?[2J was skipped")
  }

  @Test("the header says that the feed is recorded, or that it is not")
  func recording() {
    var story = Story(options: DashboardOptions(record: "night.feed"))
    #expect(story.line(with: " PROD ").contains("  REC  "))
    story.send(.recording(.stopped("not recording: night.feed: No space left on device")))
    #expect(story.line(with: " PROD ").contains("REC OFF"))
    #expect(story.message == "not recording: night.feed: No space left on device")
    story.send(.recording(.running("recording goes on: night.feed")))
    #expect(!story.line(with: " PROD ").contains("REC OFF"))
  }
}
