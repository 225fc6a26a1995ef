import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Details and sessions")
struct CloseUpTests {
  private let sessions = [
    SessionInfo(
      session: "s2", kind: .client, user: "bob", computer: "PC-12", since: Fixture.ago(600),
      activeAt: Fixture.ago(30)),
    SessionInfo(
      session: "s1", kind: .batch, user: "ann\u{1B}[2J", computer: "", since: Fixture.ago(7_200),
      activeAt: nil),
  ]

  private func tokens(_ story: Story) -> [RequestToken] {
    story.effects.compactMap { if case .sessions(let token, _) = $0 { token } else { nil } }
  }

  /// The sessions of AOS01 on the screen.
  private func opened(columns: Int = 80) -> Story {
    var story = Story(columns: columns)
    story.press(.character("4"))
    for token in tokens(story) { story.send(.answer(token, .sessions(sessions))) }
    story.effects = []
    return story
  }

  @Test("sessions are asked for only while they are on the screen, and again every few seconds")
  func asked() {
    var story = Story()
    story.wait(milliseconds: 60_000)
    #expect(tokens(story).isEmpty)
    story.press(.character("4"))
    #expect(tokens(story).count == 1)
    story.wait(milliseconds: 60_000)
    #expect(tokens(story).count == 1)
    story.send(.answer(tokens(story)[0], .sessions(sessions)))
    story.wait(milliseconds: 1_000)
    #expect(tokens(story).count == 1)
    story.wait(milliseconds: 2_500)
    #expect(tokens(story).count == 2)
    story.send(.answer(tokens(story)[1], .sessions(sessions)))
    story.press(.character("1"))
    story.wait(milliseconds: 60_000)
    #expect(tokens(story).count == 2)
  }

  @Test("sessions with an application show open connections, bytes each way and last activity")
  func traffic() {
    for columns in [80, 120] {
      var story = Story(columns: columns)
      story.press(.character("4"))
      let busy = SessionInfo(
        session: "s3", kind: .client, user: "eva", computer: "PC7", since: Fixture.ago(60),
        activeAt: Fixture.ago(5),
        connections: 3, bytesFromClient: 1_234, bytesFromApplication: 56_700_000)
      for token in tokens(story) { story.send(.answer(token, .sessions(sessions + [busy]))) }
      let title = story.line(with: "USER ")
      let line = story.line(with: "eva ")
      for word in ["ACTIVE", "CONN", "IN", "OUT"] { #expect(title.contains(word)) }
      for word in ["5s ago", " 3 ", "1.2 kB", "57 MB"] { #expect(line.contains(word), "\(line)") }
      #expect(story.line(with: "bob ").contains("—"))
    }
    #expect(Format.bytes(0) == "0 B")
    #expect(Format.bytes(999) == "999 B")
    #expect(Format.bytes(9_949) == "9.9 kB")
    #expect(Format.bytes(9_960) == "10 kB")
    #expect(Format.bytes(999_499) == "999 kB")
    #expect(Format.bytes(999_500) == "1.0 MB")
    #expect(Format.bytes(.max) == "9.2 EB")
  }

  @Test("sessions that no notice reaches say so, in a column that only they bring")
  func notices() {
    var story = Story(columns: 120)
    story.press(.character("4"))
    let own = SessionInfo(
      session: "s3", kind: .client, user: "eva", computer: "PC7", since: Fixture.ago(60),
      activeAt: Fixture.ago(5), withoutNotices: true,
      connections: 1, bytesFromClient: 5, bytesFromApplication: 7)
    for token in tokens(story) { story.send(.answer(token, .sessions(sessions + [own]))) }
    #expect(story.line(with: "USER ").contains("NOTICES"))
    #expect(story.line(with: "eva ").contains("none"))
    #expect(story.line(with: "bob ").contains("yes"))
    story.press(.enter)
    #expect(opened(columns: 120).picture.contains("NOTICES") == false)
  }

  @Test("the oldest session is first, and what a client sent is shown clean")
  func picture() {
    let story = opened()
    let lines = story.picture.split(separator: "\n").map(String.init)
    let title = lines.firstIndex { $0.contains("▸4 Sessions of AOS01: 2") } ?? 0
    #expect(title > 0)
    #expect(lines[title + 1].hasPrefix("  USER"))
    #expect(lines[title + 2].hasPrefix("▸ ann"))
    #expect(lines[title + 2].contains("batch   08:42:07 (2h)"))
    #expect(lines[title + 3].hasPrefix("  bob"))
    #expect(lines[title + 3].contains("PC-12"))
    #expect(lines[title + 3].contains("10:32:07 (10m)"))
    #expect(!story.picture.contains("\u{1B}"))
  }

  @Test("X ends the session under the cursor, and asks first with its user's name")
  func end() {
    var story = opened()
    story.press(.down, .character("X"))
    #expect(story.picture.contains("End the session of bob on PC-12 at AOS01?"))
    #expect(story.effects.isEmpty)
    story.press(.character("y"))
    let mutation = Order(ending: sessions[0], of: Fixture.id("AOS01"))
    guard case .perform(let token, mutation) = story.effects.last else {
      Issue.record("nothing was sent: \(story.effects)")
      return
    }
    #expect(mutation.commandLine() == "aosctl end AOS01 s2")
    story.send(.answer(token, Answer.fine()))
    #expect(story.message == "end the session of bob at AOS01: done")
    #expect(tokens(story).count == 1)
  }

  @Test("y sends the id of the session under the cursor, and in the pane of instances theirs")
  func copied() {
    var story = opened()
    story.press(.character("y"))
    #expect(story.effects == [.copy("s1")])
    story.press(.down, .character("y"))
    #expect(story.effects.last == .copy("s2"))
    story.press(.character("1"), .character("y"))
    #expect(story.effects.last == .copy("AOS01"))
    // In the details it is the session from the moment that one is picked.
    story.press(.enter, .character("y"))
    #expect(story.effects.last == .copy("AOS01"))
    for token in tokens(story) { story.send(.answer(token, .sessions(sessions))) }
    story.press(.tab, .character("y"))
    #expect(story.effects.last == .copy("s1"))
  }

  @Test("where no session is under the cursor y sends nothing")
  func nothingToCopy() {
    var story = Story()
    story.press(.character("4"), .character("y"))
    #expect(!story.effects.contains { if case .copy = $0 { true } else { false } })
  }

  @Test("Enter and Esc end no session", arguments: [Key.enter, .escape, .character("n")])
  func notEnded(key: Key) {
    var story = opened()
    story.press(.character("X"), key)
    #expect(story.effects.isEmpty)
    #expect(story.message.contains("cancelled"))
  }

  @Test("a session that ends by itself takes its question along")
  func ended() {
    var story = opened()
    story.press(.down, .character("X"))
    story.wait(milliseconds: 5_000)
    for token in tokens(story) { story.send(.answer(token, .sessions([sessions[1]]))) }
    #expect(story.dashboard.overlay == .none)
    #expect(story.message == "The session of bob has ended already.")
  }

  @Test("the cursor stays on its session while others come and go")
  func cursor() {
    var story = opened()
    story.press(.down)
    story.wait(milliseconds: 5_000)
    for token in tokens(story) { story.send(.answer(token, .sessions([sessions[0]]))) }
    #expect(story.line(with: "bob").hasPrefix("▸ bob"))
  }

  @Test("a refusal is in the balancer's words, and the old sessions do not hide it")
  func refused() {
    var story = Story()
    story.press(.character("4"))
    for token in tokens(story) {
      story.send(.answer(token, .refused("AOS01 does not answer", warnings: [])))
    }
    #expect(story.picture.contains("not known: AOS01 does not answer"))
  }

  @Test("a load balancer is not asked for sessions")
  func balancer() {
    var story = Story()
    story.press(.end, .character("4"))
    #expect(tokens(story).isEmpty)
    #expect(story.picture.contains("a dedicated load balancer takes no sessions"))
  }

  @Test("the details hold chart, seat, actions and sessions, and scroll")
  func details() {
    var story = Story(columns: 120, rows: 60)
    story.press(.down, .down, .down, .down, .enter)
    for effect in story.effects {
      switch effect {
      case .sessions(let token, let id):
        #expect(id == Fixture.id("AOS05"))
        story.send(.answer(token, .sessions(sessions)))
      case .history(let token, let minutes):
        #expect(minutes == 60)
        story.send(.answer(token, .history(Fixture.history)))
      default: Issue.record("\(effect)")
      }
    }
    #expect(story.picture.contains("Last hour        100 %│"))
    #expect(story.picture.contains("⣀") || story.picture.contains("⣤"))
    #expect(story.picture.contains("-60m"))
    #expect(story.picture.contains("seat 5 (no limit)"))
    #expect(story.picture.contains("alice  drain"))
    #expect(!story.picture.contains("bob    limit"))
    #expect(story.picture.contains("PC-12"))
    story.send(.resized(Size(columns: 80, rows: 24)))
    #expect(!story.picture.contains("PC-12"))
    story.press(.end)
    #expect(story.picture.contains("PC-12"))
  }

  @Test("4 in the details goes to the sessions of that instance")
  func toSessions() {
    var story = Story()
    story.press(.down, .enter, .character("4"))
    #expect(story.picture.contains("▸4 Sessions of AOS02"))
  }

  @Test("after a lost connection nothing is asked until it is back")
  func lost() {
    var story = opened()
    story.send(.lost(reason: "reset", retryAt: story.now + 60_000))
    story.wait(milliseconds: 30_000)
    #expect(tokens(story).isEmpty)
    #expect(story.picture.contains("bob"))
    story.send(.live(endpoint: "x"))
    #expect(tokens(story).count == 1)
  }

  @Test("sessions, license and admission of a load balancer are dashes")
  func dashes() {
    let story = Story(columns: 200, rows: 60)
    let line = story.line(with: "LB1       balancer")
    #expect(!line.contains("0/0"))
    #expect(!line.contains("accepting"))
    #expect(line.split(separator: " ").count { $0 == "—" || $0 == "–" } == 3)
  }
}
