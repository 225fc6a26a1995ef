import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Pictures over time in the details")
struct DetailChartTests {
  private static let top = "AOS03"

  /// Sixty seconds with a value each five; AOS03, the first, is out of the list from the 20th to
  /// the 30th.
  private static func story(columns: Int = 80, isASCII: Bool = false) -> Story {
    var story = Story(columns: columns, options: DashboardOptions(isASCII: isASCII))
    story.press(.character("2"), .home, .enter)
    for step in 1...12 {
      story.wait(milliseconds: 5_000)
      guard step == 3 || step == 5 else { continue }
      story.change { snapshot in
        snapshot.at = snapshot.at.adding(milliseconds: step == 3 ? 15_000 : 10_000)
        snapshot.handshakeList.removeAll { $0.text == top }
        if step == 5 { snapshot.handshakeList.insert(Fixture.id(top), at: 0) }
      }
    }
    return story
  }

  /// The line of places and its axis, without the label and what follows.
  private static func places(_ story: Story) -> [String] {
    let lines = story.picture.split(separator: "\n", omittingEmptySubsequences: false)
    let first = lines.firstIndex { $0.contains("Rank, 5 min") } ?? 0
    return lines[first...(first + 1)].map { String($0.dropFirst(18)) }
  }

  @Test("the place in the list over time: each column stands for its time, and gaps are seen")
  func places() {
    let story = Self.story()
    let blank = String(repeating: " ", count: 47)
    #expect(
      Self.places(story) == [
        blank + "████  ███████",
        "-5m            high = first; gap = not listed            now",
      ])
  }

  @Test("the last of the list is at the bottom, who is out of it ends before now")
  func bottom() {
    var story = Story()
    story.press(.character("2"), .home, .enter)
    story.change { $0.handshakeList.reverse() }
    story.wait(milliseconds: 5_000)
    story.change { $0.handshakeList.removeAll { $0.text == Self.top } }
    story.wait(milliseconds: 5_000)
    #expect(Self.places(story)[0] == String(repeating: " ", count: 57) + "█▁")
  }

  @Test("in ASCII gaps are seen as well")
  func ascii() {
    let line = Self.places(Self.story(isASCII: true))[0]
    #expect(line == String(repeating: " ", count: 47) + "####  #######")
  }

  @Test("on a narrow screen no gap is lost, however short")
  func narrow() {
    let places = Self.places(Self.story(columns: 50))
    #expect(places == [String(repeating: " ", count: 24) + "█  ███", "-5m" + now(30 - 3)])
  }

  private func now(_ columns: Int) -> String { Format.padded("now", to: columns) }

  @Test("in the past and in a replay the chart says what it holds: five minutes until then")
  func past() {
    var story = Self.story()
    #expect(story.picture.contains("Last hour        100 %│"))
    #expect(story.line(with: "-60m").hasSuffix(" now"))
    story.press(.escape, .character("["), .enter)
    #expect(story.picture.contains("PAST at 10:42:22"))
    #expect(story.picture.contains("Load, 5 min      100 %│"))
    #expect(!story.picture.contains("Last hour"))
    #expect(story.picture.contains("-5m            high = first; gap = not listed       10:42:22"))
    #expect(story.picture.split(separator: "\n").count { $0.hasSuffix(" 10:42:22") } == 2)
    var replay = Story(options: DashboardOptions(replay: "night.feed"), snapshot: nil)
    replay.send(.past(PastPicture(snapshot: Fixture.snapshot, at: Fixture.now)))
    replay.press(.enter)
    #expect(replay.picture.contains("Load, 5 min      100 %│"))
    #expect(replay.line(with: "-5m").hasSuffix(" 10:42:07"))
  }

  @Test("a paused chart ends when it was paused")
  func paused() {
    var story = Self.story()
    story.press(.escape, .character("z"))
    story.wait(milliseconds: 600_000)
    story.press(.enter)
    #expect(story.picture.contains("Load, 5 min      100 %│"))
    #expect(story.picture.split(separator: "\n").count { $0.hasSuffix(" 10:43:07") } == 2)
    var sessions = Self.story()
    sessions.press(.escape, .character("4"), .character("z"))
    sessions.wait(milliseconds: 600_000)
    sessions.press(.character("1"), .enter)
    #expect(sessions.picture.contains("Last hour        100 %│"))
    #expect(sessions.line(with: "-60m").hasSuffix(" 10:43:07"))
  }
}
