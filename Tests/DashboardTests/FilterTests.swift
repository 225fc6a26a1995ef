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

  @Test(
    "a field is asked for by its name: a part of it with :, all of it with =, numbers by size",
    arguments: [
      ("state:drain", ["AOS05"]), ("state:full load>100", ["AOS06"]),
      ("state=full", ["AOS02", "AOS06"]),
      ("load>80", ["AOS02", "AOS06"]), ("load>=100%", ["AOS02", "AOS06"]),
      ("LOAD<=20", ["AOS03", "AOS05", "AOS07", "AOS10"]),
      ("sessions=12", ["AOS04", "AOS05"]), ("free<0", ["AOS06"]), ("max:200", ["AOS03"]),
      ("by:alice", ["AOS05"]), ("reason:kernel", ["AOS05"]), ("role=app+batch", ["AOS03"]),
      ("health:refused", ["AOS07"]), ("license:unlicensed", ["AOS10"]),
      ("excluded:license", ["AOS10"]),
      ("address:10.0.0.4", ["AOS04"]), ("seat=7", ["AOS07"]), ("reserved>1", ["AOS03"]),
      ("version=0.1.0 role:balancer", ["LB1"]), ("id=aos01", ["AOS01"]),
      ("admission:rej", ["AOS05"]),
    ])
  func fields(text: String, expected: [String]) {
    let story = Story(options: DashboardOptions(filter: text))
    #expect(story.order == expected)
  }

  @Test(
    "a word with - in front leaves out, ! in front of all shows the others",
    arguments: [
      ("app -state:full -draining", ["AOS01", "AOS03", "AOS04", "AOS07"]),
      ("-load>0 -role:balancer", ["AOS07"]), ("!load>0", ["AOS07", "LB1"]),
      (
        "!state:full aos02",
        ["AOS01", "AOS03", "AOS04", "AOS05", "AOS06", "AOS07", "AOS10", "LB1"]
      ),
    ])
  func inverse(text: String, expected: [String]) {
    let story = Story(options: DashboardOptions(filter: text))
    #expect(story.order == expected)
  }

  @Test(
    "what is half typed hides nothing yet",
    arguments: [
      "state:", "load>", "load>=", "-", "!", "! ", "!load>", "\"", "-\"", "reason:\"", "!\"\"",
    ])
  func halfTyped(text: String) {
    let story = Story(options: DashboardOptions(filter: text))
    #expect(story.order.count == 9)
  }

  @Test("a number that is none is refused while it is typed")
  func noNumber() {
    var story = Story()
    story.press(.character("/"))
    story.type("load>much")
    #expect(story.line(with: "Filter:").contains("load wants a number, such as load>80"))
  }

  @Test(
    "an unknown field, or a question that it does not answer, is an error and hides nothing",
    arguments: [
      ("statuss:draining", "Unknown field \"statuss\"."),
      ("foo:bar", "Unknown field \"foo\"."), ("-foo=bar", "Unknown field \"foo\"."),
      ("state>5", "state is a text: state:part or state=all"),
      ("load>x", "load wants a number, such as load>80"),
    ])
  func complaint(text: String, words: String) {
    var story = Story()
    story.press(.character("/"))
    story.type(text)
    #expect(story.picture.contains(words))
    #expect(story.order.count == 9)
    story.press(.enter)
    #expect(story.line(with: "Filter: ").contains("\(text)▏"))
    story.press(.escape)
    #expect(!story.picture.contains(words))
    var small = Story(columns: 40, rows: 10)
    small.press(.character("/"))
    small.type(text)
    #expect(small.picture.contains(words.prefix(20)))
    #expect(small.picture.contains("Filter: \(text)▏"))
  }

  @Test(
    "quotes hold a phrase together, and make text of what would be a field",
    arguments: [
      ("reason:\"the kernel\"", ["AOS05"]), ("reason:\"kernel the\"", []),
      ("\"patching the\" -full", ["AOS05"]), ("\"foo:bar\"", []), ("reason:\"the ker", ["AOS05"]),
      ("state=\"not yet seen\"", []), ("-\"no license\" batch", ["AOS03"]),
    ])
  func quotes(text: String, expected: [String]) {
    var story = Story()
    story.press(.character("/"))
    story.type(text)
    #expect(story.order == expected)
    #expect(story.dashboard.view.filter.complaint == nil)
  }

  @Test("a port, a number after a colon and what is in quotes are text like any other")
  func noField() {
    var story = Story()
    story.change {
      $0.insert(Fixture.server("AOS01", 1, of: 60, why: "ticket:4711 a>b localhost:2713"))
    }
    let texts = [
      "ticket:4711", "\"a>b\"", "4711", "localhost:2713", "localhost:", "10.0.0.1:2712",
    ]
    for text in texts {
      story.press(.character("/"))
      story.type(text)
      #expect(story.order == ["AOS01"])
      story.press(.escape)
    }
  }

  @Test("letters with marks are found in either case")
  func marks() {
    var story = Story()
    story.change { $0.insert(Fixture.server("AOS01", 1, of: 60, why: "Übergabe an Łucja")) }
    story.press(.character("/"))
    story.type("übergabe łUCJA")
    #expect(story.order == ["AOS01"])
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

  @Test("p shows problems only")
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
