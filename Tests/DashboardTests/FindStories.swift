import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: finding instances")
struct FilterStories {
  /// The filter is typed and kept.
  private func filtered(_ text: String) -> Story {
    var story = Story()
    story.press(.character("/"))
    story.type(text)
    story.press(.enter)
    return story
  }

  @Test("Filter to the instances that drain and take them back one by one")
  func backOneByOne() {
    var story = Story()
    story.change {
      $0.insert(
        Fixture.server(
          "AOS01", 41, of: 60, admission: .rejecting, by: "bob",
          drain: Drain(startedAt: Fixture.ago(60), startedWith: 41)))
    }
    story.press(.character("/"))
    story.type("state:drain")
    story.press(.enter)
    story.shows("─ shown 2 of 9 ─ /state:drain ─")
    story.press(.character("E"))
    story.answerDryRuns(.fine())
    story.shows("Enable AOS01 (41/60 sessions)? New clients can log on again.")
    story.press(.character("y"))
    story.carryOut { $0.insert(Fixture.server("AOS01", 41, of: 60)) }
    story.shows("─ shown 1 of 9 ─ /state:drain ─")
    story.shows("▸ AOS05     app       draining 12/44")
    story.press(.character("E"))
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    story.carryOut { $0.insert(Fixture.server("AOS05", 12, of: 60)) }
    story.shows("─ shown 0 of 9 ─ /state:drain ─")
    #expect(story.commands == ["aosctl enable AOS01", "aosctl enable AOS05"])
  }

  @Test("Show everything but what the words name: ! in front")
  func inverse() {
    let story = filtered("!role:app")
    story.shows("─ shown 2 of 9 ─ /!role:app ─")
    story.shows("AOS10     batch     unlicensed")
    story.shows("  LB1       LB        balancing")
    story.hides("AOS01     app")
  }

  @Test("Several words: all must match, and - excludes")
  func severalWords() {
    var story = filtered("app load>50")
    story.shows("─ shown 3 of 9 ─ /app load>50 ─")
    #expect(story.order == ["AOS01", "AOS02", "AOS06"])
    story.press(.character("/"))
    story.type(" -full")
    story.press(.enter)
    story.shows("─ shown 1 of 9 ─ /app load>50 -full ─")
    #expect(story.order == ["AOS01"])
  }

  @Test("Find a ticket's words as they are: quotes hold a phrase together")
  func phrase() {
    var story = filtered("reason:\"the kernel\"")
    story.shows("─ shown 1 of 9 ─ /reason:\"the kernel\" ─")
    story.shows("AOS05     app       draining 12/44")
    story.press(.escape, .character("/"))
    story.type("reason:\"kernel the\"")
    story.shows("shown 0 of 9")
  }

  @Test("Misspell a field: an error lists the fields, and nothing is hidden or kept")
  func unknownField() {
    var story = Story(columns: 200)
    story.press(.character("/"))
    story.type("stat:full")
    story.shows("Unknown field \"stat\". Fields: id, state, role,")
    #expect(story.order.count == 9)
    story.press(.enter)
    story.shows(" Filter: stat:full▏")
    for _ in 0..<5 { story.press(.backspace) }
    story.type("e:full")
    story.hides("Unknown field")
    story.press(.enter)
    story.shows("─ shown 2 of 9 ─ /state:full ─")
  }

  @Test("Ask a number for words, or words for their size: the error appears while typing")
  func wrongQuestion() {
    var story = Story()
    story.press(.character("/"))
    story.type("load>high")
    story.shows(" Filter: load>high▏")
    story.shows("load wants a number, such as load>80")
    story.press(.control("u"))
    story.type("state>5")
    story.shows("state is a text: state:part or state=all")
    story.press(.escape)
    story.hides("Filter:")
    #expect(story.order.count == 9)
  }

  @Test("Look for something that does not exist: it says so, and Esc brings all back")
  func nothing() {
    var story = filtered("paris")
    story.shows("─ shown 0 of 9 ─ /paris ─")
    story.shows("  nothing matches; Esc clears the filter")
    story.hides(" D  Drain")
    story.press(.character("D"))
    story.shows(" Cannot drain: no instance is under the cursor")
    story.press(.escape)
    story.hides("nothing matches")
    story.shows("▸ AOS01     app       accepting             41/60")
  }

  @Test("A filter goes on holding: who comes to match appears, who does not any more goes")
  func live() {
    var story = filtered("load>=100")
    story.shows("─ shown 2 of 9 ─")
    story.wait(milliseconds: 5_000)
    story.setSessions("AOS04", 60)
    story.shows("─ shown 3 of 9 ─")
    story.shows("  AOS04     app      !full                  60/60")
    story.setSessions("AOS02", 10)
    story.shows("─ shown 2 of 9 ─")
    story.hides("AOS02     app")
  }

  @Test("Arrows keep what was typed and go on in the rows")
  func arrows() {
    var story = Story()
    story.press(.character("/"))
    story.type("full")
    story.shows(" Filter: full▏")
    story.press(.down)
    story.hides("Filter:")
    story.shows("─ shown 2 of 9 ─ /full ─")
    story.shows("▸ AOS06     app       full")
    story.press(.enter)
    story.shows("─ Instance AOS06 ─")
  }

  @Test("Full servers with room for batch, by whom and since which seat: fields side by side")
  func fields() {
    var story = filtered("by:alice max=60 free>40 seat<6")
    story.shows("─ shown 1 of 9 ─ /by:alice max=60 free>40 seat<6 ─")
    #expect(story.order == ["AOS05"])
    story.press(.escape, .character("/"))
    story.type("health:refused")
    #expect(story.order == ["AOS07"])
  }
}

@Suite("Manual: putting instances in order")
struct SortStories {
  @Test("Sort by any column: > goes through all columns, and from the last to the first")
  func everyColumn() {
    var story = Story(columns: 250)
    story.change {
      $0.setLoad(Load(connected: 41, withoutNotices: 9, maximum: 60), of: Fixture.id("AOS01"))
    }
    story.shows("INSTANCE▲ ROLE")
    for title in [
      "ROLE▲", "STATE▲", "▼SESSIONS", "LOAD▼", "▼RES", "▼NO NOTICE", "5 MIN▼", "LICENSE▲", "DRAIN▲",
      "HEALTH▲",
      "ADMISSION▲", "ADDRESS▲", "VERSION▲", "ZONE▲", "INSTANCE▲",
    ] {
      story.press(.character(">"))
      story.shows(title)
      #expect(Set(story.order).count == 9)
    }
    story.press(.character("<"))
    story.shows("ZONE▲")
  }

  /// AOS01 began with 60 and AOS04 with 13, both ten minutes ago.
  private func draining(_ options: DashboardOptions) -> Story {
    var story = Story(options: options)
    for (name, left, begun) in [("AOS01", 41, 60), ("AOS04", 12, 13)] {
      story.change {
        $0.insert(
          Fixture.server(
            name, left, of: 60, admission: .rejecting, by: "bob",
            drain: Drain(startedAt: Fixture.ago(600), startedWith: begun)))
      }
    }
    return story
  }

  @Test("Which drain is over first? Sort by DRAIN: by the expected end, the rest after it")
  func drains() throws {
    let order = try #require(SortOrder(named: "drain"))
    var story = draining(DashboardOptions(sort: order))
    story.shows("DRAIN▲")
    story.shows("draining 41/60    41/60  ██░  68 %      ▆ seat 1   ~11:03")
    #expect(story.order.prefix(3) == ["AOS05", "AOS01", "AOS04"])
    story.change { $0.setLoad(Load(connected: 5, maximum: 60), of: Fixture.id("AOS01")) }
    #expect(story.order.prefix(3) == ["AOS01", "AOS05", "AOS04"])
    story.press(.character("i"))
    story.shows("DRAIN▼")
    #expect(story.order.suffix(3) == ["AOS04", "AOS05", "AOS01"])
  }

  @Test("Who was busiest in the last five minutes? Sort by 5 MIN: by the mean")
  func trend() throws {
    let order = try #require(SortOrder(named: "trend"))
    var story = Story(
      columns: 160, rows: 50, options: DashboardOptions(sort: order), snapshot: Fixture.quiet)
    story.shows("5 MIN▼")
    #expect(story.order == ["AOS03", "AOS02", "AOS01", "LB1"])
    // A rush of some seconds is not a busy quarter.
    story.setSessions("AOS01", 60)
    #expect(story.order.first == "AOS03")
    for _ in 0..<30 { story.wait(milliseconds: 5_000) }
    #expect(story.order.first == "AOS01")
    story.press(.character("i"))
    story.shows("5 MIN▲")
    #expect(story.order.prefix(2) == ["LB1", "AOS02"])
  }

  @Test("Equal ones stand by their ids, whichever way round the order is")
  func ties() {
    var story = Story()
    story.press(.character(">"), .character(">"))
    story.shows("STATE▲")
    #expect(story.order.prefix(4) == ["AOS07", "AOS10", "AOS02", "AOS06"])
    story.press(.character("i"))
    story.shows("STATE▼")
    #expect(story.order.prefix(4) == ["LB1", "AOS01", "AOS03", "AOS04"])
    #expect(story.order.suffix(4) == ["AOS02", "AOS06", "AOS10", "AOS07"])
  }

  @Test("After a key that moves the cursor the order stays for a moment, then follows")
  func held() throws {
    let order = try #require(SortOrder(named: "load"))
    var story = Story(options: DashboardOptions(sort: order))
    story.press(.down)
    #expect(story.order.prefix(3) == ["AOS06", "AOS02", "AOS01"])
    story.setSessions("AOS04", 90)
    #expect(story.order.prefix(3) == ["AOS06", "AOS02", "AOS01"])
    story.shows("▸ AOS02     app       full")
    story.wait(milliseconds: 3_000)
    #expect(story.order.prefix(3) == ["AOS04", "AOS06", "AOS02"])
    story.shows("▸ AOS02     app       full")
  }

  @Test("What came up last? Sort by HEALTH: the youngest first, then the oldest")
  func health() {
    var story = Story(columns: 200)
    for _ in 0..<10 { story.press(.character(">")) }
    story.shows("HEALTH▲")
    #expect(story.order.first == "AOS07")
    story.change { $0.insert(Fixture.server("AOS03", 0, of: 200, healthAge: 3)) }
    #expect(story.order.prefix(2) == ["AOS03", "AOS07"])
    story.press(.character("i"))
    #expect(story.order.last == "AOS03")
  }

  @Test("An order and a filter together: the busiest servers that take clients")
  func both() {
    var story = Story()
    story.press(.character("/"))
    story.type("state:accepting")
    story.press(.enter)
    for _ in 0..<4 { story.press(.character(">")) }
    story.shows("─ shown 3 of 9 ─ /state:accepting ─")
    story.shows("LOAD▼")
    #expect(story.order == ["AOS01", "AOS04", "AOS03"])
  }
}
