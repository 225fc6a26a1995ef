import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("The mouse points at what the keys do")
struct MouseTests {
  @Test("a click on a row puts the cursor there")
  func row() {
    var story = Story()
    story.click("AOS04     app")
    #expect(story.picture.contains("▸ AOS04     app"))
    story.press(.down)
    #expect(story.picture.contains("▸ AOS05     app"))
  }

  @Test("a click on a title sorts by its column, a second one the other way round")
  func title() {
    var story = Story()
    story.click("SESSIONS")
    #expect(story.order.first == "AOS06")
    #expect(story.picture.contains("▼SESSIONS"))
    story.click("SESSIONS")
    #expect(story.order.first == "AOS07")
    #expect(story.picture.contains("▲SESSIONS"))
    story.click("DRAIN")
    #expect(story.picture.contains("DRAIN▲"))
    #expect(story.order.first == "AOS05")
  }

  @Test("a click on a key of the key bar is that key")
  func keyBar() {
    var story = Story()
    story.click("Filter")
    #expect(story.picture.contains("Filter: ▏"))
    story.press(.escape)
    story.click("Quit")
    #expect(story.effects == [.quit])
    story.click("Drain", below: 22)
    #expect(story.picture.contains("┌─ Drain AOS01"))
  }

  @Test("a click on a button takes it; the guard of the question holds as for keys")
  func button() {
    var story = Story()
    story.press(.character("D"))
    story.click("[ Drain ]")
    #expect(story.picture.contains("the balancer has not answered yet"))
    story.answerDryRuns(.fine())
    story.click("▸Drain◂")
    #expect(story.message == "drain AOS01: sent")
    story.press(.character("D"))
    story.click("▸Cancel◂")
    #expect(story.message == "Drain cancelled.")
  }

  @Test("a click beside the buttons answers nothing")
  func besideButtons() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    for row in 0..<23 {
      for column in [0, 10, 79] { story.press(.mouse(Mouse(.click, row: row, column: column))) }
    }
    #expect(story.picture.contains("┌─ Drain AOS01"))
    #expect(story.commands == [])
  }

  @Test("a click on another pane goes there, and on its row")
  func panes() {
    var story = Story(columns: 120, rows: 40)
    story.click("1  AOS03")
    #expect(story.picture.contains("▸2 Handshake list"))
    #expect(story.dashboard.selected == Fixture.id("AOS03"))
    story.click("AOS10    no license")
    #expect(story.dashboard.selected == Fixture.id("AOS10"))
    story.click("not in the list")
    #expect(story.dashboard.selected == Fixture.id("AOS10"))
    story.click("08:12:07")
    #expect(story.picture.contains("▸3 Events"))
    story.click("AOS02     app")
    #expect(story.picture.contains("▸1 Instances"))
    #expect(story.dashboard.selected == Fixture.id("AOS02"))
  }

  @Test("the wheel scrolls what is below it")
  func wheel() {
    var story = Story()
    story.press(.mouse(Mouse(.wheelDown, row: 6, column: 10)))
    #expect(story.dashboard.selected == Fixture.id("AOS04"))
    story.press(.mouse(Mouse(.wheelUp, row: 6, column: 10)))
    #expect(story.dashboard.selected == Fixture.id("AOS01"))
    story.press(.character("?"), .mouse(Mouse(.wheelDown, row: 6, column: 10)))
    let scrolled = story.picture
    story.press(.escape, .character("?"), .down, .down, .down)
    #expect(story.picture == scrolled)
  }

  @Test("a click anywhere, whatever is open, in any size, does no harm")
  func anywhere() {
    let places: [[Key]] = [
      [], [.character("2")], [.character("3")], [.character("4")], [.character("?")], [.enter],
      [.character("a")], [.character("A")], [.character("/")], [.character("b")],
    ]
    for keys in places {
      for (columns, rows) in [(1, 1), (40, 10), (80, 24), (200, 60)] {
        var story = Story(columns: columns, rows: rows)
        for key in keys { story.press(key) }
        for row in stride(from: -1, to: rows - 1, by: 5) {
          for action in [Mouse.Action.click, .wheelUp, .wheelDown] {
            for column in [-1, columns / 2, columns] {
              story.press(.mouse(Mouse(action, row: row, column: column)))
            }
          }
        }
        #expect(!story.effects.contains { if case .perform = $0 { true } else { false } })
        _ = story.picture
      }
    }
  }
}
