import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: taking servers out of service and in again")
struct ChangeStories {
  private func drained(_ name: String, _ left: Int, with: Int, seconds: Int64 = 0) -> InstanceStatus
  {
    Fixture.server(
      name, left, of: 60, admission: .rejecting, by: "you", why: "kernel",
      drain: Drain(startedAt: Fixture.ago(seconds), startedWith: with))
  }

  @Test("a server is drained for maintenance, watched until it is empty, and taken in again")
  func maintenance() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.shows("Drain AOS01 (41/60 sessions)? No new clients; no session is ended.")
    story.shows("4 of 5 servers stay in the list. Load of the list: 61 % → 74 %.")
    story.press(.character("y"))
    story.shows("drain AOS01: sent")
    story.carryOut([drained("AOS01", 41, with: 41)]) {
      $0.insert(drained("AOS01", 41, with: 41))
      $0.handshakeList.removeAll { $0.text == "AOS01" }
    }
    story.shows("drain AOS01: done; it is draining (41 left)")
    story.shows("▸ AOS01     app      !draining 41/41        41/60")
    story.press(.down)
    story.wait(milliseconds: 60_000)
    story.change { $0.insert(drained("AOS01", 0, with: 41)) }
    story.shows("  AOS01     app      !drained ● new        0/60")
    story.wait(milliseconds: 60_000)
    story.shows("  AOS01     app       drained ● new        0/60")
    story.press(.up, .down)
    story.shows("  AOS01     app       drained                0/60")
    story.press(.up, .character("E"))
    story.answerDryRuns(.fine(Fixture.ids("AOS01", "AOS03", "AOS04", "AOS02", "AOS06")))
    story.shows("Enable AOS01 (0/60 sessions)? New clients can log on again.")
    story.shows("The list grows from 4 to 5 servers. Load of the list: 61 % → 74 %.")
    story.press(.character("y"))
    story.carryOut { $0.insert(Fixture.server("AOS01", 0, of: 60)) }
    story.shows("▸ AOS01     app      !accepting              0/60")
    #expect(story.commands == ["aosctl drain AOS01", "aosctl enable AOS01"])
  }

  @Test("a drain is told to the users, with a deadline")
  func announced() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.tab(to: .field(.message))
    story.type("Please save; maintenance at noon")
    story.press(.enter)
    story.type("30m")
    story.shows("No new clients; all sessions end in 30 min,")
    story.shows("│ 11:12 UTC.")
    story.tab(to: .cancel)
    story.press(.character("y"))
    #expect(
      story.commands.first?.hasPrefix(
        "aosctl drain AOS01 --message 'Please save; maintenance at noon'") == true)
  }

  @Test("three servers at once: y does it, and each has its own line in the log")
  func bulk() {
    var story = Story(columns: 120, rows: 40)
    story.press(.character(" "), .down, .character(" "), .character(" "))
    story.shows("3 tagged")
    story.press(.character("D"))
    story.answerDryRuns(.fine(Fixture.ids("AOS02", "AOS06")))
    story.shows("Drain 3 instances (90 sessions)?")
    story.shows("AOS01 41/60  AOS03 37/200  AOS04 12/60")
    story.press(.character("y"))
    #expect(story.commands == ["aosctl drain AOS01 AOS03 AOS04"])
    story.hides("tagged")
    for (number, name) in ["AOS01", "AOS03", "AOS04"].enumerated() {
      story.send(
        .action(
          Fixture.action(40 + Int64(number), 0, "you", .drain, name, nil, "draining", true)))
    }
    for name in ["AOS01", "AOS03", "AOS04"] {
      story.shows("10:42:07  you    drain        \(name)     draining")
    }
    story.shows("$ aosctl drain AOS01 AOS03 AOS04")
  }

  @Test("the last server of the list is drained only by its name")
  func last() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine([], warnings: [.lastServer]))
    story.shows("Last server: nobody could log on any more.")
    story.press(.character("y"))
    story.shows("type \"AOS01\" first")
    story.type("AOS0")
    story.press(.enter, .tab)
    #expect(story.commands == [])
    story.press(.escape)
    story.shows("Drain cancelled.")
  }

  @Test("a refusal is in the balancer's own words on the screen and in the log")
  func refused() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    story.refuse("the registry is away")
    story.shows("drain AOS01 refused: the registry is away")
    story.press(.character("3"))
    story.shows("10:42:07  you    drain        AOS01     refused: the registry is away")
    story.shows("$ aosctl drain AOS01")
  }

  @Test("an order that has not reached its server is marked until the server obeys it")
  func undelivered() {
    var story = Story()
    let away = Fixture.server(
      "AOS01", 41, of: 60, admission: .rejecting, by: "you", delivered: false,
      drain: Drain(startedAt: Fixture.now, startedWith: 41))
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    story.carryOut([away], delivered: false) { $0.insert(away) }
    story.shows("drain AOS01: done; it is drain pending (41)")
    story.shows("▸ AOS01     app      !drain pending (41)    41/60")
    story.press(.enter)
    story.shows("Delivered       no, but the order is kept: until it confirms, it may still")
    story.change { $0.insert(drained("AOS01", 41, with: 41)) }
    story.shows("Delivered       yes")
  }

  @Test("a new server is announced, and arrives taking no clients")
  func add() {
    var story = Story()
    story.press(.character("A"))
    story.shows("It rejects clients until you enable it")
    story.type("AOS11")
    story.press(.enter)
    story.type("10.0.0.11")
    story.press(.enter)
    story.answerDryRuns(.fine(Fixture.ids("AOS03", "AOS04", "AOS01", "AOS02", "AOS06")))
    story.shows("The list does not change (5 servers")
    story.press(.tab, .tab, .tab, .enter)
    #expect(story.commands == ["aosctl add AOS11 10.0.0.11:2712"])
    story.carryOut {
      $0.insert(
        Fixture.server(
          "AOS11", 0, of: 0, admission: .rejecting, by: "you", health: .notYetSeen, healthAge: 0))
    }
    story.press(.character("/"))
    story.type("id=aos11")
    story.shows("▸ AOS11     app !never connected 0?/0")
  }

  @Test("a server leaves the cluster: drained first, then its name is typed")
  func remove() {
    var story = Story()
    story.change { $0.insert(drained("AOS05", 0, with: 44, seconds: 600)) }
    story.press(.down, .down, .down, .down, .character("X"))
    story.answerDryRuns(.fine(Fixture.ids("AOS03", "AOS04", "AOS01", "AOS02", "AOS06")))
    story.shows("Remove AOS05 (0/60 sessions) from the cluster?")
    story.press(.character("y"))
    story.shows("type \"AOS05\" first")
    story.type("AOS05")
    story.press(.enter, .enter)
    #expect(story.commands == ["aosctl remove AOS05"])
    story.carryOut { $0.remove(Fixture.id("AOS05")) }
    story.shows("remove AOS05: done")
    story.shows("▸ AOS06     app       full")
  }

  @Test("a maximum is lowered below what is connected, and the load says so truthfully")
  func maximum() {
    var story = Story()
    story.press(.character("M"))
    story.shows("Change the maximum of AOS01 (41/60 sessions)? Now 60 (configured")
    story.type("30")
    story.press(.enter)
    story.answerDryRuns(.fine())
    story.press(.tab, .enter)
    #expect(story.commands == ["aosctl limit AOS01 30"])
    story.carryOut { $0.insert(Fixture.server("AOS01", 41, of: 30, limit: 30)) }
    story.shows("▸ AOS01     app !full 41/30  ██▶ 137 %")
  }

  @Test("the dialog's numbers are those of now, its target that of the key")
  func live() {
    var story = Story()
    story.press(.down, .down, .character("D"))
    story.answerDryRuns(.fine())
    story.wait(milliseconds: 3_000)
    story.change { $0.setLoad(Load(connected: 5, maximum: 200), of: Fixture.id("AOS03")) }
    story.shows("Drain AOS03 (5/200 sessions)?")
    story.answerDryRuns(
      .done(
        instances: [], delivered: true,
        impact: Impact(
          handshakeList: Fixture.ids("AOS04"), workloadBefore: 0.42, workloadAfter: 0.43,
          warnings: [])))
    story.shows("1 of 5 servers stays in the list. Load of the list: 42 % → 43 %.")
    story.change { $0.remove(Fixture.id("AOS03")) }
    story.shows("Drain cancelled: AOS03 left the cluster.")
    #expect(story.commands == [])
  }

  @Test("one session is ended, by the name of its user")
  func endSession() {
    var story = Story()
    story.press(.character("4"))
    let session = SessionInfo(
      session: "s1", kind: .client, user: "carol", computer: "PC-7", since: Fixture.ago(5_400),
      activeAt: Fixture.ago(4_000))
    for case .sessions(let token, _) in story.effects {
      story.send(.answer(token, .sessions([session])))
    }
    story.shows("▸ carol  PC-7      client  09:12:07 (1h30m)    1h6m ago")
    story.press(.character("X"))
    story.shows("End the session of carol on PC-7 at AOS01? Open for 1h30m.")
    story.press(.character("n"))
    #expect(story.commands == [])
    story.press(.character("X"), .character("y"))
    #expect(story.commands == ["aosctl end AOS01 s1"])
  }

  @Test("who only looks locks the keys: w, and they refuse with the reason")
  func readOnly() {
    var story = Story()
    story.shows("[RW]")
    story.press(.character("w"))
    story.shows("[RO]")
    story.hides(" D  Drain")
    story.press(.character("D"))
    story.shows("Cannot drain: the screen is read-only (w switches it off)")
    story.press(.character("w"))
    story.shows("[RW]")
    story.press(.character("D"))
    story.shows("┌─ Drain AOS01 ─")
  }
}
