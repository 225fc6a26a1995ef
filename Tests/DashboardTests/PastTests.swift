import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Looking back")
struct PastTests {
  /// AOS01 with 41, then 42, … sessions, a minute apart.
  private static func story(columns: Int = 80) -> Story {
    var story = Story(columns: columns)
    for number in 1...5 { step(&story, number) }
    return story
  }

  private static func step(_ story: inout Story, _ number: Int) {
    story.wait(milliseconds: 60_000)
    story.change { snapshot in
      snapshot.at = snapshot.at.adding(milliseconds: 60_000)
      snapshot.setLoad(Load(connected: 41 + number, maximum: 60), of: Fixture.id("AOS01"))
    }
  }

  @Test("[ goes back, ] goes forth, and past the last step it is now again")
  func steps() {
    var story = Self.story()
    #expect(story.line(with: "AOS01     app").contains("46/60"))
    story.press(.character("["))
    #expect(story.line(with: "AOS01     app").contains("45/60"))
    #expect(story.line(with: " PROD ").contains("PAST 10:46:07"))
    #expect(story.line(with: " PAST at").hasPrefix(" PAST at 10:46:07 UTC; [ ] step"))
    story.press(.character("["), .character("["))
    #expect(story.line(with: "AOS01     app").contains("43/60"))
    story.press(.character("]"))
    #expect(story.line(with: "AOS01     app").contains("44/60"))
    story.press(.character("]"), .character("]"))
    #expect(story.line(with: "AOS01     app").contains("46/60"))
    #expect(!story.picture.contains("PAST"))
    #expect(story.message == "this is now")
  }

  @Test("going back ends at the oldest kept picture, with a message")
  func oldest() {
    var story = Self.story()
    for _ in 0..<9 { story.press(.character("[")) }
    #expect(story.line(with: "AOS01     app").contains("41/60"))
    #expect(story.message == "This is the oldest picture kept.")
  }

  @Test("before anything was kept there is nowhere to go")
  func nothing() {
    var story = Story()
    let before = story.picture
    story.press(.character("["))
    #expect(story.message == "no older picture is kept yet")
    story.press(.escape, .character("]"), .escape, .character("0"))
    #expect(story.picture == before)
  }

  @Test("recording goes on behind the picture, and 0 shows what has happened since")
  func behind() {
    var story = Self.story()
    story.press(.character("["))
    // The first line may tell of a new alert; all else is the past.
    let past = story.picture.drop { $0 != "\n" }
    Self.step(&story, 6)
    Self.step(&story, 7)
    #expect(story.picture.drop { $0 != "\n" } == past)
    story.press(.character("]"))
    #expect(story.line(with: "AOS01     app").contains("46/60"))
    story.press(.character("0"))
    #expect(story.line(with: "AOS01     app").contains("48/60"))
  }

  @Test("no key changes the cluster from the past", arguments: Array("DEXMAN"))
  func refused(key: Character) {
    var story = Self.story()
    story.press(.character("["), .character(key))
    #expect(story.dashboard.overlay == .none)
    #expect(story.message.contains("you are looking at the past (0 goes back to now)"))
    #expect(story.effects == [.bell])
    // What accepts already is not asked about.
    story.press(.character("0"), .character(key))
    #expect((story.dashboard.overlay != .none) == (key != "E"))
  }

  @Test(
    "b goes to a time",
    arguments: [("10:44", 42), ("10:44:07", 43), ("-2m", 44), ("00:00", 41), ("-1h", 41)])
  func time(text: String, connected: Int) {
    var story = Self.story()
    story.press(.character("b"))
    #expect(story.picture.contains("Time (UTC): ▏"))
    story.type(text)
    story.press(.enter)
    #expect(story.line(with: "AOS01     app").contains("\(connected)/60"))
    #expect(story.picture.contains("PAST"))
  }

  @Test("a time that is none is refused, and Esc leaves everything as it was")
  func noTime() {
    var story = Self.story()
    let before = story.picture
    story.press(.character("b"))
    story.type("q77:")
    story.press(.enter)
    #expect(story.message == "Not a time: \"77:\". Try \(WantedTime.examples).")
    story.press(.escape, .character("b"))
    story.type("10:44")
    story.press(.escape)
    #expect(story.picture == before)
  }

  @Test("cursor, filter, sort and details work in the past")
  func choices() {
    var story = Self.story()
    story.press(.character("["))
    story.press(.character("/"))
    story.type("aos0")
    story.press(.enter, .character("i"), .down)
    #expect(story.order == ["AOS07", "AOS06", "AOS05", "AOS04", "AOS03", "AOS02", "AOS01"])
    story.press(.home, .end, .enter)
    #expect(story.picture.contains("45 open, 60 allowed"))
  }

  @Test("an instance that has left since is shown in the past")
  func gone() {
    var story = Self.story()
    story.wait(milliseconds: 5_000)
    story.change { snapshot in
      snapshot.remove(Fixture.id("AOS04"))
      snapshot.handshakeList.removeAll { $0.text == "AOS04" }
    }
    #expect(!story.order.contains("AOS04"))
    story.press(.character("["))
    #expect(story.order.contains("AOS04"))
  }

  @Test("a lost feed does not dim the past, and a message names it")
  func stale() {
    var story = Self.story(columns: 120)
    story.press(.character("["))
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    #expect(story.line(with: " PAST at").contains("the feed is lost"))
    #expect(!story.grid.row(5).allSatisfy { $0.style.isDim })
  }

  @Test("the sparklines of the past end then")
  func sparklines() {
    var story = Self.story(columns: 200)
    for number in 6...12 { Self.step(&story, number) }
    for _ in 0..<6 { story.press(.character("[")) }
    let shares = story.dashboard.picture.history.shares(of: Fixture.id("AOS01"))
    #expect(shares.last == Double(47 * 10_000 / 60) / 10_000)
    #expect(shares.count <= LoadTrends.length)
  }

  @Test("a step back right after the start keeps the history from the balancer")
  func beforeTheStart() {
    var story = Story()
    story.wait(milliseconds: 1_000)
    story.send(.history(Fixture.history))
    story.change { $0.setLoad(Load(connected: 42, maximum: 60), of: Fixture.id("AOS01")) }
    let before = story.dashboard.picture.history.shares(of: Fixture.id("AOS01"))
    #expect(before.count == LoadTrends.length)
    for _ in 1...4 {
      story.wait(milliseconds: 7_000)
      story.change { $0.setLoad(Load(connected: 43, maximum: 60), of: Fixture.id("AOS01")) }
    }
    for _ in 1...4 {
      story.press(.character("["))
      let shares = story.dashboard.picture.history.shares(of: Fixture.id("AOS01"))
      #expect(shares.count == LoadTrends.length)
      #expect(shares.allSatisfy { $0 != nil })
    }
    #expect(story.dashboard.picture.history.shares(of: Fixture.id("AOS01")) == before)
  }

  @Test("in the trends of the past a load holds until it changes, not from before it did")
  func steady() {
    var story = Story()
    story.wait(milliseconds: 2_500)
    for number in 1...5 { Self.step(&story, number) }
    story.press(.character("["))
    let shares = story.dashboard.picture.history.shares(of: Fixture.id("AOS01"))
    // A value each five seconds from the first moment on, a minute of each load until its last.
    let wanted = (41...44).flatMap { Array(repeating: $0, count: 12) } + [45]
    #expect(shares.map { $0.map { Int(($0 * 60).rounded()) } } == wanted.map(Optional.some))
  }

  @Test("time without a connection is unknown in the trends of the past as well")
  func lostInThePast() throws {
    var story = Self.story()
    story.wait(milliseconds: 10_000)
    story.send(.lost(reason: "reset", retryAt: story.now + 40_000))
    story.wait(milliseconds: 40_000)
    story.send(.live(endpoint: "x"))
    var again = try #require(story.dashboard.feed.snapshot)
    again.at = story.dashboard.feed.picture.clock
    story.send(.snapshot(again))
    for number in 6...7 { Self.step(&story, number) }
    story.press(.character("["))
    let shares = story.dashboard.picture.history.shares(of: Fixture.id("AOS01"))
    // Three minutes and more before it was lost, forty seconds of nothing, a minute since.
    let known = shares.map { $0 == nil ? "." : "x" }.joined()
    let nothing = String(repeating: ".", count: 7)
    #expect(
      known == String(repeating: "x", count: 40) + nothing + String(repeating: "x", count: 13))
  }

  @Test("while the past is read a key that is held down asks eight times, and 0 calls it off")
  func awaited() {
    var dashboard = Self.story().dashboard
    let asked = (0..<20).flatMap { _ in
      dashboard.handle(.keys([.character("[")]), at: dashboard.now)
    }
    #expect(asked.count == 8)
    #expect(asked.first == .seek(.back(from: Fixture.now.adding(milliseconds: 300_000))))
    #expect(asked.dropFirst().allSatisfy { $0 == .seek(.back()) })
    _ = dashboard.handle(.keys([.character("0")]), at: dashboard.now)
    let late = PastPicture(snapshot: Fixture.snapshot, at: Fixture.now)
    _ = dashboard.handle(.past(late), at: dashboard.now)
    #expect(dashboard.held == nil)
  }

  @Test("a question that was asked while the past is read stays on the picture of now")
  func question() {
    var dashboard = Self.story().dashboard
    _ = dashboard.handle(.keys([.character("["), .character("D")]), at: dashboard.now)
    let late = PastPicture(snapshot: Fixture.snapshot, at: Fixture.now)
    _ = dashboard.handle(.past(late), at: dashboard.now)
    #expect(dashboard.held == nil)
    #expect(dashboard.overlay != .none)
  }

  @Test("pause is refused in the past, with the reason")
  func pause() {
    var story = Self.story()
    story.press(.character("["), .character("z"))
    #expect(story.message == "the past does not move; 0 goes back to now")
    #expect(story.dashboard.held?.origin == .past)
  }
}
