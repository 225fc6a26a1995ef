import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Dialogs ask before anything is changed")
struct DialogTests {
  private func drain(_ reason: String? = nil, _ ids: String...) -> Order {
    Order(.drain(ids.map(Fixture.id), reason: reason))
  }

  private func asked(_ story: Story) -> [Order] {
    story.effects.compactMap { if case .dryRun(_, let order) = $0 { order } else { nil } }
  }

  private func performed(_ story: Story) -> [Order] {
    story.effects.compactMap { if case .perform(_, let mutation) = $0 { mutation } else { nil } }
  }

  @Test("D asks the balancer, shows the effect, and y carries it out")
  func drainOne() {
    var story = Story()
    story.press(.down, .down, .character("D"))
    #expect(asked(story) == [drain(nil, "AOS03")])
    #expect(story.picture.contains("Asking LB1 what this would change."))
    story.answerDryRuns(.fine())
    #expect(story.picture.contains("Drain AOS03 (37/200 sessions)?"))
    #expect(
      story.picture.contains(
        "4 of 5 servers stay in the list. Load of the list: 61 % → 74 %."))
    story.press(.character("y"))
    #expect(performed(story) == [drain(nil, "AOS03")])
    #expect(story.message == "drain AOS03: sent")
    #expect(story.dashboard.overlay == .none)
  }

  @Test(
    "Enter takes the button in focus, which is Cancel; n and Esc cancel too",
    arguments: [Key.enter, .character("n"), .escape])
  func cancel(key: Key) {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(key)
    #expect(performed(story).isEmpty)
    #expect(story.dashboard.overlay == .none)
    #expect(story.message == "Drain cancelled.")
  }

  @Test("what is typed ahead of the question does not answer it")
  func typeAhead() {
    var story = Story()
    story.send(.keys([.character("D"), .character("y"), .enter]))
    #expect(story.picture.contains("Drain AOS01"))
    story.answerDryRuns(.fine())
    #expect(performed(story).isEmpty)
  }

  @Test("nothing is carried out before the balancer has answered")
  func early() {
    var story = Story()
    story.press(.character("D"), .character("y"))
    #expect(performed(story).isEmpty)
    #expect(story.picture.contains("the balancer has not answered yet"))
  }

  @Test("who gets no notice of a drain or a removal is counted separately in its question")
  func withoutNotices() {
    func load(_ connected: Int, _ without: Int) -> Load {
      Load(connected: connected, withoutNotices: without, maximum: 60)
    }
    for (key, question) in [
      (Character("D"), "Drain AOS01 (41/60 sessions, 9 get no notice)?"),
      ("X", "Remove AOS01 (41/60 sessions, 9 get no notice) from the cluster?"),
      ("N", "Begin with AOS01 (41/60 sessions, 9 get no notice)?"),
      ("M", "Change the maximum of AOS01 (41/60 sessions)?"),
    ] {
      var story = Story(rows: 40)
      story.change { $0.setLoad(load(41, 9), of: Fixture.id("AOS01")) }
      story.press(.character(key))
      #expect(story.dialogWords.contains(question), "\(story.picture)")
    }
    for (rows, words) in [
      (40, "Drain 2 instances (101 sessions, 1 gets no notice)?"),
      (8, "Drain AOS01, AOS02 (101 sessions, 1 gets no notice)?"),
    ] {
      var story = Story(rows: rows)
      story.change { $0.setLoad(load(41, 1), of: Fixture.id("AOS01")) }
      story.press(.character(" "), .character(" "), .character("D"))
      #expect(story.dialogWords.contains(words), "\(story.picture)")
    }
  }

  @Test("a warning is shown by name, and wants the instance's name typed")
  func warning() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine(warnings: [.lastServer, .overCapacity]))
    #expect(story.picture.contains("Last server: nobody could log on any more."))
    #expect(story.picture.contains("Over capacity: "))
    story.press(.character("y"))
    #expect(performed(story).isEmpty)
    story.type("AOS01")
    story.press(.enter, .enter)
    #expect(
      performed(story) == [
        Order(.drain(Fixture.ids("AOS01")), acknowledge: [.lastServer, .overCapacity])
      ])
  }

  @Test("several instances are drained in one request; y does it, as for one")
  func bulk() {
    var story = Story()
    story.press(.character(" "), .character(" "), .character(" "), .character("D"))
    story.answerDryRuns(.fine())
    #expect(story.picture.contains("Drain 3 instances (138 sessions)?"))
    #expect(story.picture.contains("AOS01 41/60  AOS02 60/60  AOS03 37/200"))
    #expect(!story.picture.contains("Type \"drain 3\""))
    story.press(.character("y"))
    #expect(performed(story) == [drain(nil, "AOS01", "AOS02", "AOS03")])
    #expect(story.dashboard.view.tags.isEmpty)
  }

  @Test("what must be typed is required where there are warnings: of several their number")
  func bulkWarning() {
    var story = Story()
    story.press(.character(" "), .character(" "), .character(" "), .character("D"))
    story.answerDryRuns(.fine(warnings: [.overCapacity]))
    story.press(.character("y"))
    #expect(performed(story).isEmpty)
    story.type("drain 2")
    story.press(.enter, .enter)
    #expect(performed(story).isEmpty)
    story.press(.character("D"))
    story.answerDryRuns(.fine(warnings: [.overCapacity]))
    story.press(.character("y"))
    story.type("drain 3")
    story.press(.enter, .enter)
    #expect(performed(story).map(\.acknowledge) == [[.overCapacity]])
  }

  @Test("a reason is sent along; its letters are text")
  func reason() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.tab(to: .field(.reason))
    story.type("yes, now")
    story.tab(to: .confirm)
    story.press(.enter)
    #expect(performed(story) == [drain("yes, now", "AOS01")])
  }

  @Test("the targets are those of the key press, whatever the rows do")
  func identity() throws {
    let order = try #require(SortOrder(named: "sessions"))
    var story = Story(options: DashboardOptions(sort: order))
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.wait(milliseconds: 10_000)
    story.change { $0.setLoad(Load(connected: 199, maximum: 200), of: Fixture.id("AOS03")) }
    #expect(story.order.first == "AOS03")
    #expect(story.picture.contains("Drain AOS06 (67/60 sessions)?"))
    story.press(.character("y"))
    #expect(performed(story) == [drain(nil, "AOS06")])
  }

  @Test("the numbers of an open dialog stay live")
  func live() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.change { $0.setLoad(Load(connected: 5, maximum: 60), of: Fixture.id("AOS01")) }
    #expect(story.picture.contains("Drain AOS01 (5/60 sessions)?"))
    #expect(asked(story).isEmpty)
  }

  @Test("when the cluster becomes another one, the balancer is asked again, and soon")
  func renewed() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.wait(milliseconds: 1_000)
    story.change {
      $0.insert(Fixture.server("AOS04", 0, of: 60, health: .unreachable))
      $0.handshakeList = Fixture.ids("AOS03", "AOS01")
    }
    #expect(asked(story) == [drain(nil, "AOS01")])
    // The old numbers stand until the new ones are there.
    #expect(story.picture.contains("Load of the list: 61 % → 74 %."))
    story.answerDryRuns(
      .done(
        instances: [], delivered: true,
        impact: Impact(
          handshakeList: Fixture.ids("AOS03"), workloadBefore: 0.65, workloadAfter: 0.98,
          warnings: [.overCapacity])))
    let effect = "1 of 2 servers stays in the list. Load of the list: 65 % → 98 %."
    #expect(story.picture.contains(effect))
    #expect(story.picture.contains("Over capacity: "))
    story.press(.character("y"))
    #expect(performed(story).isEmpty)
  }

  @Test("loads change all the time: for them it is asked every two seconds at most")
  func loadsRenewed() throws {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    for connected in 1...20 {
      story.now += 50
      story.change {
        $0.setLoad(Load(connected: connected, maximum: 60), of: Fixture.id("AOS04"))
      }
    }
    #expect(asked(story).isEmpty)
    let due = try #require(story.dashboard.nextDeadline)
    story.wait(milliseconds: due - story.now)
    #expect(asked(story) == [drain(nil, "AOS01")])
    // Meanwhile the answer to the same question holds.
    story.press(.character("y"))
    #expect(performed(story) == [drain(nil, "AOS01")])
  }

  @Test("where nothing became different nothing is asked again")
  func notRenewed() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    for _ in 1...10 {
      story.wait(milliseconds: 1_000)
      story.change { $0.handshakes.total += 3 }
    }
    #expect(asked(story).isEmpty)
  }

  @Test("when the instance leaves, its dialog closes with the reason")
  func vanished() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.change { $0.remove(Fixture.id("AOS01")) }
    #expect(story.dashboard.overlay == .none)
    #expect(story.message == "Drain cancelled: AOS01 left the cluster.")
    story.press(.character("y"))
    #expect(performed(story).isEmpty)
  }

  @Test("a refusal of the question is shown in the server's words and stops it")
  func refusedQuestion() {
    var story = Story()
    story.press(.end, .character("D"))
    story.answerDryRuns(.refused("LB1 is a dedicated load balancer", warnings: []))
    #expect(story.picture.contains("LB1 is a dedicated load balancer"))
    story.press(.character("y"))
    #expect(performed(story).isEmpty)
  }

  @Test("a question without an answer is asked again after a while")
  func askedAgain() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.failed("timed out"))
    #expect(story.picture.contains("the balancer gave no answer: timed out"))
    #expect(asked(story).isEmpty)
    story.wait(milliseconds: 2_000)
    #expect(asked(story).count == 1)
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    #expect(performed(story) == [drain(nil, "AOS01")])
  }

  @Test("in the details a change is about the instance shown, not the tagged ones")
  func fromDetail() {
    var story = Story()
    story.press(.character(" "), .enter, .character("D"))
    #expect(asked(story) == [drain(nil, "AOS02")])
  }

  @Test(
    "read-only, stale or without a picture, the keys are refused with the reason",
    arguments: "DEXMAN".map { Key.character($0) })
  func refused(key: Key) {
    var locked = Story(options: DashboardOptions(isReadOnly: true))
    locked.press(.character("w"), key)
    #expect(locked.message.hasSuffix("not with --read-only."))
    #expect(locked.effects == [.bell])
    var switched = Story()
    switched.press(.down, .down, .down, .down, .character("w"), key)
    #expect(switched.message.hasSuffix("the screen is read-only (w switches it off)."))
    switched.press(.character("w"), key)
    #expect(switched.dashboard.overlay != .none)
    var stale = Story()
    stale.send(.lost(reason: "reset", retryAt: stale.now + 1_000))
    stale.press(key)
    #expect(stale.message.contains("no connection to a balancer"))
    var waiting = Story(snapshot: nil)
    waiting.press(key)
    #expect(waiting.message.hasSuffix("no balancer has answered yet."))
  }

  @Test("a lost connection closes the dialog")
  func lost() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    #expect(story.dashboard.overlay == .none)
    #expect(story.message == "Drain cancelled: the connection was lost.")
  }
}
