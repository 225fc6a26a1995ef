import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("The table of commands")
struct CommandTests {
  @Test("every command has a key, a title and a help text")
  func complete() {
    for command in Command.all {
      #expect(!command.keys.isEmpty)
      #expect(!command.title.isEmpty)
      #expect(!command.help.isEmpty)
    }
  }

  @Test("no key is bound twice in one place")
  func unique() {
    for (place, commands) in Command.byPlace {
      let keys = commands.flatMap(\.keys)
      #expect(Set(keys).count == keys.count, "\(place)")
    }
  }

  @Test("only capital letters change the cluster: D, E, X, M, A and N")
  func capitals() {
    let keys = Command.all.filter { $0.group == .change }.flatMap(\.keys)
    #expect(Set(keys) == Set("DEXMAN".map { Key.character($0) }))
  }

  @Test("F10 quits and does nothing else")
  func quitKeys() {
    for key in [Key.function(10), .control("c"), .character("q")] {
      var story = Story()
      story.press(key)
      #expect(story.effects == [.quit])
    }
  }

  @Test("Ctrl-C and F10 quit from anywhere", arguments: [Key.control("c"), .function(10)])
  func quitFromAnywhere(key: Key) {
    let places: [[Key]] = [
      [.character("?")], [.enter], [.character("D")], [.character("/"), .character("x")],
      [.character("A")],
    ]
    for place in places {
      var story = Story()
      for key in place { story.press(key) }
      story.press(key)
      #expect(story.effects.last == .quit)
    }
  }

  @Test("Esc never quits, wherever it is pressed")
  func escape() {
    for place: [Key] in [[], [.character("?")], [.enter], [.character("D")], [.character("/")]] {
      var story = Story()
      for key in place { story.press(key) }
      story.press(.escape, .escape, .escape)
      #expect(!story.effects.contains(.quit))
      #expect(story.dashboard.overlay == .none)
    }
  }

  @Test("Ctrl-L, Ctrl-Z, r and y are carried out by the program around it")
  func effects() {
    var story = Story()
    story.press(.control("l"), .control("z"), .character("r"), .character("y"))
    #expect(story.effects == [.redraw, .suspend, .reconnectNow, .copy("AOS01")])
  }

  @Test("every command is in the help screen, and every column")
  func help() {
    var story = Story(columns: 120, rows: 190)
    story.press(.character("?"))
    for section in HelpSection.all where section.isSeen(in: .instances) {
      #expect(story.picture.contains(section.title))
    }
    for command in Command.byPlace[.instances] ?? [] {
      #expect(story.picture.contains(command.help))
      #expect(story.picture.contains(command.keyNames))
    }
    // Long ones go on in the next line.
    let words = story.picture.split { $0.isWhitespace }.joined(separator: " ")
    for column in Column.all { #expect(words.contains(column.help)) }
  }

  @Test(
    "help is about the pane that asks for it: what that shows stands before the rest",
    arguments: [
      ("1", "the pane of instances", "Columns"), ("2", "the handshake list", "Handshake list"),
      ("3", "the events", "Events"), ("4", "the sessions of an instance", "Sessions"),
      ("5", "the cluster over the last hour", "Cluster, last hour"),
    ])
  func helpOfPane(pane: String, title: String, section: String) throws {
    var story = Story(columns: 120, rows: 160)
    story.type(pane)
    story.press(.character("?"))
    #expect(story.picture.contains("─ Help: \(title) ─"))
    let lines = story.picture.split(separator: "\n").map { $0.drop { $0 == " " } }
    let own = try #require(lines.firstIndex { $0 == section })
    let rest = try #require(lines.firstIndex { $0 == "Elsewhere" })
    #expect(own < rest)
  }

  @Test("in the sessions pane X is the end of a session, in the help and in the key bar")
  func sessionKeys() {
    var story = Story(columns: 120, rows: 60)
    story.press(.character("4"))
    let session = SessionInfo(
      session: "s1", kind: .client, user: "bob", computer: "PC-12", since: Fixture.now,
      activeAt: nil)
    for case .sessions(let token, _) in story.effects {
      story.send(.answer(token, .sessions([session])))
    }
    #expect(story.line(with: " q  Quit").contains(" X  End session "))
    story.press(.character("?"))
    #expect(story.line(with: "    X  ").contains("end the session under the cursor"))
  }

  @Test("the details and the alerts have a help of their own, which goes back to them")
  func helpOfTexts() {
    var story = Story(columns: 120, rows: 60)
    story.press(.enter, .character("?"))
    #expect(story.picture.contains("─ Help: the details of an instance ─"))
    #expect(story.picture.contains("drain: no new clients"))
    #expect(!story.picture.contains("tag for D E X M"))
    story.press(.escape)
    #expect(story.picture.contains("─ Instance AOS01 ─"))
    story.press(.escape, .character("a"), .function(1))
    #expect(story.picture.contains("─ Help: the alerts ─"))
    #expect(!story.picture.contains("drain: no new clients"))
    story.press(.escape)
    #expect(story.picture.contains("─ Alerts ─"))
  }

  @Test("the help shows commands that cannot run now as faint, with the reason")
  func faint() throws {
    var story = Story(columns: 120, rows: 160)
    story.press(.character("w"), .character("?"))
    let grid = story.grid
    let drain = try #require((0..<160).first { grid.line($0).contains("drain: no new") })
    #expect(grid.styledLine(drain).contains("dim:  D "))
    #expect(grid.line(drain).hasSuffix("(not now)"))
    let filter = try #require((0..<160).first { grid.line($0).contains("filter: words") })
    #expect(!grid.styledLine(filter).contains("dim"))
    var empty = Story(columns: 120, rows: 160, snapshot: nil)
    empty.press(.character("?"))
    #expect(empty.line(with: "filter: words").hasSuffix("(not now)"))
  }

  @Test("the help scrolls to its last line, and no further")
  func helpScrolls() {
    var story = Story()
    story.press(.character("?"))
    #expect(!story.picture.contains("scrolls the pane under the pointer"))
    story.press(.end)
    #expect(story.picture.contains("scrolls the pane under the pointer"))
    let end = story.picture
    story.press(.down, .pageDown)
    #expect(story.picture == end)
    story.press(.escape)
    #expect(story.dashboard.overlay == .none)
  }

  @Test("keys that mean nothing do nothing but say so")
  func unknown() {
    var story = Story()
    let before = story.picture
    story.press(.character("d"), .character("x"), .function(9), .delete, .insert, .character("é"))
    #expect(story.message == "é: no such key (? help)")
    story.wait(milliseconds: 5_000)
    #expect(story.picture == before)
    #expect(story.effects.isEmpty)
  }
}
