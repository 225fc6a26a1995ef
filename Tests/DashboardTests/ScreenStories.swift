import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: with the mouse")
struct MouseStories {
  @Test("Click a row, then a key of the last line: it is about that row")
  func rowAndKey() {
    var story = Story(options: DashboardOptions(usesMouse: true))
    story.click("AOS04     app")
    story.shows("▸ AOS04     app       accepting             12/60")
    story.click("Drain", below: 22)
    story.answerDryRuns(.fine())
    story.shows("Drain AOS04 (12/60 sessions)?")
    story.click("▸Cancel◂")
    story.shows(" Drain cancelled.")
  }

  @Test("Click a title to sort by it, again to turn it round")
  func title() {
    var story = Story(options: DashboardOptions(usesMouse: true))
    story.click("LOAD")
    story.shows("LOAD▼")
    #expect(story.order.first == "AOS06")
    story.click("LOAD")
    story.shows("LOAD▲")
    #expect(story.order.first == "LB1")
  }

  @Test("Answer a question by its button, with a click on the button that changes something")
  func button() {
    var story = Story(options: DashboardOptions(usesMouse: true))
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.click("Load of the list")
    story.shows("[▸Cancel◂]   [ Drain ]")
    story.click("[ Drain ]")
    story.shows(" drain AOS01: sent")
    #expect(story.commands == ["aosctl drain AOS01"])
  }

  @Test("Turn the wheel over a pane: it goes there and moves by three rows")
  func wheel() {
    var story = Story(columns: 120, rows: 40, options: DashboardOptions(usesMouse: true))
    story.press(.mouse(Mouse(.wheelDown, row: 6, column: 10)))
    story.shows("▸ AOS04     app")
    story.press(.mouse(Mouse(.wheelDown, row: 20, column: 10)))
    story.shows("─ ▸2 Handshake list: 5 servers ─")
    story.shows("▸  5  AOS06    ")
  }
}

@Suite("Manual: small screens")
struct SmallStories {
  @Test("Narrow the window: the columns that matter least go first, and come back")
  func columns() {
    var story = Story(columns: 120, rows: 24)
    story.shows("INSTANCE▲ ROLE STATE SESSIONS LOAD")
    story.send(.resized(Size(columns: 60, rows: 24)))
    story.shows("  INSTANCE▲ ROLE  STATE           SESSIONS LOAD     LICENSE")
    story.hides("DRAIN")
    story.shows("▸ AOS01     app   accepting         41/60  █░  68 % seat 1")
    story.send(.resized(Size(columns: 40, rows: 24)))
    story.shows("  INSTANCE▲ STATE               SESSIONS")
    story.hides("LOAD")
    story.send(.resized(Size(columns: 120, rows: 24)))
    story.shows("INSTANCE▲ ROLE STATE SESSIONS LOAD")
  }

  @Test("The column that is sorted by stays, however narrow")
  func sorted() {
    var story = Story(columns: 40, rows: 10)
    story.hides("LOAD")
    for _ in 0..<4 { story.press(.character(">")) }
    story.shows("LOAD▼")
    story.shows("▸ AOS01     accepting")
    story.press(.home)
    story.shows("▸ AOS06     full")
    story.shows(" 112 %")
  }

  @Test("Ten lines of forty columns: each pane in its turn has the screen")
  func panes() {
    var story = Story(columns: 40, rows: 10)
    story.shows(" PROD  [RW]  live  4 ACTIVE 4 NEW")
    story.shows("─ ▸1 Instances: 9 ────── rows 1-4 of 9 ─")
    story.press(.tab)
    story.shows("─ ▸2 Handshake list: 5 servers")
    story.hides("1 Instances")
    story.press(.tab)
    story.shows("─ ▸3 Events ─")
    story.press(.tab)
    story.shows("─ ▸4 Sessions of AOS01")
    story.press(.tab)
    story.shows("─ ▸5 Cluster, last hour")
    story.press(.tab)
    story.shows("─ ▸1 Instances: 9 ─")
  }

  @Test("Drain on ten lines: question, effect, field in focus and buttons are in sight")
  func dialog() {
    var story = Story(columns: 40, rows: 10)
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.shows("│ Drain AOS01 (41/60 sessions)? No new │")
    story.shows("│ 4 of 5 servers stay in the list.     │")
    story.shows("│        [▸Cancel◂]   [ Drain ]        │")
    story.press(.tab, .tab)
    story.shows("│ ▸Reason  [▏")
    story.type("kernel")
    story.press(.backTab)
    story.shows("│        [ Cancel ]   [▸Drain◂]        │")
    story.press(.enter)
    #expect(story.commands == ["aosctl drain AOS01 --reason kernel"])
  }

  @Test("Make the window too small over a question: no key answers it until it is seen again")
  func unseen() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.send(.resized(Size(columns: 30, rows: 5)))
    story.press(.character("y"), .tab, .enter, .escape)
    story.shows("aostop needs 40x8, this is\n30x5")
    story.send(.resized(Size(columns: 80, rows: 24)))
    story.shows("[▸Cancel◂]   [ Drain ]")
    #expect(story.commands == [])
  }

  @Test("Read the details on ten lines: they scroll to the sessions at their end")
  func details() {
    var story = Story(columns: 40, rows: 10)
    story.press(.enter)
    story.answerSessions([Fixture.carol])
    story.shows("─ Instance AOS01 ─")
    story.hides("carol")
    story.press(.tab)
    story.shows("▸ carol")
    story.press(.escape, .home)
    story.shows("  State           accepting")
  }

  @Test("A large cluster: numbers are in groups of three everywhere, and rows are counted")
  func large() {
    let ids = (0..<3_260).map { "S\($0)" }
    let base = Fixture.snapshot
    let snapshot = ClusterSnapshot(
      cluster: "BIG", sequence: 1, at: Fixture.now, balancer: base.balancer,
      license: LicenseSummary(state: .valid, seats: 4_000, seatsUsed: 3_260),
      handshakes: base.handshakes,
      instances: ids.map { Fixture.server($0, 1_200, of: 2_000) },
      handshakeList: ids.map(Fixture.id), actions: [])
    var story = Story(columns: 120, snapshot: snapshot)
    story.shows("license: 3,260 of 4,000 seats used")
    story.shows("clients 3,260/3,260  sessions 3,912,000")
    story.shows("1 Instances: 3,260")
    story.shows("of 3,260 ─")
    story.shows("1,200/2,000")
    story.shows("2 Handshake list: 3,260 servers")
    story.press(.character("D"))
    story.shows("Drain S0 (1,200/2,000 sessions)?")
    story.press(.escape, .enter)
    story.shows("  Sessions        1,200 open, 2,000 allowed")
    story.shows("  Handshake list  rank 1 of 3,260")
  }
}

@Suite("Manual: plain terminals")
struct PlainStories {
  @Test("ASCII alone: bars, frames, marks and dashes have their stand-ins")
  func ascii() {
    var story = Story(options: DashboardOptions(isASCII: true))
    story.shows("- >1 Instances: 9 -")
    story.shows("> AOS01     app accepting 41/60  ##.  68 %")
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.shows("Load of the list: 61 % to 74 %.")
    story.shows("[>Cancel<]   [ Drain ]")
    #expect(story.picture.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
  }

  @Test("ASCII alone: the chart of the details is drawn with what there is")
  func asciiChart() {
    var story = Story(columns: 100, rows: 50, options: DashboardOptions(isASCII: true))
    story.press(.enter)
    for _ in 0..<60 { story.wait(milliseconds: 5_000) }
    story.shows("  Last hour        100 %|")
    #expect(story.picture.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
    #expect(story.line(with: "0 %+--") != "")
  }

  @Test("Without colours: the cursor is reversed, states are words, what is wrong is bold")
  func mono() {
    var story = Story(options: DashboardOptions(isColorless: true))
    story.shows("  AOS07     app unreachable 0?/60")
    #expect(story.grid.styledLine(4).contains("reverse:     app   accepting"))
    #expect(story.grid.styledLine(10).contains("bold:unreachable"))
    story.press(.character("p"))
    story.shows("shown 5 of 9 ─ problems only ─")
    let colors = (0..<24).flatMap { story.grid.row($0) }.compactMap(\.style.foreground)
    #expect(colors.isEmpty)
  }
}

@Suite("Manual: when the connection goes")
struct ReconnectStories {
  @Test("The age of the picture is counted, and so are the seconds to the next try")
  func countdown() {
    var story = Story()
    story.send(.lost(reason: "connection reset", retryAt: story.now + 5_000))
    story.shows(" STALE for 0s: connection reset; next try in 5 s, r = now")
    story.shows("[RO]  STALE 0s")
    story.wait(milliseconds: 3_000)
    story.shows(" STALE for 3s: connection reset; next try in 2 s, r = now")
    story.send(.connecting(endpoint: "unix:///run/aos/balancer.sock"))
    story.wait(milliseconds: 60_000)
    story.shows(" STALE for 1m: connection reset; trying unix:///run/aos/balancer.sock")
    story.shows("▸ AOS01     app       accepting             41/60")
  }

  @Test("No balancer answers from the start: which were tried, and when it is tried again")
  func never() {
    let endpoints = ["http://lb1:2712", "http://lb2:2712"]
    var story = Story(options: DashboardOptions(endpoints: endpoints), snapshot: nil)
    story.send(.connecting(endpoint: "http://lb1:2712"))
    story.shows("Connecting to http://lb1:2712")
    story.send(.lost(reason: "connection refused", retryAt: story.now + 4_000))
    story.shows("No balancer answers: connection refused")
    story.shows("Next try in 4 s (r tries now)")
    story.shows("Tried: http://lb1:2712, http://lb2:2712")
    story.press(.character("D"))
    story.shows("Cannot drain: no balancer has answered yet")
    story.press(.character("r"))
    #expect(story.effects.last == .reconnectNow)
  }

  @Test("Another balancer takes over: its name is in the header, the cursor where it was")
  func takenOver() {
    var story = Story()
    story.press(.down, .down)
    story.send(.lost(reason: "connection refused", retryAt: story.now + 500))
    story.send(.live(endpoint: "http://lb2:2712"))
    var snapshot = Fixture.snapshot
    snapshot.balancer.id = Fixture.id("LB2")
    story.send(.snapshot(snapshot))
    story.shows(" PROD  via LB2  [RW]  live")
    story.shows("lost (connection refused); now watching through")
    story.shows(" http://lb2:2712")
    story.shows("▸ AOS03     a+b accepting 37/200")
  }

  @Test("A token that may only look: the keys are locked, with the balancer's reason")
  func viewer() {
    var story = Story()
    story.send(.access(refusal: "this token is a viewer's"))
    story.shows("[RO]  live")
    story.shows(" read-only: this token is a viewer's")
    story.hides(" D  Drain")
    story.press(.character("D"))
    story.shows("Cannot drain: this token is a viewer's")
    story.press(.character("w"))
    story.shows("read-only: this token is a viewer's")
    story.send(.access(refusal: nil))
    story.shows(" The balancer accepts changes again.")
    story.shows("[RW]  live")
  }

  @Test("After a lost connection the changes appear at once, and nothing is marked as new")
  func away() {
    var story = Story()
    story.send(.lost(reason: "reset", retryAt: story.now + 500))
    story.wait(milliseconds: 30_000)
    story.send(.live(endpoint: "x"))
    var snapshot = Fixture.snapshot
    snapshot.insert(Fixture.server("AOS04", 60, of: 60))
    snapshot.handshakeList = Fixture.ids("AOS03", "AOS01", "AOS02", "AOS04", "AOS06")
    story.send(.snapshot(snapshot))
    story.shows("  AOS04     app       full                  60/60")
    story.shows(" 1 AOS03 20 % +2  2 AOS01 68 %")
    story.hides("STALE")
  }
}
