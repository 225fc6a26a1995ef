import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Cursor and tags belong to instances, never to rows")
struct CursorTests {
  private func cursor(_ story: Story) -> String { story.dashboard.selected?.text ?? "none" }

  @Test("the cursor starts on the first row and moves with arrows and letters")
  func moves() {
    var story = Story()
    #expect(cursor(story) == "AOS01")
    story.press(.down, .character("j"))
    #expect(cursor(story) == "AOS03")
    story.press(.up, .character("k"), .up)
    #expect(cursor(story) == "AOS01")
    story.press(.end)
    #expect(cursor(story) == "LB1")
    story.press(.character("g"))
    #expect(cursor(story) == "AOS01")
    story.press(.character("G"), .down)
    #expect(cursor(story) == "LB1")
  }

  @Test("the cursor stays on its instance when another one joins above it")
  func join() {
    var story = Story()
    story.press(.down, .down)
    story.change { $0.insert(Fixture.server("AOS00", 0, of: 60)) }
    #expect(cursor(story) == "AOS03")
    #expect(story.line(with: "AOS03").hasPrefix("▸"))
  }

  @Test("the cursor stays on its instance when the order changes")
  func sort() {
    var story = Story()
    story.press(.down, .down)
    for _ in 0..<4 {
      story.press(.character(">"))
      #expect(cursor(story) == "AOS03")
      #expect(story.line(with: "▸ AOS03") != "")
    }
  }

  @Test("when its instance leaves, the cursor takes the row in its place, and comes back with it")
  func leave() {
    var story = Story()
    story.press(.down, .down)
    let gone = Fixture.servers[2]
    story.change {
      $0.remove(gone.id)
      $0.handshakeList.removeAll { $0 == gone.id }
    }
    #expect(cursor(story) == "AOS04")
    story.change { $0.insert(Fixture.server("AOS00", 0, of: 60)) }
    #expect(cursor(story) == "AOS04")
    story.change { $0.insert(gone) }
    #expect(cursor(story) == "AOS03")
  }

  @Test("a filter that hides the cursor's instance gives it back when it is cleared")
  func filter() {
    var story = Story()
    story.press(.down, .down, .character("/"))
    story.type("unreachable")
    #expect(cursor(story) == "AOS07")
    story.press(.escape)
    #expect(cursor(story) == "AOS03")
  }

  @Test("cursor, tags, filter and order survive a lost connection and a new snapshot")
  func reconnect() {
    var story = Story()
    story.press(.down, .character(" "), .character(">"), .character("/"))
    story.type("aos")
    story.press(.enter)
    let before = (cursor(story), story.order, story.dashboard.view.tags)
    story.send(.lost(reason: "reset", retryAt: story.now + 1_000))
    story.wait(milliseconds: 5_000)
    story.send(.connecting(endpoint: "x"))
    story.send(.live(endpoint: "x"))
    var again = Fixture.snapshot
    again.sequence = 1
    story.send(.snapshot(again))
    #expect(cursor(story) == before.0)
    #expect(story.order == before.1)
    #expect(story.dashboard.view.tags == before.2)
    #expect(story.dashboard.view.filter.text == "aos")
  }

  @Test("the order of rows is held for a moment after the cursor moved")
  func hold() throws {
    let order = try #require(SortOrder(named: "sessions"))
    var story = Story(options: DashboardOptions(sort: order))
    #expect(story.order.first == "AOS06")
    story.press(.down)
    story.change { $0.setLoad(Load(connected: 199, maximum: 200), of: Fixture.id("AOS03")) }
    #expect(story.order.first == "AOS06")
    story.wait(milliseconds: View.holdMilliseconds)
    #expect(story.order.first == "AOS03")
  }

  @Test("Space tags and goes on, U untags all")
  func tags() {
    var story = Story()
    story.press(.character(" "), .character(" "))
    #expect(story.dashboard.view.tags == Set(Fixture.ids("AOS01", "AOS02")))
    #expect(story.line(with: "AOS02").hasPrefix(" *AOS02"))
    #expect(story.picture.contains("2 tagged"))
    story.press(.up, .character(" "))
    #expect(story.dashboard.view.tags == Set(Fixture.ids("AOS01")))
    story.press(.character("U"))
    #expect(story.dashboard.view.tags.isEmpty)
  }

  @Test("the window follows the cursor's instance; F lets it stay")
  func follow() throws {
    var many = Fixture.snapshot
    for number in 100..<160 { many.insert(Fixture.server("AOS\(number)", number, of: 200)) }
    let order = try #require(SortOrder(named: "sessions"))
    var story = Story(options: DashboardOptions(sort: order), snapshot: many)
    let id = Fixture.id("AOS159")
    story.press(.home)
    #expect(cursor(story) == "AOS159")
    story.wait(milliseconds: 5_000)
    story.change { $0.setLoad(Load(connected: 0, maximum: 200), of: id) }
    #expect(story.line(with: "▸ AOS159") != "")
    story.press(.character("F"))
    story.change { $0.setLoad(Load(connected: 199, maximum: 200), of: id) }
    #expect(story.line(with: "▸ AOS159") == "")
    #expect(cursor(story) == "AOS159")
  }

  @Test("in the handshake list the cursor walks the list, then those left out")
  func listPane() {
    var story = Story()
    story.press(.character("2"), .home)
    #expect(cursor(story) == "AOS03")
    story.press(.down, .down, .down, .down, .down)
    #expect(cursor(story) == "AOS05")
    story.press(.end)
    #expect(cursor(story) == "LB1")
  }

  @Test("a cluster without instances takes every key")
  func empty() {
    var bare = Fixture.snapshot
    for instance in bare.instances { bare.remove(instance.id) }
    bare.handshakeList = []
    for start: Story in [Story(snapshot: bare), Story(snapshot: nil)] {
      var story = start
      for command in Command.all {
        for key in command.keys {
          story.press(key)
          story.press(.escape, .escape)
          #expect(!story.picture.isEmpty)
        }
      }
    }
  }
}
