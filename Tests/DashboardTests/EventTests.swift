import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Events: what was done and what happened")
struct EventTests {
  private func event(
    _ number: Int64, _ age: Int64, _ kind: ClusterEvent.Kind, _ instance: String?,
    sessions: Int? = nil, reason: String? = nil
  ) -> ClusterEvent {
    ClusterEvent(
      id: number, at: Fixture.ago(age), balancer: Fixture.id("LB1"), kind: .known(kind),
      instance: instance.map(Fixture.id), startedAt: Fixture.ago(age + 1), sessions: sessions,
      reason: reason)
  }

  private func story(columns: Int = 120, rows: Int = 40) -> Story {
    var story = Story(columns: columns, rows: rows)
    story.send(
      .event(event(1, 94, .lost, "AOS07", sessions: 45, reason: "connection refused")))
    story.send(.event(event(2, 20, .back, "AOS03")))
    return story
  }

  @Test("what happened stands between what operators did, newest first, with a mark")
  func lines() {
    let story = story()
    story.shows("10:41:47 ● back AOS03")
    story.shows("10:40:33 ✖ lost AOS07 with 45 sessions: connection refused")
    let lines = story.picture.split(separator: "\n").map(String.init)
    let places = ["● ", "✖ ", "alice  drain"].map { mark in
      lines.firstIndex { $0.contains(mark) && !$0.contains("NEW") } ?? -1
    }
    #expect(places == places.sorted() && !places.contains(-1), "\(story.picture)")
  }

  @Test(
    "every kind says what happened",
    arguments: ClusterEvent.Kind.allCases)
  func kinds(kind: ClusterEvent.Kind) {
    var story = Story(columns: 120, rows: 40)
    story.send(.event(event(1, 1, kind, "AOS01", sessions: 3, reason: "because")))
    let line = story.line(with: "10:42:06")
    #expect(line.contains("AOS01"))
    let told = event(1, 1, kind, "AOS01", sessions: 3)
    #expect(line.contains(told.title) && !told.title.isEmpty)
    #expect(told.title.count <= 11)
  }

  @Test("a kind of a later release is shown by its name, cleaned and cut")
  func later() {
    var story = Story(columns: 120, rows: 40)
    var strange = event(1, 1, .back, "AOS01")
    strange.kind = .unrecognized("moved\u{1B}[31m to another rack and back")
    story.send(.event(strange))
    #expect(story.line(with: "10:42:06").contains("moved"))
    story.hides("\u{1B}")
  }

  @Test("what happened several times is one line that counts")
  func times() {
    var story = story()
    var again = event(3, 10, .lost, "AOS07", sessions: 2)
    again.startedAt = Fixture.ago(95)
    again.times = 4
    story.send(.event(again))
    story.shows("with 2 sessions (4 times)")
    #expect(story.picture.count { $0 == "✖" } == 1)
  }

  @Test("Enter opens the instance of the event under the cursor")
  func opens() {
    var story = story()
    story.press(.character("3"), .down)
    #expect(story.line(with: "✖").hasPrefix("▸"))
    story.press(.enter)
    story.shows("─ Instance AOS07 ─")
  }

  @Test("the cursor stays on its event when others come above it")
  func stays() {
    var story = story()
    story.press(.character("3"))
    story.send(.event(event(3, 0, .drained, "AOS05")))
    #expect(story.line(with: "back         AOS03").hasPrefix("▸"), "\(story.picture)")
    story.press(.enter)
    story.shows("─ Instance AOS03 ─")
  }

  @Test("an event about the whole cluster opens nothing, and reports it")
  func cluster() {
    var story = story()
    story.send(.event(event(3, 0, .registryLost, nil)))
    story.press(.character("3"), .enter)
    #expect(story.message == "this event is about no instance that is still in the cluster")
  }

  @Test("a change in the pane of events is about the instance of the event under the cursor")
  func change() {
    var story = story()
    story.press(.character("3"), .character("D"))
    story.shows("┌─ Drain AOS03 ─")
  }

  @Test("{ and } jump between events when looking back")
  func jumps() {
    var story = Story(columns: 120, rows: 40)
    for minute in 1...4 {
      story.passMinutes(1)
      let at = story.dashboard.feed.picture.clock
      var happened = event(Int64(minute), 0, .back, "AOS0\(minute)")
      happened.at = at
      story.send(.event(happened))
    }
    story.passMinutes(1)
    story.press(.character("{"))
    story.shows("PAST at 10:46:07 UTC")
    story.press(.character("{"))
    story.shows("PAST at 10:45:07 UTC")
    // What came later is not known there.
    story.hides("10:46:07  ●")
    story.press(.character("}"))
    story.shows("PAST at 10:46:07 UTC")
    story.press(.character("}"))
    story.hides("PAST")
    #expect(story.message == "this is now")
  }

  @Test("before the first event { says so")
  func noEarlier() {
    var snapshot = Fixture.snapshot
    snapshot.actions = []
    var story = Story(snapshot: snapshot)
    story.press(.character("{"))
    #expect(story.message == "no earlier event is kept")
  }
}
