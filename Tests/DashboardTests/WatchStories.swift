import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: watching a cluster")
struct WatchStories {
  @Test("the first look: how many serve, how full they are, who is next")
  func firstLook() {
    var story = Story(snapshot: nil)
    story.shows("Starting")
    story.send(.connecting(endpoint: "unix:///run/aos/balancer.sock"))
    story.shows("Connecting to unix:///run/aos/balancer.sock")
    story.send(.live(endpoint: "unix:///run/aos/balancer.sock"))
    story.send(.snapshot(Fixture.snapshot))
    story.shows("clients 3/7  batch 1/2  sessions 232  list 217+3/440 ██░░ 50 %")
    story.shows(" 1 AOS03 20 % +2  2 AOS04 22 % +1  3 AOS01 68 %  4 AOS02 100 %  5 AOS06 112 %")
    story.shows(" out: AOS05 draining  AOS07 unreachable  AOS10 no license")
  }

  @Test("a client logs on: a place is reserved, then it is a session")
  func logOn() {
    var story = Story()
    story.shows(" 2 AOS04 22 % +1")
    story.change {
      $0.setLoad(Load(connected: 12, reserved: 2, maximum: 60), of: Fixture.id("AOS04"))
    }
    story.shows(" 2 AOS04 23 % +2")
    story.change { $0.setLoad(Load(connected: 14, maximum: 60), of: Fixture.id("AOS04")) }
    story.shows("  AOS04     app accepting 14/60  █░░  23 %")
    story.shows(" 2 AOS04 23 %  3")
    story.shows("sessions 234")
  }

  @Test("a server fills up, and is last in the list but in it")
  func fillsUp() {
    var story = Story()
    story.change {
      $0.setLoad(Load(connected: 60, maximum: 60), of: Fixture.id("AOS04"))
      $0.handshakeList = Fixture.ids("AOS03", "AOS01", "AOS02", "AOS04", "AOS06")
    }
    story.shows("  AOS04     app !full 60/60  ███ 100 %")
    story.shows("clients 2/7")
    story.shows("▼4 AOS04 100 %")
    story.wait(milliseconds: 5_000)
    story.shows("4 AOS04 100 %")
  }

  @Test("a state that became another one is marked for some seconds, a load that did is not")
  func changed() {
    var story = Story()
    story.change { $0.setLoad(Load(connected: 13, maximum: 60), of: Fixture.id("AOS04")) }
    story.shows("  AOS04     app       accepting             13/60")
    story.change { $0.setLoad(Load(connected: 60, maximum: 60), of: Fixture.id("AOS04")) }
    story.shows("  AOS04     app      !full                  60/60")
    let grid = story.grid
    #expect((4...12).contains { grid.styledLine($0).contains("underlined black on yellow:full") })
    story.change {
      $0.insert(Fixture.server("AOS07", 0, of: 60))
      $0.insert(Fixture.server("AOS11", 0, of: 60))
    }
    story.shows("  AOS07     app      !accepting")
    story.shows("  AOS11     app      !accepting")
    story.wait(milliseconds: 5_000)
    story.shows("  AOS04     app       full")
    story.shows("  AOS07     app       accepting")
  }

  @Test("what is wrong: p shows it alone, Esc all again")
  func problems() {
    var story = Story()
    story.press(.character("p"))
    story.shows("shown 5 of 9 ─ problems only ─")
    #expect(story.order == ["AOS02", "AOS05", "AOS06", "AOS07", "AOS10"])
    story.press(.escape)
    story.hides("problems only")
    #expect(story.order.count == 9)
  }

  @Test("the busiest first: > goes to the column, i turns it round, < goes back")
  func busiest() {
    var story = Story()
    story.press(.character(">"), .character(">"), .character(">"))
    story.shows("▼SESSIONS")
    #expect(story.order.prefix(3) == ["AOS06", "AOS02", "AOS01"])
    story.press(.character("i"))
    story.shows("▲SESSIONS")
    #expect(story.order.prefix(2) == ["AOS07", "LB1"])
    story.press(.character("<"))
    story.shows("STATE▲")
  }

  @Test("one server in detail: state, chart, order, health, seat, and back")
  func closely() {
    var story = Story(columns: 100, rows: 50)
    story.press(.down, .down, .down, .down, .down, .down, .enter)
    story.shows("─ Instance AOS07 ─")
    story.shows("  State           unreachable")
    story.shows("  Handshake list  not listed: unreachable")
    story.shows("  Health          unreachable, since 2026-03-01 10:40:33 UTC (1m): connection")
    story.shows("  License         seat 7 (no limit)")
    story.press(.escape)
    story.shows("▸ AOS07     app       unreachable")
  }

  @Test("why is it not in the list? The second pane has the one reason of each")
  func reasons() {
    var story = Story()
    story.press(.character("2"), .end)
    story.shows("─ not in the list ─")
    story.shows("      AOS05    draining (alice), 12 left")
    story.shows("      AOS10    no license")
    story.shows("▸     LB1      balancer")
    story.press(.enter)
    story.shows("─ Instance LB1 ─")
  }

  @Test("who did that? The third pane has actor, action, instance and reason")
  func actions() {
    var story = Story()
    story.press(.character("3"))
    story.shows("10:00:07  alice  drain        AOS05     draining, 44 left (patching the")
    story.shows("                                        kernel)")
    story.send(
      .action(Fixture.action(32, 0, "bob", .enable, "AOS05", nil, "accepting", true)))
    story.shows("10:42:07  bob    enable       AOS05     accepting")
  }

  @Test("two words and a number find three servers among many")
  func find() {
    var story = Story()
    story.press(.character("/"))
    story.type("app")
    story.shows("Filter: app▏")
    story.shows(" Enter  Keep  Esc  Remove filter")
    story.shows("shown 7 of 9")
    story.type(" load<30")
    story.shows("shown 4 of 9")
    story.type(" -drain")
    story.shows("shown 3 of 9")
    #expect(story.order == ["AOS03", "AOS04", "AOS07"])
    story.press(.enter)
    story.shows("─ shown 3 of 9 ─ /app load<30 -drain ─")
    story.press(.escape)
    story.hides("shown")
  }

  @Test("in a hurry of changes z holds the picture still, and the banner says since when")
  func pause() {
    var story = Story()
    story.press(.character("z"))
    story.shows(" PAUSED at 10:42:07 UTC; z resumes")
    story.change { $0.setLoad(Load(connected: 9, maximum: 60), of: Fixture.id("AOS01")) }
    story.shows("▸ AOS01     app       accepting             41/60")
    story.press(.character("z"))
    story.hides("PAUSED")
    story.shows("▸ AOS01     app       accepting              9/60")
  }

  @Test("on a telephone: forty columns, ten lines, and every key still works")
  func small() {
    var story = Story(columns: 40, rows: 10)
    story.shows("▸ AOS01     accepting             41/60")
    story.press(.character("2"))
    story.shows("─ ▸2 Handshake list: 5 servers")
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.shows("[▸Cancel◂]")
    story.press(.escape)
    story.send(.resized(Size(columns: 30, rows: 5)))
    story.shows("aostop needs 40x8, this is\n30x5")
    story.send(.resized(Size(columns: 80, rows: 24)))
    story.shows("─ ▸2 Handshake list: 5 servers ─")
  }

  @Test("A server for batch alone accepts, and is none of those for clients: the header says so")
  func batchOnly() {
    var story = Story(columns: 120, snapshot: Fixture.quiet)
    story.shows("clients: 3 of 3")
    story.change { $0.insert(Fixture.server("AOS09", 0, of: 60, services: .batch)) }
    story.shows("  AOS09     batch !accepting")
    story.shows("clients: 3 of 3   batch: 1 of 1")
  }

  @Test("the id for a ticket: y sends it to the terminal's clipboard, and says no more than that")
  func copy() {
    var story = Story()
    story.press(.down, .character("y"))
    #expect(story.effects == [.copy("AOS02")])
    story.send(.copied("AOS02", to: .terminal))
    story.shows(" sent to the terminal's clipboard: AOS02")
    story.send(.copied("AOS02", to: .tmux))
    story.shows(" sent to tmux (which needs set-clipboard on): AOS02")
    // Where its details are open it is the instance of these.
    story.press(.enter, .character("y"))
    #expect(story.effects.last == .copy("AOS02"))
  }

  @Test("a terminal without a clipboard: y says so, with the text for the mouse")
  func noClipboard() {
    var story = Story()
    story.press(.character("y"))
    story.send(.copied("AOS01", to: .none))
    story.shows(" this terminal has no clipboard; select it here with the mouse: AOS01")
    #expect(story.effects == [.copy("AOS01"), .bell])
    // A complaint stays.
    story.press(.down)
    story.shows("select it here with the mouse: AOS01")
  }

  @Test("what is to be known of the terminal stands above the keys")
  func notice() {
    var story = Story()
    story.send(.notice("TERM=foot is not known here; it is taken for xterm-256color"))
    story.shows(" TERM=foot is not known here; it is taken for xterm-256color")
  }

  @Test("colours are a help, never the only sign: without them the words are the same")
  func withoutColors() {
    let colored = Story(columns: 120, rows: 40)
    let plain = Story(columns: 120, rows: 40, options: DashboardOptions(isColorless: true))
    #expect(colored.picture == plain.picture)
    plain.shows("unreachable")
  }

  @Test("in a quiet minute no cell changes but those of the clock", arguments: [80, 120])
  func quiet(columns: Int) {
    var snapshot = Fixture.snapshot
    // A drain under way is not quiet: its rate falls with every minute in which nobody leaves. Nor
    // is the mark of something that happened in the last hour: it moves on the time axis.
    for name in ["AOS05", "AOS07"] { snapshot.insert(Fixture.server(name, 12, of: 60)) }
    snapshot.actions = []
    var story = Story(columns: columns, rows: 40, snapshot: snapshot)
    var history = Fixture.history
    history.cluster = history.cluster.map { _ in ClusterSample(snapshot) }
    story.send(.history(history))
    // By then everything flat has filled the sparklines.
    for _ in 0..<70 { story.wait(milliseconds: 5_000) }
    var before = story.grid
    for _ in 0..<60 {
      story.wait(milliseconds: 1_000)
      let grid = story.grid
      let changed = (0..<40).filter { grid.row($0) != before.row($0) }
      #expect(changed.isEmpty || changed == [0])
      if changed == [0] {
        let clock = columns - 10..<columns
        #expect(grid.row(0).prefix(clock.lowerBound) == before.row(0).prefix(clock.lowerBound))
      }
      before = grid
    }
  }
}
