import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Parts of the last picture")
struct DrawnPartTests {
  @Test("a part that shows the same in the same place is not drawn again, and looks the same")
  func kept() {
    var drawn: DrawnPart<String>?
    var count = 0
    func picture(_ text: String, _ part: Rectangle) -> Grid {
      var grid = Grid(size: Size(columns: 8, rows: 3))
      grid.put("edge", row: 0, column: 0)
      grid.draw(text, in: part, keeping: &drawn) { grid in
        count += 1
        grid.put(text, row: part.row, column: part.column, width: part.columns, style: .bold)
      }
      return grid
    }
    let part = Rectangle(row: 1, column: 2, rows: 2, columns: 4)
    let first = picture("日本", part)
    #expect(picture("日本", part) == first)
    #expect(count == 1)
    #expect(picture("日語", part).description == "edge\n  日語\n")
    #expect(count == 2)
    let moved = Rectangle(row: 2, column: 2, rows: 1, columns: 4)
    #expect(picture("日語", moved).description == "edge\n\n  日語")
    #expect(count == 3)
  }

  @Test("a change of one instance draws one row again, and a key those that it moves between")
  func rows() {
    var story = Story(columns: 120, rows: 40)
    var drawn = DrawnParts()
    func other(_ act: (inout Story) -> Void) -> Int {
      var before = drawn
      act(&story)
      var grid = Grid(size: story.dashboard.size)
      story.dashboard.draw(into: &grid, keeping: &drawn)
      #expect(grid == story.grid)
      return drawn.rows.count { line, row in
        var blank = Grid(size: story.dashboard.size)
        var isDrawn = false
        blank.draw(row.content, in: row.part, keeping: &before.rows[line]) { _ in isDrawn = true }
        return isDrawn
      }
    }
    #expect(other { _ in } == story.dashboard.rows.ids.count)
    #expect(other { _ in } == 0)
    #expect(other { $0.setSessions("AOS02", 21) } == 1)
    #expect(other { $0.press(.down) } == 2)
    // The table has other columns then.
    #expect(other { $0.press(.character(">")) } > 2)
  }
}
