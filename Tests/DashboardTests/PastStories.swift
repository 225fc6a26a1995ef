import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: looking back")
struct PastStories {
  @Test("Step back minute by minute to see how a load came about, and forth again")
  func step() {
    var story = Story()
    story.passMinutes(3)
    story.shows("▸ AOS01     app       accepting             44/60")
    story.press(.character("["))
    story.shows(" PAST at 10:44:07 UTC; [ ] step, b goes to a time, 0 back to now")
    story.shows("▸ AOS01     app       accepting             43/60")
    story.press(.character("["))
    story.shows(" PAST at 10:43:07 UTC;")
    story.shows("▸ AOS01     app       accepting             42/60")
    story.press(.character("]"), .character("]"))
    story.hides("PAST")
    story.shows("▸ AOS01     app       accepting             44/60")
    story.shows(" this is now")
  }

  @Test("Go three minutes back with a span, and from there half a minute forth")
  func span() {
    var story = Story()
    story.passMinutes(5)
    story.press(.character("b"))
    story.shows(" Time (UTC): ▏")
    story.shows("10:42, 10:42:07, 2026-03-01 10:42, -5m, +30s")
    story.type("-3m")
    story.press(.enter)
    story.shows(" PAST at 10:44:07 UTC;")
    story.shows("▸ AOS01     app       accepting             43/60")
    story.press(.character("b"))
    story.type("+90s")
    story.press(.enter)
    story.shows(" PAST at 10:45:07 UTC;")
    story.shows("▸ AOS01     app       accepting             44/60")
  }

  @Test("Ask for a time before the first picture: the oldest that is kept, and it says so")
  func oldest() {
    var story = Story()
    story.passMinutes(2)
    story.press(.character("b"))
    story.type("06:00")
    story.press(.enter)
    story.shows(" PAST at 10:42:07 UTC;")
    story.shows(" This is the oldest picture kept.")
    story.press(.character("["))
    story.shows(" PAST at 10:42:07 UTC;")
  }

  @Test("Type a time that cannot be read: an error shows examples, and the live picture stays")
  func noTime() {
    var story = Story()
    story.passMinutes(2)
    story.press(.character("b"))
    story.type("25:00")
    story.press(.enter)
    story.shows("Not a time: \"25:00\". Try 10:42, 10:42:07, 2026-03-01 10:42, -5m, +30s.")
    story.hides("PAST")
    story.press(.character("b"))
    story.type("10:43")
    story.press(.escape)
    story.hides("PAST")
    story.hides("Time (UTC)")
  }

  @Test("Recording goes on behind the past; 0 goes to what has happened meanwhile")
  func meanwhile() {
    var story = Story()
    story.passMinutes(2)
    story.press(.character("["))
    story.shows("▸ AOS01     app       accepting             42/60")
    story.passMinutes(4)
    story.shows(" PAST at 10:43:07 UTC;")
    story.shows("▸ AOS01     app       accepting             42/60")
    story.press(.character("0"))
    story.shows("live")
    story.shows("▸ AOS01     app       accepting             47/60")
    story.press(.character("["), .character("["))
    story.shows("▸ AOS01     app       accepting             45/60")
  }

  @Test("Find an instance that is gone by now, with the state it had, and its details")
  func gone() {
    var story = Story()
    story.passMinutes(1)
    story.change { snapshot in
      snapshot.at = snapshot.at.adding(milliseconds: 5_000)
      snapshot.remove(Fixture.id("AOS06"))
      snapshot.handshakeList.removeAll { $0.text == "AOS06" }
    }
    story.hides("AOS06     app")
    story.press(.character("b"))
    story.type("10:42:30")
    story.press(.enter)
    story.shows("  AOS06     app       full                  67/60")
    story.press(.down, .down, .down, .down, .down, .enter)
    story.shows("─ Instance AOS06 ─")
    story.shows("  Sessions        67 open, 60 allowed")
    story.press(.character("0"))
    story.shows("AOS06 is not in the cluster any more.")
  }

  @Test("In the past the key bar starts with the keys of the past, and offers no change")
  func keys() {
    var story = Story()
    story.passMinutes(1)
    story.shows(" D  Drain  E  Enable")
    story.press(.character("["))
    story.shows("[RO]  PAST 10:42:07")
    story.shows(" [  Earlier  ]  Later  b  Time  0  Now")
    story.hides(" D  Drain")
    story.press(.character("X"))
    story.shows("Cannot remove: you are looking at the past (0 goes back to now)")
    story.press(.character("0"))
    story.shows("[RW]  live")
    story.shows(" D  Drain  E  Enable")
  }

  @Test("Filter and order are of the picture that is looked at")
  func chosen() {
    var story = Story()
    story.passMinutes(4)
    story.press(.character("/"))
    story.type("sessions>43")
    story.press(.enter)
    story.shows("─ shown 3 of 9 ─ /sessions>43 ─")
    #expect(story.order == ["AOS01", "AOS02", "AOS06"])
    story.press(.character("b"))
    story.type("-4m")
    story.press(.enter)
    story.shows("─ shown 2 of 9 ─ /sessions>43 ─")
    #expect(story.order == ["AOS02", "AOS06"])
  }
}

@Suite("Manual: a recording")
struct ReplayStories {
  private func opened(columns: Int = 80) -> Story {
    var story = Story(
      columns: columns, options: DashboardOptions(replay: "night.feed"), snapshot: nil)
    story.send(.past(PastPicture(snapshot: Fixture.snapshot, at: Fixture.now)))
    return story
  }

  @Test("Open a recording: REPLAY, its time and its keys stand where live and the banner stood")
  func open() {
    let story = opened()
    story.shows("[RO]  REPLAY 10:42:07")
    story.shows(" REPLAY 2026-03-01 10:42:07 UTC; [ ] step, b time, 0 end, z plays: night.feed")
    story.shows("▸ AOS01     app       accepting             41/60")
    story.shows(" [  Earlier  ]  Later  b  Time  0  End")
    story.hides("live")
  }

  @Test("A recording cannot be changed: no key for it is offered, and pressed it says so")
  func locked() {
    var story = opened()
    story.hides(" D  Drain")
    story.press(.character("D"))
    story.shows("Cannot drain: a recording cannot be changed")
    story.press(.character("A"))
    story.shows("Cannot add: a recording cannot be changed")
    #expect(story.commands == [])
  }

  @Test("Run the night at its own speed, and stop where it gets interesting")
  func run() {
    var story = opened(columns: 120)
    story.shows(" z  Play")
    story.press(.character("z"))
    #expect(story.effects == [.seek(.toggleRun)])
    var later = Fixture.snapshot
    later.setLoad(Load(connected: 55, maximum: 60), of: Fixture.id("AOS01"))
    let time = Fixture.now.adding(milliseconds: 9_000)
    story.send(.past(PastPicture(snapshot: later, at: time, isRunning: true)))
    story.shows(" REPLAY 2026-03-01 10:42:16 UTC; [ ] step, b time, 0 end, z pauses: night.feed")
    story.shows(" z  Pause")
    story.shows("▸ AOS01     app       accepting             55/60")
    story.press(.character("z"))
    story.send(.past(PastPicture(snapshot: later, at: time)))
    story.shows("z plays: night.feed")
  }

  @Test("Leap to a time of that night, then to its end, which says that it is")
  func leap() {
    var story = opened()
    story.press(.character("b"))
    story.type("23:10")
    story.press(.enter)
    let time = Timestamp("2026-03-01T23:10:00.000Z")
    #expect(story.effects == time.map { [.seek(.time($0))] })
    story.press(.character("0"))
    #expect(story.effects.last == .seek(.end))
    var end = PastPicture(
      snapshot: Fixture.snapshot, at: Fixture.now.adding(milliseconds: 3_600_000))
    end.isLast = true
    story.send(.past(end))
    story.shows("REPLAY 11:42:07")
    story.shows(" this is the end of the recording")
  }

  @Test("Look closely at an instance of a recording: all but its sessions is known")
  func closely() {
    var story = opened()
    story.press(.down, .down, .down, .down, .enter)
    story.shows("─ Instance AOS05 ─")
    story.shows("  Drain           12 of 44 left after 42m")
    story.press(.end)
    story.shows("  sessions are shown only live, not in the past")
    story.hides("Pick a session")
  }
}

@Suite("Manual: holding the picture still")
struct PauseStories {
  @Test("Pause: loads, ages and marks stand still, and the banner says since when")
  func still() {
    var story = Story()
    story.press(.character("z"))
    let before = story.picture
    story.shows(" PAUSED at 10:42:07 UTC; z resumes")
    story.passMinutes(2)
    story.setSessions("AOS04", 60)
    #expect(story.picture.drop { $0 != "\n" } == before.drop { $0 != "\n" })
    story.press(.character("z"))
    story.hides("PAUSED")
    story.shows("  AOS04     app      !full                  60/60")
  }

  @Test("Pause and drain: the question has the numbers of now, whatever is behind it")
  func change() {
    var story = Story()
    story.press(.character("z"))
    story.setSessions("AOS01", 7)
    story.shows("▸ AOS01     app       accepting             41/60")
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.shows("Drain AOS01 (7/60 sessions)? No new clients; no session is ended.")
    story.press(.character("y"))
    #expect(story.commands == ["aosctl drain AOS01"])
    story.shows(" PAUSED at 10:42:07 UTC; z resumes")
  }

  @Test("Pause, then step back from what is on the screen; 0 leaves both")
  func back() {
    var story = Story()
    story.passMinutes(2)
    story.press(.character("z"))
    story.passMinutes(2)
    story.press(.character("["))
    story.shows(" PAST at 10:43:07 UTC;")
    story.shows("▸ AOS01     app       accepting             42/60")
    story.press(.character("z"))
    story.shows("the past does not move; 0 goes back to now")
    story.press(.character("0"))
    story.hides("PAUSED")
    story.shows("▸ AOS01     app       accepting             45/60")
  }

  @Test("The connection is lost while paused: the banner says so, and the picture stays")
  func lost() {
    var story = Story()
    story.press(.character("z"))
    story.send(.lost(reason: "connection reset", retryAt: story.now + 5_000))
    story.shows(" STALE for 0s, PAUSED at 10:42:07 (z resumes): connection reset; next try in 5")
    story.shows("▸ AOS01     app       accepting             41/60")
    story.send(.live(endpoint: "http://lb1:2712"))
    story.send(.snapshot(Fixture.snapshot))
    story.shows(" PAUSED at 10:42:07 UTC; z resumes")
    story.press(.character("z"))
    story.hides("PAUSED")
  }
}
