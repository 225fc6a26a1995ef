import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Connection, staleness and time")
struct FeedTests {
  @Test("a lost connection keeps the picture, says why, and counts down")
  func stale() {
    var story = Story()
    story.wait(milliseconds: 500)
    story.send(.lost(reason: "connection refused", retryAt: story.now + 5_000))
    story.wait(milliseconds: 2_000)
    #expect(story.line(with: " PROD ").contains("STALE 2s"))
    #expect(
      story.line(with: " STALE for")
        == " STALE for 2s: connection refused; next try in 3 s, r = now")
    #expect(story.picture.contains("▸ AOS01     app"))
    story.wait(milliseconds: 1_000)
    #expect(story.picture.contains("next try in 2 s"))
    let row = story.grid.row(5)
    #expect(row.allSatisfy { $0.style.isDim })
  }

  @Test("the age of a stale picture counts from the first loss")
  func staleAge() {
    var story = Story()
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    story.wait(milliseconds: 60_000)
    story.send(.connecting(endpoint: "http://other:2712"))
    #expect(story.line(with: " STALE for") == " STALE for 1m: reset; trying http://other:2712")
    story.send(.lost(reason: "refused", retryAt: story.now + 1_000))
    #expect(story.picture.contains("STALE for 1m: refused"))
  }

  @Test("it comes back by itself")
  func back() {
    var story = Story()
    let before = story.picture
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    story.send(.connecting(endpoint: "x"))
    story.send(.live(endpoint: "x"))
    #expect(!story.picture.contains("STALE"))
    #expect(story.message == "unix:///run/aos/balancer.sock lost (reset); now watching through x")
    story.press(.escape)
    #expect(story.picture == before)
  }

  @Test("the message of a new connection goes when the connection does")
  func lostAgain() {
    var story = Story()
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    story.send(.live(endpoint: "x"))
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    #expect(story.message.isEmpty)
    story.send(.live(endpoint: "x"))
    story.press(.character("w"))
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    #expect(story.message == "Read-only; w switches it off.")
  }

  @Test("r reconnects at once, most of all while stale")
  func reconnect() {
    var story = Story()
    story.send(.lost(reason: "reset", retryAt: story.now + 60_000))
    #expect(story.grid.line(23).hasPrefix(" r  Reconnect"))
    story.press(.character("r"))
    #expect(story.effects == [.reconnectNow])
  }

  @Test("pause holds the picture under a banner, and z resumes")
  func pause() {
    var story = Story()
    story.press(.character("z"))
    story.change { $0.setLoad(Load(connected: 1, maximum: 60), of: Fixture.id("AOS01")) }
    #expect(story.picture.contains("PAUSED at 10:42:07 UTC; z resumes"))
    #expect(story.line(with: "AOS01     app").contains("41/60"))
    story.press(.character("z"))
    #expect(!story.picture.contains("PAUSED"))
    #expect(story.line(with: "AOS01     app").contains(" 1/60"))
  }

  @Test("paused and stale: the banner says both, at every width", arguments: [40, 80])
  func pausedAndStale(columns: Int) {
    var story = Story(columns: columns)
    story.press(.character("z"))
    story.send(.lost(reason: "connection refused", retryAt: story.now + 5_000))
    story.wait(milliseconds: 2_000)
    story.shows(" STALE for 2s, PAUSED at 10:42:07")
    story.send(.live(endpoint: "x"))
    story.shows(" PAUSED at 10:42:07 UTC; z resumes")
    story.hides("STALE")
  }

  @Test(
    "what is paused stands still as a whole: clock, ages, trends, marks, drains and details",
    arguments: [Key.escape, .enter])
  func frozen(key: Key) {
    var story = Story(columns: 200, rows: 60)
    story.press(.down, .down, .down, .down, key)
    story.wait(milliseconds: 20_000)
    story.change { snapshot in
      snapshot.at = snapshot.at.adding(milliseconds: 20_000)
      snapshot.insert(Fixture.server("AOS07", 0, of: 60))
      snapshot.handshakeList = Fixture.ids("AOS07", "AOS01", "AOS03", "AOS04", "AOS02", "AOS06")
    }
    story.press(.escape, .character("z"))
    if key == .enter { story.press(.enter) }
    #expect(story.picture.contains("PAUSED at 10:42:27 UTC"))
    // The first line may tell of a new alert.
    let before = story.picture.drop { $0 != "\n" }
    for step in 1...80 {
      story.wait(milliseconds: 5_000)
      guard step.isMultiple(of: 10) else { continue }
      story.change { snapshot in
        snapshot.at = snapshot.at.adding(milliseconds: 50_000)
        snapshot.setLoad(Load(connected: step % 7, maximum: 60), of: Fixture.id("AOS05"))
        snapshot.setLoad(Load(connected: step, maximum: 60), of: Fixture.id("AOS01"))
      }
    }
    #expect(story.picture.drop { $0 != "\n" } == before)
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    #expect(story.line(with: " PROD ").contains("STALE"))
    #expect(story.line(with: " PROD ").contains("10:42 UTC"))
    story.send(.live(endpoint: "x"))
    story.press(.escape, .escape, .character("z"))
    #expect(story.line(with: " PROD ").contains("10:49 UTC"))
  }

  @Test("from a paused picture [ and ] step, and 0 goes to now")
  func pausedSteps() {
    var story = Story()
    for connected in 1...4 {
      story.wait(milliseconds: 2_000)
      story.change { $0.setLoad(Load(connected: connected, maximum: 60), of: Fixture.id("AOS01")) }
      if connected == 2 { story.press(.character("z")) }
    }
    #expect(story.line(with: "AOS01     app").contains(" 2/60"))
    var other = story
    story.press(.character("["))
    #expect(story.line(with: "AOS01     app").contains(" 1/60"))
    other.press(.character("]"))
    #expect(other.line(with: "AOS01     app").contains(" 3/60"))
    story.press(.character("0"))
    #expect(story.line(with: "AOS01     app").contains(" 4/60"))
    #expect(!story.picture.contains("PAUSED"))
  }

  @Test("a drain that is asked for while paused ends as long from now as was typed")
  func pausedDeadline() {
    var story = Story()
    story.press(.character("z"))
    story.wait(milliseconds: 600_000)
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.tab(to: .field(.deadline))
    story.type("30m")
    #expect(story.picture.contains("11:22 UTC"))
  }

  @Test("ages and clock are the feed's, however the clock of this machine stands")
  func clock() {
    var story = Story(columns: 200, rows: 60)
    #expect(story.picture.contains("10:42 UTC"))
    #expect(story.line(with: "AOS07").contains("unreachable 1m"))
    story.wait(milliseconds: 60_000)
    #expect(story.picture.contains("10:43 UTC"))
    #expect(story.line(with: "AOS07").contains("unreachable 2m"))
  }

  @Test("time that runs backwards changes nothing")
  func backwards() {
    var story = Story()
    let before = story.picture
    story.now = 0
    story.send(.tick)
    #expect(story.picture == before)
  }

  @Test("while nothing happens the next look is at the next value of the sparklines")
  func deadline() {
    var story = Story()
    #expect(story.dashboard.nextDeadline == story.now + LoadTrends.stepMilliseconds)
    story.wait(milliseconds: LoadTrends.stepMilliseconds)
    #expect(story.dashboard.nextDeadline == story.now + LoadTrends.stepMilliseconds)
  }

  @Test("without a balancer nothing is drawn before something happens")
  func idle() {
    var story = Story(snapshot: nil)
    #expect(story.dashboard.nextDeadline == nil)
    story.send(.connecting(endpoint: "x"))
    #expect(story.dashboard.nextDeadline == nil)
    story.send(.lost(reason: "refused", retryAt: story.now + 250))
    #expect(story.dashboard.nextDeadline == story.now + 1_000)
  }

  @Test("a deadline lies ahead, always")
  func ahead() throws {
    var story = Story()
    story.press(.down, .character("y"))
    for _ in 0..<50 {
      let deadline = try #require(story.dashboard.nextDeadline)
      #expect(deadline > story.now)
      story.now = deadline
      story.send(.tick)
    }
  }

  @Test("drawing changes nothing")
  func drawing() {
    let story = Story()
    let before = story.dashboard
    _ = story.picture
    #expect(story.dashboard == before)
  }

  @Test("actions arrive newest first, and say what was not delivered")
  func actions() {
    var story = Story()
    story.press(.character("3"))
    story.send(
      .action(Fixture.action(32, 0, "carol", .enable, "AOS05", nil, "accepting", false)))
    let line = story.line(with: "carol")
    #expect(line == " 10:42:07  carol  enable       AOS05     accepting; not delivered")
    let lines = story.picture.split(separator: "\n").map(String.init)
    let title = lines.firstIndex { $0.contains("3 Events") }
    #expect(title.map { lines[$0 + 1] } == line)
  }

  @Test("what this program did is shown once, with the command that does the same")
  func ownAction() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.tab(to: .field(.reason))
    story.type("it's late")
    story.tab(to: .confirm)
    story.press(.enter, .character("3"))
    #expect(story.picture.contains("you    drain        AOS01     sent, no answer yet"))
    story.send(.action(Fixture.action(32, 0, "root", .drain, "AOS01", "it's late", "ok", true)))
    var drained = Fixture.server("AOS01", 41, of: 60, admission: .rejecting)
    drained.drain = Drain(startedAt: Fixture.now, startedWith: 41)
    let impact = Impact(
      handshakeList: [], workloadBefore: nil, workloadAfter: nil, warnings: [])
    story.send(
      .answer(RequestToken(3), .done(instances: [drained], delivered: true, impact: impact)))
    #expect(story.message == "drain AOS01: done; it is draining (41 left)")
    #expect(!story.picture.contains("you "))
    #expect(story.picture.contains(#"$ aosctl drain AOS01 --reason 'it'\''s late'"#))
    #expect(story.line(with: "root") == "▸10:42:07  root   drain        AOS01     ok (it's late)")
  }

  @Test("a refusal is shown in the balancer's own words, and stays in the log")
  func refusedAction() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.character("y"), .character("3"))
    story.send(
      .answer(RequestToken(3), .refused("the registry is unavailable", warnings: [.lastServer])))
    let words = "the registry is unavailable (no server would take clients any more)"
    #expect(story.message == "drain AOS01 refused: \(words)")
    #expect(story.picture.contains("refused: the registry is unavailable"))
    #expect(story.picture.contains("$ aosctl drain AOS01"))
  }

  @Test("what was committed but is not obeyed yet is shown as such")
  func undelivered() {
    var story = Story(columns: 160)
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    let named = Fixture.server("AOS01", 41, of: 60, admission: .rejecting, delivered: false)
    let impact = Impact(
      handshakeList: [], workloadBefore: nil, workloadAfter: nil, warnings: [])
    story.send(
      .answer(RequestToken(3), .done(instances: [named], delivered: false, impact: impact)))
    #expect(story.message.contains("committed, but not yet obeyed"))
    #expect(story.message.hasSuffix("until it confirms, it may still take clients"))
  }

  @Test("an enable that is not obeyed yet may still let nobody in, and says how long")
  func undeliveredEnable() {
    var story = Story(columns: 250)
    story.press(.down, .down, .down, .down, .character("E"))
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    var named = Fixture.server("AOS05", 12, of: 60, delivered: false, health: .unreachable)
    let terms = DrainTerms(untilRestart: true)
    named.obeys = OlderOrder(
      admission: .rejecting,
      drain: Drain(startedAt: Fixture.ago(60), startedWith: 44, terms: terms))
    let impact = Impact(
      handshakeList: [], workloadBefore: nil, workloadAfter: nil, warnings: [])
    story.send(
      .answer(RequestToken(2), .done(instances: [named], delivered: false, impact: impact)))
    let words = "until it confirms, it may still reject clients and stay drained until it restarts"
    #expect(
      story.message
        == "enable AOS05: done; it is unreachable; committed, but not yet obeyed: \(words)")
    story.change { $0.insert(named) }
    story.press(.enter)
    story.shows("Delivered       no, but the order is kept: \(words)")
  }
}
