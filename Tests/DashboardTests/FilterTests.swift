import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Filter and order")
struct FilterTests {
  @Test(
    "the filter finds words in any order and any case",
    arguments: [
      ("aos01", ["AOS01"]), ("DRAIN alice", ["AOS05"]), ("kernel patching", ["AOS05"]),
      ("batch", ["AOS03", "AOS10"]), ("!app", ["AOS10", "LB1"]), ("refused", ["AOS07"]),
      ("no such thing", []), ("10.0.0.4:", ["AOS04"]),
    ])
  func words(text: String, expected: [String]) {
    var story = Story()
    story.press(.character("/"))
    story.type(text)
    #expect(story.order == expected)
    #expect(story.picture.contains("shown \(expected.count) of 9"))
  }

  @Test("an active filter stays in sight, Esc clears it")
  func inSight() {
    var story = Story()
    story.press(.character("/"))
    story.type("full")
    story.press(.enter)
    #expect(story.line(with: "1 Instances").hasSuffix("shown 2 of 9 ─ /full ─"))
    story.press(.escape)
    #expect(story.order.count == 9)
    #expect(!story.picture.contains("shown"))
  }

  @Test("letters are text while the filter is typed")
  func letters() {
    var story = Story()
    story.press(.character("/"))
    story.type("Dq")
    story.press(.backspace)
    #expect(story.dashboard.view.filter.text == "D")
    #expect(story.effects.isEmpty)
    story.press(.control("u"))
    #expect(story.dashboard.view.filter.text == "")
  }

  @Test("control characters do not get into the filter")
  func controls() {
    var story = Story()
    story.press(.character("/"), .character("\u{1B}"), .character("\u{202E}"))
    #expect(story.dashboard.view.filter.text == "")
  }

  @Test("p shows problems only: what does not do what it is there for")
  func problems() {
    var story = Story()
    story.press(.character("p"))
    #expect(story.order == ["AOS02", "AOS05", "AOS06", "AOS07", "AOS10"])
    #expect(story.picture.contains("problems only"))
    story.press(.character("p"))
    #expect(story.order.count == 9)
  }

  @Test("a filter given at the start holds from the first picture on")
  func option() {
    let story = Story(options: DashboardOptions(filter: "!app"))
    #expect(story.order == ["AOS10", "LB1"])
  }

  @Test("ids stand in the order people count in")
  func natural() {
    let sorted = ["AOS10", "aos2", "AOS1", "AOS02", "B", "AOS2-x", "AOS2"].sorted {
      NaturalOrder.precedes($0, $1)
    }
    #expect(sorted == ["AOS1", "AOS02", "AOS2", "aos2", "AOS2-x", "AOS10", "B"])
  }

  @Test("equal rows stand in the order of their ids, both ways round")
  func ties() throws {
    let order = try #require(SortOrder(named: "state"))
    var story = Story(options: DashboardOptions(sort: order))
    #expect(
      story.order
        == ["AOS07", "AOS10", "AOS02", "AOS06", "AOS05", "AOS01", "AOS03", "AOS04", "LB1"])
    story.press(.character("i"))
    #expect(
      story.order
        == ["LB1", "AOS01", "AOS03", "AOS04", "AOS05", "AOS02", "AOS06", "AOS10", "AOS07"])
  }

  @Test("loads start with the highest; the column says so")
  func loads() {
    var story = Story()
    story.press(.character(">"), .character(">"), .character(">"), .character(">"))
    #expect(story.dashboard.view.sort == SortOrder(column: .load, isDescending: true))
    #expect(story.order.first == "AOS06")
    #expect(story.picture.contains("LOAD▼"))
    story.press(.character("<"))
    #expect(story.dashboard.view.sort.column == .sessions)
  }

  @Test("an order by load follows the loads")
  func follows() throws {
    let order = try #require(SortOrder(named: "load"))
    var story = Story(options: DashboardOptions(sort: order))
    story.change { $0.setLoad(Load(connected: 60, maximum: 30), of: Fixture.id("AOS10")) }
    #expect(story.order.first == "AOS10")
  }
}
