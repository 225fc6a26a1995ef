import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: a drain as progress")
struct DrainStories {
  private func draining(_ left: Int, with: Int = 44, deadline: Timestamp? = nil) -> InstanceStatus {
    Fixture.server(
      "AOS05", left, of: 60, admission: .rejecting, by: "alice", seat: 5,
      drain: Drain(
        startedAt: Fixture.ago(600), startedWith: with, terms: DrainTerms(deadline: deadline)))
  }

  @Test("How many are left of how many, how fast they leave, and when it is over")
  func progress() {
    var story = Story()
    story.change { $0.insert(draining(24)) }
    story.shows("draining 24/44    24/60  █░░  40 %      ▂ seat 5   ~10:54")
    story.change { $0.insert(draining(4)) }
    story.shows("draining 4/44      4/60  █░░   7 %      ▂ seat 5   ~10:43")
    story.press(.down, .down, .down, .down, .enter)
    story.shows("  Drain           4 of 44 left after 10m, 4.0 leave per minute")
  }

  @Test("Nobody leaves: no end is promised, and the details say why it takes so long")
  func stuck() {
    var story = Story()
    story.change { $0.insert(draining(44)) }
    story.shows("draining 44/44    44/60  ██░  73 %      ▂ seat 5   0.0/min 10m")
    story.press(.down, .down, .down, .down, .enter)
    story.shows("  Drain           44 of 44 left after 10m, nobody is leaving")
  }

  @Test("A deadline is the end, if the last ones would not have left before it")
  func deadline() {
    var story = Story()
    story.change { $0.insert(draining(43, deadline: Fixture.ago(-1_800))) }
    story.shows("draining 43/44    43/60  ██░  72 %      ▂ seat 5   ends 11:12")
    story.press(.down, .down, .down, .down, .enter)
    story.shows("  Drain           43 of 44 left after 10m, 0.1 leave per minute")
    story.shows("                  11:12 UTC")
  }

  @Test("Start the dashboard in the middle of a drain: the rate is known from the history")
  func history() {
    var story = Story()
    story.shows("draining 12/44    12/60  █░░  20 %      ▂ seat 5   ~10:57")
    let loads = (0..<30).map { Load(connected: 41 - $0, maximum: 60) }
    story.send(
      .history(BalancerHistory(stepSeconds: 10, instances: [Fixture.id("AOS05"): loads])))
    story.shows("draining 12/44    12/60  █░░  20 % ▆▅▅▄▃▃ seat 5   ~10:44")
  }

  @Test("It drained while nobody looked: marked until Esc, or until the cursor was on it")
  func unseen() {
    var story = Story()
    story.change { $0.insert(draining(0)) }
    story.shows("  AOS05     app      !drained ● new        0/60")
    story.wait(milliseconds: 3_600_000)
    story.press(.down)
    story.shows("  AOS05     app       drained ● new        0/60")
    story.press(.escape)
    story.shows("  AOS05     app       drained                0/60")
  }

  @Test("It is empty: since when, and how long that took, however late one looks")
  func since() {
    var story = Story()
    story.change { $0.insert(draining(0)) }
    story.wait(milliseconds: 3_600_000)
    story.shows("drained ● new     0/60  ░░░   0 % ▁▁▁▁▁▁ seat 5   since 10:42")
    story.press(.down, .down, .down, .down, .enter)
    story.shows("  Drain           none of 44 left since 10:42 UTC, after 10m")
  }

  @Test("Start the dashboard when it is empty: the balancer's history tells since when")
  func sinceBefore() {
    var snapshot = Fixture.snapshot
    snapshot.insert(draining(0))
    var story = Story(snapshot: snapshot)
    story.shows("  AOS05     app    drained           0/60  ░░░   0 %      ▁ seat 5\n")
    let loads = (0..<30).map { Load(connected: max(0, 5 - $0), maximum: 60) }
    story.send(
      .history(BalancerHistory(stepSeconds: 10, instances: [Fixture.id("AOS05"): loads])))
    story.shows("  AOS05     app    drained           0/60  ░░░   0 % ▁▁▁▁▁▁ seat 5   since 10:38")
    story.press(.down, .down, .down, .down, .enter)
    story.shows("  Drain           none of 44 left since 10:38 UTC, after 6m")
  }

  @Test("Drain it again: the fields hold its terms, and y alone changes none of them")
  func again() {
    let terms = DrainTerms(
      message: "Back at six", closeIdleAfterSeconds: 5_400, deadline: Fixture.ago(-1_800),
      untilRestart: true)
    var under = draining(24)
    under.drain = Drain(startedAt: Fixture.ago(600), startedWith: 44, terms: terms)
    var story = Story()
    story.change { $0.insert(under) }
    story.press(.down, .down, .down, .down, .character("D"))
    story.answerDryRuns(.fine())
    story.shows("Drain AOS05 (24/60 sessions)? Already draining since 10:32 (alice)")
    story.shows("Message        [Back at six ")
    story.shows("Deadline       [2026-03-01 11:12:07 ")
    story.shows("End idle after [1h30m ")
    story.shows("[x] enable again after its restart")
    story.press(.character("y"))
    let sent = story.effects.compactMap { effect in
      if case .perform(_, let order) = effect, case .drain(_, _, let terms) = order.command {
        terms
      } else {
        nil
      }
    }
    #expect(sent == [terms])
  }

  @Test("Taken in again before it was empty: drain and column are gone, clients come")
  func backIn() {
    var story = Story()
    story.shows("DRAIN")
    story.change { snapshot in
      snapshot.insert(Fixture.server("AOS05", 12, of: 60, seat: 5))
      snapshot.handshakeList.insert(Fixture.id("AOS05"), at: 0)
    }
    story.shows("  AOS05     app      !accepting             12/60")
    story.hides("DRAIN")
  }
}

@Suite("Manual: several at once")
struct BulkStories {
  private func tagged() -> Story {
    var story = Story(columns: 120, rows: 40)
    story.press(.character(" "), .down, .character(" "))
    return story
  }

  @Test("Tags are on instances: they survive sorting, a filter and a lost connection")
  func survive() {
    var story = tagged()
    story.shows("─ 2 tagged ─")
    story.shows(" *AOS01     app")
    story.shows(" *AOS03     a+b")
    story.press(.character(">"), .character(">"), .character(">"))
    story.shows(" *AOS01     app")
    story.press(.character("/"))
    story.type("batch")
    story.press(.enter)
    story.shows("─ shown 2 of 9 ─ /batch ─ 2 tagged ─")
    story.press(.escape)
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    story.send(.live(endpoint: "x"))
    story.send(.snapshot(Fixture.snapshot))
    story.press(.character("D"))
    story.shows("┌─ Drain 2 instances ─")
    story.shows("AOS01 41/60  AOS03 37/200")
  }

  @Test("Type the wrong number of instances: nothing is sent, and the button stays off")
  func miscounted() {
    var story = tagged()
    story.press(.character("D"))
    story.answerDryRuns(.fine(warnings: [.overCapacity]))
    story.press(.character("y"))
    story.type("drain 3")
    story.press(.enter)
    story.shows("[▸Cancel◂]")
    story.press(.tab, .enter)
    story.shows("type \"drain 2\" first")
    #expect(story.commands == [])
  }

  @Test("One of several is not reached: each has its own line, and that one says so")
  func partly() {
    var story = tagged()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    story.carryOut(delivered: false)
    story.shows("drain 2 instances: done; committed, but not yet obeyed")
    for (number, name, delivered) in [(40, "AOS01", true), (41, "AOS03", false)] {
      story.send(
        .action(
          Fixture.action(Int64(number), 0, "you", .drain, name, nil, "draining", delivered)))
    }
    story.press(.character("3"))
    story.shows("10:42:07  you    drain        AOS01     draining")
    story.shows("10:42:07  you    drain        AOS03     draining; not delivered")
    story.shows("$ aosctl drain AOS01 AOS03")
  }

  @Test("One of several is refused: none is removed, and the balancer says which one")
  func refused() {
    var story = tagged()
    story.press(.character("X"))
    story.answerDryRuns(.refused("AOS03 is not drained: 37 sessions are open", warnings: []))
    story.shows("Remove 2 instances (78 sessions) from the cluster?")
    story.shows("AOS03 is not drained: 37 sessions are open")
    story.press(.character("y"))
    #expect(story.commands == [])
    story.press(.escape)
    story.shows("─ 2 tagged ─")
  }

  @Test("A tagged one leaves the cluster: the others keep their tags, and it is not counted")
  func left() {
    var story = tagged()
    story.change { $0.remove(Fixture.id("AOS03")) }
    story.shows("─ 1 tagged ─")
    story.press(.character("D"))
    story.shows("┌─ Drain AOS01 ─")
    story.press(.escape, .character("U"))
    story.hides("tagged")
  }
}

@Suite("Manual: what was done")
struct ActionStories {
  @Test("Sent and not yet answered is in the log with its command, and then the answer")
  func waiting() {
    var story = Story()
    story.press(.down, .down, .down, .down, .character("E"))
    story.answerDryRuns(.fine())
    story.press(.character("y"), .character("3"))
    story.shows("10:42:07  you    enable       AOS05     sent, no answer yet")
    story.shows("          $ aosctl enable AOS05")
    story.carryOut()
    story.hides("no answer yet")
    story.send(
      .action(Fixture.action(50, 0, "you", .enable, "AOS05", nil, "accepting", true)))
    story.shows("10:42:07  you    enable       AOS05     accepting")
    story.shows("          $ aosctl enable AOS05")
  }

  @Test("What somebody else does comes in at the top, with name and reason")
  func others() {
    var story = Story()
    story.press(.character("3"))
    story.send(
      .action(
        Fixture.action(51, -5, "dave", .limit, "AOS02", "too slow", "maximum is 40", true)))
    story.shows("10:42:12  dave   maximum      AOS02     maximum is 40 (too slow)")
    story.send(
      .action(Fixture.action(52, -9, "erin", .drain, "AOS02", nil, "draining, 60 left", false)))
    story.shows("10:42:16  erin   drain        AOS02     draining, 60 left; not delivered")
  }

  @Test("Take a command from the log into a script: what a shell would read is quoted")
  func quoted() {
    var story = Story(columns: 120, rows: 40)
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.tab(to: .field(.reason))
    story.type("disk $HOME; rm")
    story.tab(to: .cancel)
    story.press(.character("y"))
    story.shows("$ aosctl drain AOS01 --reason 'disk $HOME; rm'")
  }

  @Test("Read further down in the log: the pane in focus scrolls, and breaks long lines")
  func scroll() {
    var story = Story()
    story.change { snapshot in
      snapshot.actions = (1...40).reversed().map { number in
        Fixture.action(
          Int64(number), Int64(50 - number), "bob", .enable, "AOS01", nil, "number \(number)",
          true)
      }
    }
    for number in 41...60 {
      story.send(
        .action(
          Fixture.action(
            Int64(number), 0, "bob", .enable, "AOS01", nil, "number \(number)", true)))
    }
    story.press(.character("3"))
    story.shows("number 60")
    story.hides("number 31")
    story.press(.end)
    story.hides("number 60")
    story.press(.home)
    story.shows("number 60")
  }
}
