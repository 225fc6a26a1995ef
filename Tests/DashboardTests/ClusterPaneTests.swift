import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("The cluster over the last hour")
struct ClusterPaneTests {
  private typealias Moment = ClusterSample

  private func moment(_ sessions: Int, of capacity: Int = 80, spread: Int? = 10) -> Moment {
    Moment(
      sessions: sessions, capacity: capacity, handshakesPerSecond: 4.2, spread: spread)
  }

  /// An hour in which the sessions rise, and half of the places go in the middle.
  private func hour() -> [Moment?] {
    (0..<ClusterTrend.length).map { step in
      moment(120 + step / 4, of: step < 180 ? 440 : 240, spread: step % 60)
    }
  }

  private func story(_ columns: Int, _ rows: Int) -> Story {
    var story = Story(columns: columns, rows: rows)
    story.dashboard.feed.picture.trend.fill(from: hour(), until: Fixture.now)
    return story
  }

  @Test("one value every ten seconds, by the balancer's clock")
  func steps() {
    var trend = ClusterTrend()
    trend.sample(moment(1), at: Fixture.ago(20))
    trend.sample(moment(2), at: Fixture.ago(19))
    trend.sample(moment(3), at: Fixture.ago(10))
    #expect(trend.samples == [moment(1), moment(3)])
  }

  @Test("what was not seen is a gap, and an hour is all that is kept")
  func gaps() {
    var trend = ClusterTrend()
    trend.sample(moment(1), at: Fixture.ago(40))
    trend.sample(nil, at: Fixture.ago(30))
    trend.sample(moment(2), at: Fixture.ago(0))
    #expect(trend.samples == [moment(1), nil, nil, nil, moment(2)])
    for second in 1...5_000 {
      trend.sample(moment(3), at: Fixture.now.adding(milliseconds: Int64(second) * 1_000))
    }
    #expect(trend.samples.count == ClusterTrend.length)
    trend.sample(moment(4), at: Fixture.now.adding(milliseconds: 1 << 50))
    #expect(trend.samples.count == ClusterTrend.length)
  }

  @Test("the hour before a time ends there, and a clock that goes back forgets what came after")
  func until() {
    var trend = ClusterTrend()
    for second in stride(from: Int64(60), through: 0, by: -10) {
      trend.sample(moment(Int(second)), at: Fixture.ago(second))
    }
    #expect(trend.until(Fixture.ago(30)).samples.last == moment(30))
    trend.sample(moment(7), at: Fixture.ago(40))
    #expect(trend.samples.last == moment(40))
    trend.sample(moment(8), at: Fixture.ago(4_000))
    #expect(trend.samples == [moment(8)])
  }

  @Test("what the balancer kept stands before what was seen, and replaces none of it")
  func filled() {
    var trend = ClusterTrend()
    trend.sample(moment(9), at: Fixture.ago(10))
    trend.sample(moment(10), at: Fixture.now)
    trend.fill(from: [moment(1), moment(2), moment(3)], until: Fixture.now)
    #expect(trend.samples == [moment(1), moment(9), moment(10)])
    trend.fill(from: [], until: Fixture.now)
    #expect(trend.samples == [moment(1), moment(9), moment(10)])
  }

  @Test("the spread lies between the fullest and the emptiest server of the list")
  func spread() {
    let totals = Totals(Fixture.snapshot.instances)
    #expect(totals.spread == 92)
    #expect(totals.spread == ClusterSample(Fixture.snapshot).spread)
    #expect(totals.places == ClusterSample(Fixture.snapshot).capacity)
    #expect(totals.extremes?.fullest.id.text == "AOS06")
    #expect(totals.extremes?.emptiest.id.text == "AOS03")
    #expect(Totals([]).spread == nil)
  }

  @Test("sessions against capacity, handshakes and spread, each with its figure of now")
  func charts() {
    let story = story(120, 40)
    for text in [
      "5 Cluster, last hour", "sessions", "232 of 440", "440┤", "handshakes/s 4.2", "spread 92",
      "fullest AOS06 112 %, emptiest AOS03 20 %",
    ] {
      story.shows(text)
    }
    // Where the sessions leave room, the places that there were.
    #expect(story.line(with: "440┤").contains("────"))
  }

  @Test("the time axis marks drains and losses at their time")
  func marks() {
    var story = story(160, 50)
    story.send(
      .event(
        ClusterEvent(
          id: 1, at: Fixture.ago(1_200), balancer: Fixture.id("LB1"), kind: .known(.lost),
          instance: Fixture.id("AOS03"), sessions: 9)))
    let axis = story.line(with: "└")
    #expect(axis.contains("┬ drain AOS05 "))
    #expect(axis.contains("┬ AOS03 lost "))
    #expect(axis.contains("AOS07 lost ┬"))
  }

  @Test("one line where there is no room for charts, with the same three")
  func line() {
    let story = story(80, 24)
    let line = story.line(with: "spread 92")
    for text in ["sessions 232 of 440 ", "spread 92 ", "hs/s 4.2 "] {
      #expect(line.contains(text), "\(story.picture)")
    }
    #expect(line.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
  }

  @Test("5 goes there, and gives it the room", arguments: [(40, 10), (80, 24), (120, 40)])
  func focus(columns: Int, rows: Int) {
    var story = story(columns, rows)
    story.press(.character("5"))
    story.shows("▸5 Cluster, last hour")
    guard columns >= 80 else { return }
    story.shows("fullest AOS06 112 %")
  }

  @Test("while time passes a value is taken every ten seconds, and none while nothing is heard")
  func sampled() {
    var story = Story()
    let count = story.dashboard.feed.picture.trend.samples.count
    for _ in 0..<6 { story.wait(milliseconds: 10_000) }
    #expect(story.dashboard.feed.picture.trend.samples.count == count + 6)
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    story.wait(milliseconds: 10_000)
    #expect(story.dashboard.feed.picture.trend.samples.last == .some(nil))
  }

  @Test("in the past the hour ends with the picture that is shown")
  func past() {
    var story = story(120, 40)
    story.passMinutes(3)
    story.press(.character("["), .character("["))
    story.shows("5 Cluster, hour until 10:")
    let shown = story.dashboard.picture.trend.samples
    #expect(shown.count <= ClusterTrend.length)
    #expect(shown.last != story.dashboard.feed.picture.trend.samples.last)
  }

  @Test("in the past, what this screen did not see of the hour comes from what was kept")
  func kept() {
    var story = Story(columns: 120, rows: 40)
    story.send(
      .history(
        BalancerHistory(
          stepSeconds: 10, instances: [:], cluster: hour().compactMap(\.self), at: Fixture.now)))
    for _ in 0..<50 { story.passMinutes(1) }
    story.press(.character("b"))
    story.type("-45m")
    story.press(.enter)
    // Of the hour before, the screen itself has ten minutes by now.
    let shown = story.dashboard.picture.trend.samples
    #expect(shown.count == ClusterTrend.length)
    #expect(shown.first == moment(120 + 30 / 4, of: 440, spread: 30))
    story.shows("440┤")
  }

  @Test("a replay shows the hour of the recording, which changes with the time that is shown")
  func replayed() {
    var story = Story(
      columns: 120, rows: 40, options: DashboardOptions(replay: "night.feed"), snapshot: nil)
    var trend = ClusterTrend()
    trend.sample(moment(232, of: 440), at: Fixture.now)
    story.send(.past(PastPicture(snapshot: Fixture.snapshot, at: Fixture.now, trend: trend)))
    story.shows("5 Cluster, hour until 10:42 UTC")
    // At its beginning, one value with the scale of all.
    #expect(story.line(with: "440┤").hasSuffix("─"))
    trend = ClusterTrend()
    trend.fill(from: hour(), until: Fixture.now)
    story.send(.past(PastPicture(snapshot: Fixture.snapshot, at: Fixture.now, trend: trend)))
    #expect(story.line(with: "440┤").contains("────"))
    #expect(story.line(with: "handshakes/s 4.2").contains("⣿⣿⣿"))
    story.send(.past(PastPicture(snapshot: Fixture.snapshot, at: Fixture.ago(60))))
    story.shows("no history yet")
    story.hides("┤")
  }

  @Test("a burst of handshakes does not make the rest of the hour flat")
  func burst() {
    var story = Story(columns: 120, rows: 40)
    let hour = (0..<ClusterTrend.length).map { step -> Moment? in
      var moment = moment(120)
      moment.handshakesPerSecond = step == 200 ? 400 : step < 100 ? 2 : 4
      return moment
    }
    story.dashboard.feed.picture.trend.fill(from: hour, until: Fixture.now)
    let line = story.line(with: "handshakes/s 4.2")
    #expect(line.contains("⣤⣤⣤⣤"), "\(line)")
    #expect(line.hasSuffix("⣿⣿⣿⣿"), "\(line)")
  }

  @Test("where nothing is known of the hour, a chart says why and has no scale")
  func unknown() {
    var replay = Story(
      columns: 120, rows: 40, options: DashboardOptions(replay: "night.feed"), snapshot: nil)
    replay.send(.past(PastPicture(snapshot: Fixture.snapshot, at: Fixture.now)))
    replay.shows("no history yet")
    replay.hides("┤")
    var story = Story(columns: 120, rows: 40)
    story.dashboard.feed.picture.trend = ClusterTrend()
    story.shows("no history yet")
    story.hides("┤")
    story.wait(milliseconds: 10_000)
    story.shows("440┤")
    story.hides("no history yet")
  }

  @Test("in ASCII the charts are ASCII, too")
  func ascii() {
    var story = Story(
      columns: 120, rows: 40, options: DashboardOptions(isASCII: true))
    story.dashboard.feed.picture.trend.fill(from: hour(), until: Fixture.now)
    #expect(story.picture.utf8.allSatisfy { $0 < 0x80 })
    story.shows("spread 92")
  }
}
