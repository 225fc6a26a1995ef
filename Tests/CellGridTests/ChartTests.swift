import Testing

@testable import CellGrid

@Suite("Chart")
struct ChartTests {
  @Test("four heights in a cell and two values beside each other")
  func area() {
    let chart = Chart([0.25, 0.5, 0.75, 1], capacity: 4)
    #expect(chart.lines(columns: 2, rows: 1) == ["⣠⣾"])
    #expect(chart.lines(columns: 2, rows: 2) == [" ⣼", "⣼⣿"])
  }

  @Test("zero has a dot, and an unknown value has none")
  func unknown() {
    #expect(Chart([0, nil, nil, 0], capacity: 4).lines(columns: 2, rows: 1) == ["⡀⢀"])
    #expect(Chart([0], capacity: 4).lines(columns: 2, rows: 1) == [" ⢀"])
  }

  @Test("of many values each dot shows the highest")
  func peak() {
    let chart = Chart([0, 0, 1, 0, 0, 0, 0, 0], capacity: 8)
    #expect(chart.lines(columns: 1, rows: 1) == ["⣇"])
  }

  @Test(
    "the scale holds the highest value",
    arguments: [(0.3, 1.0), (1, 1), (1.01, 1.5), (1.5, 1.5), (2.2, 2.5), (.infinity, 1)])
  func top(share: Double, top: Double) {
    #expect(Chart([share], capacity: 1).top == top)
  }

  @Test("no place, no lines", arguments: [(0, 1), (1, 0), (-1, -1)])
  func none(columns: Int, rows: Int) {
    #expect(Chart([1], capacity: 1).lines(columns: columns, rows: rows).isEmpty)
  }

  @Test("in ASCII more dots are a darker character")
  func ascii() {
    var grid = Grid(size: Size(columns: 4, rows: 1))
    grid.put("⣀⣤⣶⣿", row: 0, column: 0)
    grid.reduceToASCII()
    #expect(grid.description == ".:|#")
  }
}
