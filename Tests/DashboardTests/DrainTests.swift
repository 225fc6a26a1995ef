import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Drains are shown as progress")
struct DrainProgressTests {
  private func drain(_ age: Int64, with sessions: Int) -> Drain {
    Drain(startedAt: Fixture.ago(age), startedWith: sessions)
  }

  @Test("left of started, elapsed, rate and expected end")
  func words() {
    let progress = DrainProgress(
      drain(2_520, with: 44), left: 12, at: Fixture.now, earlier: (22, 300_000))
    #expect(
      progress.sentence
        == "12 of 44 left after 42m, 2.0 leave per minute, expected to end at about 10:48 UTC")
    #expect(progress.state == "draining 12/44")
    #expect(progress.remark(columns: 23) == "~10:48 2.0/min 42m")
  }

  @Test(
    "in a narrow column it says less rather than lose an end, and the end reads right in ASCII",
    arguments: [
      (23, "~10:48 2.0/min 42m"), (17, "~10:48 2.0/m 42m"), (15, "~10:48 2.0/min"),
      (13, "~10:48"),
    ])
  func narrow(columns: Int, remark: String) {
    let progress = DrainProgress(
      drain(2_520, with: 44), left: 12, at: Fixture.now, earlier: (22, 300_000))
    #expect(progress.remark(columns: columns) == remark)
    #expect(remark.utf8.allSatisfy { (0x20...0x7E).contains($0) })
  }

  @Test("a deadline ends it before the last would have left")
  func deadline() {
    var drain = drain(600, with: 44)
    drain.deadline = Fixture.ago(-120)
    let progress = DrainProgress(drain, left: 40, at: Fixture.now, earlier: nil)
    #expect(progress.remark(columns: 23) == "ends 10:44 0.4/min 10m")
  }

  @Test("nobody leaves, nothing is expected; the first seconds promise nothing")
  func unknown() {
    let still = DrainProgress(
      drain(600, with: 44), left: 44, at: Fixture.now, earlier: (44, 300_000))
    #expect(still.sentence == "44 of 44 left after 10m, nobody is leaving")
    let young = DrainProgress(drain(5, with: 44), left: 40, at: Fixture.now, earlier: nil)
    #expect(young.sentence == "40 of 44 left after 5s")
    let over = DrainProgress(drain(60, with: 44), left: 0, at: Fixture.now, earlier: nil)
    #expect(over.sentence == "none of 44 left")
  }

  @Test("the rate is that of the last minutes, not the mean since the beginning")
  func recent() {
    var story = Story(columns: 200, rows: 60)
    #expect(story.line(with: "AOS05").contains("0.8/min"))
    for _ in 0..<24 { story.wait(milliseconds: 5_000) }
    #expect(story.line(with: "AOS05").contains("0.0/min"))
    story.change { $0.setLoad(Load(connected: 8, maximum: 60), of: Fixture.id("AOS05")) }
    #expect(story.line(with: "AOS05").contains("2.0/min"))
  }

  @Test("the balancer's history tells the rate at once")
  func fromHistory() {
    var story = Story(columns: 200, rows: 60)
    let loads = (0..<30).map { Load(connected: 41 - $0, maximum: 60) }
    story.send(
      .history(BalancerHistory(stepSeconds: 10, instances: [Fixture.id("AOS05"): loads])))
    #expect(story.line(with: "AOS05").contains("~10:44 6.0/m"))
  }

  @Test("drained is marked until the cursor was on it or Esc was pressed")
  func unseen() {
    var story = Story()
    story.change { $0.setLoad(Load(connected: 0, maximum: 60), of: Fixture.id("AOS05")) }
    #expect(story.line(with: "AOS05     app").contains("drained ● new"))
    story.wait(milliseconds: 600_000)
    story.press(.down, .down)
    #expect(story.line(with: "AOS05     app").contains("drained ● new"))
    var other = story
    story.press(.down, .down)
    #expect(!story.line(with: "AOS05     app").contains("unseen"))
    #expect(story.line(with: "AOS05     app").contains("drained"))
    other.press(.escape)
    #expect(!other.line(with: "AOS05     app").contains("unseen"))
  }

  @Test("what drained while the connection was away is unseen too")
  func whileAway() {
    var story = Story()
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    story.wait(milliseconds: 60_000)
    story.send(.live(endpoint: "x"))
    var snapshot = Fixture.snapshot
    snapshot.setLoad(Load(connected: 0, maximum: 60), of: Fixture.id("AOS05"))
    story.send(.snapshot(snapshot))
    #expect(story.line(with: "AOS05     app").contains("drained ● new"))
  }

  @Test("an enabled instance has no drain left to remark on")
  func enabled() {
    var story = Story(columns: 200, rows: 60)
    story.change { snapshot in
      snapshot.insert(Fixture.server("AOS05", 12, of: 60, seat: 5))
    }
    #expect(!story.picture.contains("DRAIN"))
  }
}

@Suite("Ranks and the next handshakes")
struct ForecastTests {
  private func places(_ servers: [InstanceStatus], balancers: Int = 1) -> [String: Int] {
    let sorted = servers.sorted {
      HandshakeRank(id: $0.id, load: $0.load) < HandshakeRank(id: $1.id, load: $1.load)
    }
    return Dictionary(
      uniqueKeysWithValues: HandshakeForecast.places(sorted, balancers: balancers).map {
        ($0.key.text, $0.value)
      })
  }

  @Test("ten handshakes even the loads out, and none gets lost")
  func even() {
    let servers = [Fixture.server("A1", 0, of: 10), Fixture.server("A2", 0, of: 10)]
    #expect(places(servers) == ["A1": 5, "A2": 5])
    let unlike = [Fixture.server("A1", 0, of: 10), Fixture.server("A2", 4, of: 10)]
    #expect(places(unlike) == ["A1": 7, "A2": 3])
  }

  @Test("only the first ten of a long list can get one of ten")
  func long() {
    let servers = (1...100).map { Fixture.server("A\($0)", 5, of: 60) }
    #expect(places(servers).count == 10)
  }

  @Test("several balancers weigh their reservations more")
  func weight() {
    let servers = [Fixture.server("A1", 0, of: 100), Fixture.server("A2", 3, of: 100)]
    #expect(places(servers, balancers: 1) == ["A1": 7, "A2": 3])
    #expect(places(servers, balancers: 3)["A2", default: 0] >= 4)
  }

  @Test("an empty list gets none")
  func none() {
    #expect(places([]).isEmpty)
  }

  @Test("the list says what each would get, of ten in all")
  func column() {
    var story = Story()
    story.press(.character("2"))
    #expect(story.line(with: "#  INSTANCE").hasSuffix("NEXT"))
    #expect(story.line(with: "1  AOS03").hasSuffix("8"))
    #expect(story.line(with: "2  AOS04").hasSuffix("2"))
  }
}
