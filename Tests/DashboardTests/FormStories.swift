import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: filling in forms")
struct FormStories {
  @Test("Add an instance: id and address are checked as they are typed")
  func checked() {
    var story = Story()
    story.press(.character("A"))
    story.shows("▸Id      [▏")
    story.type("AOS 11")
    story.shows("id may hold letters, digits")
    for _ in 0..<3 { story.press(.backspace) }
    story.type("11")
    story.hides("id may hold")
    story.press(.enter)
    story.shows("▸Address [▏")
    story.type("10.0.0.11:70000")
    story.shows("address has a port outside 1 to 65535")
    story.press(.enter)
    story.shows("▸Address [10.0.0.11:70000▏")
    story.press(.escape)
    story.shows(" Add cancelled.")
    #expect(story.commands == [])
  }

  @Test("Add an instance that speaks TLS and takes clients at once: both boxes by Space")
  func boxes() {
    var story = Story()
    story.press(.character("A"))
    story.type("AOS11")
    story.press(.enter)
    story.type("aos11.prod")
    story.press(.enter)
    story.shows(" ▸[ ] accept clients as soon as it connects")
    story.shows(" Space  Tick")
    story.press(.character(" "), .tab, .character(" "))
    story.shows("  [x] accept clients as soon as it connects")
    story.shows(" ▸[x] use TLS to reach it")
    story.answerDryRuns(.fine())
    story.press(.tab, .tab, .enter)
    #expect(story.commands == ["aosctl add AOS11 aos11.prod:2712 --accept --tls"])
  }

  @Test("Added before it was started: it is done, and it takes no clients until it has connected")
  func addedAhead() {
    var story = Story(columns: 120)
    story.press(.character("A"))
    story.type("AOS11")
    story.press(.enter)
    story.type("aos11.prod")
    story.press(.enter)
    story.answerDryRuns(.fine())
    story.press(.tab, .tab, .tab, .enter)
    let added = Fixture.server(
      "AOS11", 0, of: 0, admission: .rejecting, delivered: false, health: .notYetSeen)
    story.carryOut([added], delivered: false) { $0.insert(added) }
    story.shows(" add AOS11: done; it is never connected; it gets no clients until")
    #expect(story.dashboard.message?.tone == .good)
  }

  @Test("Add an existing id: the balancer's refusal shows before anything is sent")
  func exists() {
    var story = Story()
    story.press(.character("A"))
    story.type("AOS01")
    story.press(.enter)
    story.type("10.0.0.1")
    story.press(.enter)
    story.answerDryRuns(.refused("AOS01 is in the cluster already", warnings: []))
    story.shows("│ AOS01 is in the cluster already")
    story.press(.tab, .tab, .tab, .enter)
    #expect(story.commands == [])
    story.shows("┌─ Add an instance ─")
  }

  @Test("Lift a maximum that an operator set: none is the instance's own again")
  func ownMaximum() {
    var story = Story()
    story.press(.down, .down, .character("M"))
    story.shows("Change the maximum of AOS03 (37/200 sessions)? Now 200 (set by an")
    story.type("none")
    story.press(.enter)
    story.answerDryRuns(.fine())
    story.press(.tab, .enter)
    #expect(story.commands == ["aosctl limit AOS03 none"])
  }

  @Test("What M changes is called Maximum everywhere: key, question and messages")
  func oneWord() {
    var story = Story(columns: 200)
    story.shows(" M  Maximum")
    story.press(.character("M"))
    story.shows("┌─ Change the maximum of AOS01 ─")
    story.type("30")
    story.press(.enter)
    story.answerDryRuns(.fine())
    story.shows("[ Change ]")
    story.press(.tab, .enter)
    story.carryOut { $0.insert(Fixture.server("AOS01", 41, of: 30, limit: 30)) }
    story.shows("maximum of AOS01: done")
    story.press(.end, .character("M"))
    story.shows("Cannot change the maximum: LB1 is a dedicated load balancer, and takes no")
    #expect(story.commands == ["aosctl limit AOS01 30"])
    story.hides(" limit")
  }

  @Test("Type a maximum out of range: an error shows at once, and it cannot be sent")
  func wrongMaximum() {
    var story = Story()
    story.press(.character("M"))
    story.type("65536")
    story.shows("maximum must be 0 to 65535, or none")
    story.press(.tab, .tab, .enter)
    story.shows("maximum must be 0 to 65535, or none")
    #expect(story.commands == [])
    story.press(.escape)
    story.shows(" Change cancelled.")
  }

  @Test("Drain until the restart, those who idle first: the question says who has to go")
  func terms() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.shows("  End idle after [optional, e.g. 10m")
    story.tab(to: .field(.idle))
    story.type("15m")
    story.press(.tab, .character(" "))
    story.shows("[x] enable again after its restart")
    story.answerDryRuns(.fine())
    story.shows("No new clients; sessions idle for 15m")
    story.tab(to: .cancel)
    story.press(.character("y"))
    story.shows("$ aosctl drain AOS01 --close-idle-after 900s --until-restart")
  }

  @Test("A deadline that is none is refused while it is typed, and nothing is sent with it")
  func wrongTerm() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.tab(to: .field(.deadline))
    story.type("noon")
    story.shows("the deadline must be a span such as 30m, or a time in UTC such as 22:30")
    story.tab(to: .cancel)
    story.press(.character("y"))
    #expect(story.commands == [])
    story.tab(to: .field(.deadline))
    story.press(.control("u"))
    story.type("12:00")
    story.hides("deadline must be")
    story.shows("No new clients; all sessions end in 1 h 18")
    story.shows("│ min, 12:00 UTC.")
  }

  @Test("Say why: the reason is the first field, and goes with the change into the log")
  func reason() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.shows("  Reason         [optional: kept in the log")
    story.press(.tab, .tab)
    story.shows(" ▸Reason         [▏")
    story.type("ticket 4711: can't wait")
    story.tab(to: .confirm)
    story.press(.enter)
    #expect(story.commands == [#"aosctl drain AOS01 --reason 'ticket 4711: can'\''t wait'"#])
  }
}

@Suite("Manual: answering questions")
struct DialogStories {
  @Test("Enter by habit changes nothing: the focus is on Cancel, and a message says so")
  func enter() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.shows("[▸Cancel◂]   [ Drain ]")
    story.press(.enter)
    story.shows(" Drain cancelled.")
    #expect(story.commands == [])
  }

  @Test("Keys typed ahead of a question, over a slow line, do not answer it")
  func typeAhead() {
    var story = Story()
    story.send(.keys([.character("D"), .character("y"), .character("y"), .enter]))
    story.shows("┌─ Drain AOS01 ─")
    story.answerDryRuns(.fine())
    story.shows("[▸Cancel◂]   [ Drain ]")
    #expect(story.commands == [])
    story.press(.character("y"))
    #expect(story.commands == ["aosctl drain AOS01"])
  }

  @Test("Enable what is enabled: a message says so, nothing is asked; for several how many")
  func enabledAlready() {
    var story = Story()
    story.press(.character("E"))
    story.shows(" AOS01 is enabled already.")
    #expect(story.dashboard.overlay == .none)
    story.press(.character(" "), .character(" "), .character("E"))
    story.shows(" All 2 tagged instances are enabled already.")
    #expect(story.dashboard.overlay == .none)
    story.press(.end, .up, .up, .up, .up, .character(" "), .character("E"))
    let words =
      "Enable 3 instances (113 sessions)? New clients can log on again; 2 of them are "
      + "enabled already."
    #expect(story.dialogWords.contains(words))
  }

  @Test("Drain a server that is away: the dialog says that the order waits until it is back")
  func away() {
    var story = Story()
    story.press(.down, .down, .down, .down, .down, .down, .character("D"))
    story.shows("Drain AOS07 (0/60 sessions)? No new clients; no session is ended. It is")
    story.shows("│ unreachable and gets the order when it is back.")
    story.press(.escape, .character(" "), .home, .character(" "), .character("D"))
    story.shows("no session is ended. AOS07  │")
    story.shows("│ is not reachable and gets the order later.")
  }

  @Test("A maximum below the open sessions: they stay, and the dialog says so")
  func lowered() {
    var story = Story()
    story.press(.character("M"))
    story.type("41")
    story.hides("above it stay")
    story.press(.backspace)
    story.shows("│ sessions above it stay.")
  }

  @Test("Answer before the balancer has said what it would do: not yet")
  func tooSoon() {
    var story = Story()
    story.press(.character("D"))
    story.shows("Asking LB1 what this would change.")
    story.press(.character("y"))
    story.shows("│ the balancer has not answered yet")
    story.answerDryRuns(.fine())
    story.shows("4 of 5 servers stay in the list. Load of the list: 61 % → 74 %.")
    story.press(.character("y"))
    story.shows(" drain AOS01: sent")
  }

  @Test("The balancer gives no answer to the question: it is asked again, until it does")
  func noAnswer() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.failed("timed out"))
    story.shows("│ the balancer gave no answer: timed out")
    story.wait(milliseconds: 2_000)
    story.answerDryRuns(.fine())
    story.hides("no answer")
    story.press(.character("y"))
    #expect(story.commands == ["aosctl drain AOS01"])
  }

  @Test("Remove what is not drained: the balancer refuses, a box overrides, the name is typed")
  func force() {
    var story = Story()
    story.press(.character("X"))
    story.answerDryRuns(.refused("AOS01 is not drained: 41 sessions are open", warnings: []))
    story.shows("│ AOS01 is not drained: 41 sessions are open")
    story.press(.tab, .tab, .character(" "))
    story.shows("▸[x] remove although sessions are open")
    story.answerDryRuns(.fine())
    story.press(.tab)
    story.type("AOS02")
    story.press(.enter, .enter)
    #expect(story.commands == [])
    story.press(.character("X"))
    story.answerDryRuns(.refused("AOS01 is not drained: 41 sessions are open", warnings: []))
    story.press(.tab, .tab, .character(" "))
    story.answerDryRuns(.fine())
    story.press(.tab)
    story.type("AOS01")
    story.press(.enter)
    story.shows("[ Cancel ]   [▸Remove◂]")
    story.press(.enter)
    #expect(story.commands == ["aosctl remove AOS01 --force"])
  }

  @Test("The sessions would not fit on the rest: a warning by its name, and the name is typed")
  func overCapacity() {
    var story = Story()
    story.press(.down, .down, .character("D"))
    story.answerDryRuns(.fine(warnings: [.overCapacity]))
    story.shows("Over capacity: the remaining servers hold ")
    story.shows("  Type \"AOS03\" [")
    story.press(.character("y"))
    story.type("AOS03")
    story.press(.enter, .enter)
    #expect(story.commands == ["aosctl drain AOS03 --acknowledge overCapacity"])
  }

  @Test("A warning comes up while the question is open: y alone does it no more")
  func newWarning() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.hides("Type \"AOS01\"")
    story.wait(milliseconds: 1_000)
    story.change { $0.handshakeList = Fixture.ids("AOS01") }
    story.change { $0.insert(Fixture.server("AOS03", 1, of: 60, health: .unreachable)) }
    story.answerDryRuns(.fine([], warnings: [.lastServer]))
    story.shows("Last server: nobody could log on any more.")
    story.press(.character("y"))
    story.shows("type \"AOS01\" first")
    #expect(story.commands == [])
  }

  @Test("Tab walks through the fields and both buttons; arrows change between these")
  func tab() {
    var story = Story()
    story.press(.down, .down, .down, .down, .character("E"))
    story.answerDryRuns(.fine())
    story.press(.right)
    story.shows("[ Cancel ]   [▸Enable◂]")
    story.press(.left)
    story.shows("[▸Cancel◂]   [ Enable ]")
    story.press(.tab, .tab)
    story.shows("▸Reason [▏")
    story.press(.tab, .tab, .enter)
    #expect(story.commands == ["aosctl enable AOS05"])
  }
}
