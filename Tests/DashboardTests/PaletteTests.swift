import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Finding: the palette, the help, tags and the filter")
struct PaletteTests {
  @Test(": opens all commands of the place with their keys, filtered while typing; Enter runs one")
  func palette() throws {
    var story = Story()
    story.press(.character(":"))
    story.shows("─ Commands ─")
    for name in ["Drain", "Enable"] { story.shows(name) }
    story.type("drain")
    story.shows("▸ D ")
    try Pictures.expect(story.picture, is: "palette")
    story.press(.enter)
    story.shows("Drain AOS01")
    #expect(story.dashboard.palette == nil)
  }

  @Test("every command that a place has is in its palette, and no other", arguments: Pane.allCases)
  func complete(pane: Pane) {
    var story = Story()
    story.dashboard.focus(pane)
    let expected = (Command.byPlace[Place(pane)] ?? []).filter {
      $0.group != .typing && $0.group != .dialog
    }
    story.press(.character(":"))
    let lines = story.dashboard.palette.map { story.dashboard.paletteLines($0) } ?? []
    #expect(lines.map(\.term) == expected.map(\.keyNames))
  }

  @Test("what cannot be done now is faint and says why, and running it says so too")
  func obstacle() {
    var story = Story(columns: 120)
    story.send(.lost(reason: "reset", retryAt: story.now + 60_000))
    story.press(.character(":"))
    story.type("drain no session")
    story.shows("not now: no connection to a balancer")
    story.press(.enter)
    #expect(story.message == "Cannot drain: no connection to a balancer.")
  }

  @Test("↑ and ↓ choose, Esc runs nothing, and what is not found says so")
  func choosing() {
    var story = Story()
    story.press(.character(":"))
    story.type("pane of")
    story.press(.down, .enter)
    #expect(story.dashboard.view.pane == .list)
    story.press(.character(":"), .escape)
    #expect(story.dashboard.palette == nil)
    story.press(.character(":"))
    story.type("zebra")
    story.shows("no command matches")
    story.press(.enter)
    #expect(story.message == "No command is called \"zebra\".")
    story.press(.escape)
    #expect(story.dashboard.palette == nil)
    #expect(story.effects.isEmpty)
  }

  @Test("help is searched with /, finds words of the legend, and Enter runs what it finds")
  func help() {
    var story = Story()
    story.press(.character("?"), .character("/"))
    story.type("rack")
    story.shows("ZONE")
    story.press(.control("u"))
    story.type("problems only")
    story.press(.enter)
    #expect(story.dashboard.view.filter.isProblemsOnly)
    #expect(story.dashboard.overlay == .none)
    // Esc goes back to the help, and again out of it.
    story.press(.character("?"), .character("/"), .escape)
    story.shows("─ Help: ")
    story.press(.escape)
    #expect(story.dashboard.overlay == .none)
  }

  @Test("* tags all servers that the filter shows, scrolled ones too, never balancers; ! inverts")
  func tags() {
    var story = Story(columns: 80, rows: 16)
    story.press(.character("*"))
    #expect(story.dashboard.view.tags.count == 8)
    #expect(!story.dashboard.view.tags.contains(Fixture.id("LB1")))
    story.press(.character("U"), .character(" "), .character("!"))
    #expect(!story.dashboard.view.tags.contains(Fixture.id("AOS01")))
    #expect(story.dashboard.view.tags.count == 7)
    story.press(.character("U"), .character("/"))
    story.type("state:full")
    story.press(.enter, .character("*"))
    #expect(story.dashboard.view.tags == Set(Fixture.ids("AOS02", "AOS06")))
  }

  @Test(
    "| means or, and blanks around a comparison are none",
    arguments: [
      ("state:full | aos05", ["AOS02", "AOS05", "AOS06"]), ("load > 80", ["AOS02", "AOS06"]),
      ("load >80", ["AOS02", "AOS06"]), ("load> 80", ["AOS02", "AOS06"]),
      ("load > 80 aos06", ["AOS06"]), ("load > 80|role = batch", ["AOS02", "AOS06", "AOS10"]),
      ("!state:full | aos0", ["AOS10", "LB1"]), ("aos05 |", ["AOS05"]), ("|", nil),
      ("\"a|b\"", []), ("-load > 10 app", ["AOS07"]),
    ] as [(String, [String]?)])
  func filters(text: String, found: [String]?) {
    let filter = Filter(text: text)
    let matches = filter.matcher()
    let ids = Fixture.snapshot.instances.filter(matches).map(\.id.text).sorted()
    #expect(ids == found ?? Fixture.snapshot.instances.map(\.id.text).sorted())
    #expect(filter.complaint == nil)
    // Letter by letter it finds the same.
    var story = Story()
    story.press(.character("/"))
    story.type(text)
    #expect(story.order.sorted() == ids)
  }

  @Test(
    "text that looks like a pattern and finds nothing gets a hint, else none",
    arguments: ["aos*", "^aos"])
  func hint(text: String) {
    var story = Story(columns: 120)
    story.press(.character("/"))
    story.type(text)
    story.shows("is not a wildcard here: a word is found anywhere in a text")
    story.press(.control("u"))
    story.type("nothing")
    story.hides("pattern")
  }
}
