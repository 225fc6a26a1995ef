import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: one instance closely")
struct DetailStories {
  /// The details of AOS01 with carol and dave connected.
  private func opened(columns: Int = 100, rows: Int = 50) -> Story {
    var story = Story(columns: columns, rows: rows)
    story.press(.enter)
    story.answerSessions([Fixture.dave, Fixture.carol])
    return story
  }

  @Test("See who is connected, since when, and who is active")
  func sessions() {
    let story = opened()
    story.shows("─ Instance AOS01 ─")
    story.shows("    USER   COMPUTER  KIND    SINCE               ACTIVE")
    story.shows("    carol  PC-7      client  09:12:07 (1h30m)    1m ago")
    story.shows("    dave   PC-9      client  10:32:07 (10m)      —")
  }

  @Test("End one session from the details: Tab picks, X asks with the user's name")
  func endSession() {
    var story = opened()
    story.shows(" Tab  Pick a session")
    story.hides("End session")
    story.press(.tab, .down)
    story.shows("  ▸ dave   PC-9      client  10:32:07 (10m)      —")
    story.shows(" Esc  To the instance  ↑↓  Pick a session")
    story.shows(" X  End session")
    story.press(.character("X"))
    story.shows("End the session of dave on PC-9 at AOS01? Open for 10m. What is not")
    story.shows("│ saved is lost.")
    story.shows("[▸Cancel◂]   [ End ]")
    story.press(.character("y"))
    #expect(story.commands == ["aosctl end AOS01 s2"])
    story.carryOut()
    story.answerSessions([Fixture.carol])
    story.shows("  ▸ carol  PC-7")
    story.hides("dave   PC-9")
  }

  @Test("X is about what is in focus: the instance, or after Tab a session, never both")
  func focus() {
    var story = opened(columns: 160)
    story.shows(" X  Remove")
    story.press(.character("X"))
    story.shows("Remove AOS01 (41/60 sessions) from the cluster?")
    story.press(.escape, .tab)
    story.hides("Remove")
    // The last session ends by itself just before the key.
    story.wait(milliseconds: 5_000)
    story.answerSessions([])
    story.press(.character("X"))
    story.shows(" Cannot end session: no session is under the cursor")
    story.hides("Remove")
    #expect(story.commands == [])
    story.press(.escape)
    story.shows("─ Instance AOS01 ─")
    story.shows(" X  Remove")
  }

  @Test("Among many sessions the one under the cursor stays in sight, and stays the same")
  func many() {
    var story = Story()
    story.press(.enter)
    let people = (1...60).map { number in
      SessionInfo(
        session: "s\(number)", kind: .client, user: "user\(number)", computer: "PC",
        since: Fixture.ago(Int64(10_000 - number)), activeAt: nil)
    }
    story.answerSessions(people)
    story.hides("user1 ")
    story.press(.tab)
    story.shows("  ▸ user1   PC")
    story.press(.end)
    story.shows("  ▸ user60  PC")
    story.press(.up)
    story.wait(milliseconds: 5_000)
    story.answerSessions(Array(people.dropFirst(30)))
    story.shows("  ▸ user59  PC")
    story.press(.home)
    story.shows("  ▸ user31  PC")
  }

  @Test("4 goes from the details to the sessions of that instance in their own pane")
  func pane() {
    var story = Story()
    story.press(.down, .enter)
    story.shows(" 4  Sessions")
    story.press(.character("4"))
    story.answerSessions([Fixture.carol])
    story.shows("─ ▸4 Sessions of AOS02: 1 ─")
    story.shows("▸ carol  PC-7      client  09:12:07 (1h30m)    1m ago")
    story.shows(" X  End session")
  }

  @Test("The chart of the last hour is full at once, from what the balancer kept")
  func chart() {
    var story = Story(columns: 100, rows: 50)
    story.press(.enter)
    let loads = (0..<360).map { Load(connected: $0 < 180 ? 0 : 60, maximum: 60) }
    let history = BalancerHistory(stepSeconds: 10, instances: [Fixture.id("AOS01"): loads])
    for case .history(let token, 60) in story.effects {
      story.send(.answer(token, .history(history)))
    }
    let full = String(repeating: "⣿", count: 36)
    #expect(story.line(with: "Last hour        100 %│").hasSuffix(" " + full + "⣿"))
    story.shows("-60m                               -30m                               now")
  }

  @Test("Its license seat, and of how many")
  func seat() {
    var story = Story(columns: 100, rows: 50)
    story.change { $0.license = LicenseSummary(state: .valid, seats: 8, seatsUsed: 7) }
    story.shows("lic 7/8, 1 SHORT")
    story.press(.enter)
    story.shows("  License         seat 1 of 8")
    story.press(.escape, .end, .up, .enter)
    story.shows("  License         none: no seat is free")
    story.shows("  Handshake list  not listed: no license")
  }

  @Test("Its place in the list over the last minutes: first, then last, then out of it")
  func place() {
    var story = Story(columns: 100, rows: 50, snapshot: Fixture.quiet)
    story.press(.enter)
    story.shows("  Handshake list  rank 1 of 3")
    for _ in 0..<10 { story.wait(milliseconds: 5_000) }
    story.change { $0.handshakeList = Fixture.ids("AOS02", "AOS03", "AOS01") }
    story.shows("  Handshake list  rank 3 of 3")
    for _ in 0..<10 { story.wait(milliseconds: 5_000) }
    #expect(story.line(with: "Rank, 5 min").hasSuffix(" ███████████▁▁▁▁▁▁▁▁▁▁"))
    story.change { $0.handshakeList = Fixture.ids("AOS02", "AOS03") }
    for _ in 0..<3 { story.wait(milliseconds: 5_000) }
    #expect(story.line(with: "Rank, 5 min").hasSuffix(" ███████████▁▁▁▁▁▁▁▁▁▁"))
    story.shows("high = first; gap = not listed")
  }

  @Test("Of the actions those with it alone, and the command that does the same")
  func actions() {
    var story = Story(columns: 100, rows: 50)
    story.press(.down, .down, .enter)
    story.shows("  08:11:07  bob   maximum      AOS03     maximum is 200")
    story.hides("AOS06     maximum is 60")
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    story.shows("$ aosctl drain AOS03")
    story.shows("sent, no answer yet")
  }

  @Test("It leaves the cluster while its details are open: said there, and Esc goes back")
  func gone() {
    var story = opened()
    story.change { $0.remove(Fixture.id("AOS01")) }
    story.shows("AOS01 is not in the cluster any more.")
    story.press(.character("D"))
    story.shows("Cannot drain: no instance is under the cursor")
    story.press(.escape)
    story.shows("▸ AOS02     app       full")
  }
}

@Suite("Manual: the handshake list")
struct ListStories {
  @Test("A server comes up in the list: marked beside its rank, for some seconds")
  func up() {
    var story = Story(columns: 120, rows: 40)
    story.wait(milliseconds: 2_000)
    story.shows("  3  AOS01    ")
    story.change { $0.handshakeList = Fixture.ids("AOS01", "AOS03", "AOS04", "AOS02", "AOS06") }
    story.shows("  1▲ AOS01    ")
    story.shows("  2  AOS03    ")
    story.wait(milliseconds: 4_000)
    story.shows("  1  AOS01    ")
  }

  @Test("A server goes down in the list, in the few lines of a narrow screen")
  func down() {
    var story = Story()
    story.wait(milliseconds: 2_000)
    story.change { $0.handshakeList = Fixture.ids("AOS04", "AOS01", "AOS02", "AOS06", "AOS03") }
    story.shows(" 1 AOS04 22 % +1  2 AOS01 68 %  3 AOS02 100 %  4 AOS06 112 %")
    story.shows("▼5 AOS03 20 % +2")
  }

  @Test("Who gets the next ten clients? NEXT says it, and follows the loads")
  func next() {
    var story = Story()
    story.press(.character("2"))
    story.shows("   #  INSTANCE LOAD")
    #expect(story.line(with: "1  AOS03").hasSuffix(" +2    8"))
    #expect(story.line(with: "2  AOS04").hasSuffix(" +1    2"))
    #expect(story.line(with: "3  AOS01").hasSuffix(" 68 %"))
    story.setSessions("AOS03", 150, of: 200)
    story.change { $0.handshakeList = Fixture.ids("AOS04", "AOS01", "AOS03", "AOS02", "AOS06") }
    #expect(story.line(with: "1  AOS04").hasSuffix("   10"))
  }

  @Test("A reservation stands beside the load until its client has come, or did not")
  func reserved() {
    var story = Story(columns: 120, rows: 40)
    story.press(.character("2"))
    #expect(story.line(with: "2  AOS04").contains("22 %   +1"))
    story.change {
      $0.setLoad(Load(connected: 12, reserved: 9, maximum: 60), of: Fixture.id("AOS04"))
    }
    #expect(story.line(with: "2  AOS04").contains("35 %   +9"))
    story.shows("in list 217 (+11 reserved) of 440")
    story.setSessions("AOS04", 12)
    #expect(story.line(with: "2  AOS04").contains("20 %  "))
    story.shows("in list 217 (+2 reserved) of 440")
  }

  @Test("Why do clients not get it? Stopped, never seen, batch alone, a maximum of 0")
  func reasons() {
    var story = Story(columns: 120, rows: 40, snapshot: Fixture.quiet)
    story.change { snapshot in
      snapshot.insert(Fixture.server("AOS04", 0, of: 60, health: .stopped, healthAge: 9))
      snapshot.insert(Fixture.server("AOS05", 0, of: 60, health: .notYetSeen))
      snapshot.insert(Fixture.server("AOS06", 0, of: 60, services: .batch))
      snapshot.insert(Fixture.server("AOS07", 0, of: 0))
    }
    story.shows("─ not in the list ─")
    story.shows("      AOS04    stopped")
    story.shows("      AOS05    never connected")
    story.shows("      AOS06    batch only")
    story.shows("      AOS07    maximum is 0")
    story.shows("      LB1      balancer")
  }

  @Test("Work from the list: the cursor walks its ranks, and D is about the one it is on")
  func work() {
    var story = Story()
    story.press(.character("2"), .home)
    story.shows("▸  1  AOS03")
    story.press(.down, .character("D"))
    story.answerDryRuns(.fine())
    story.shows("Drain AOS04 (12/60 sessions)?")
    story.press(.character("y"))
    #expect(story.commands == ["aosctl drain AOS04"])
    story.carryOut {
      $0.insert(
        Fixture.server(
          "AOS04", 12, of: 60, admission: .rejecting, by: "you",
          drain: Drain(startedAt: Fixture.now, startedWith: 12)))
      $0.handshakeList.removeAll { $0.text == "AOS04" }
    }
    story.shows("─ ▸2 Handshake list: 4 servers ─")
    story.shows("▸     AOS04    dra")
  }
}
