import Testing

@testable import CellGrid

@Suite("Widgets")
struct WidgetTests {
  private func picture(
    _ columns: Int, _ rows: Int, _ draw: (inout Grid) -> Void
  ) -> String {
    var grid = Grid(size: Size(columns: columns, rows: rows))
    draw(&grid)
    return grid.description
  }

  @Test(
    "a bar tells nothing from little, nearly from quite, and too much from full",
    arguments: [
      (nil, "        "), (0.0, "░░░░░░░░"), (0.001, "█░░░░░░░"), (0.5, "████░░░░"),
      (0.999, "███████░"), (1, "████████"), (1.2, "███████▶"), (.infinity, "        "),
    ])
  func bar(share: Double?, text: String) {
    #expect(Bar(share).text(columns: 8) == text)
  }

  @Test("a sparkline keeps the peak of what shares a column, the newest at the right")
  func sparkline() {
    #expect(Sparkline([0, 0.5, 1]).text(columns: 5) == "  ▁▅█")
    #expect(Sparkline([0, 1, 0, 0]).text(columns: 2) == "█▁")
    #expect(Sparkline([nil, nil, 0.2]).text(columns: 3) == "  ▂")
    #expect(Sparkline([3, -1, .nan]).text(columns: 3) == "█▁ ")
    #expect(Sparkline([]).text(columns: 3) == "   ")
    #expect(Sparkline([0, 0.5, 1], capacity: 10).text(columns: 5) == "   ▁█")
  }

  @Test(
    "a line leaves out its lightest fields where it is narrow",
    arguments: [
      (30, " left  middle            right"), (20, " left  middle  right"), (13, " left   right"),
      (8, " right"), (4, " ri…"),
    ])
  func line(columns: Int, text: String) {
    let line = TextLine([
      .init(StyledText("left"), weight: 2), .init(StyledText("middle"), weight: 1),
      .init(StyledText("right"), alignment: .right, weight: 3),
    ])
    let shown = picture(columns, 1) { line.draw(into: &$0, row: 0, column: 1, width: columns - 1) }
    #expect(shown.trimmed == text.trimmed)
    #expect(shown.columns <= columns)
  }

  @Test("a table leaves out its lightest columns; a wider one never has fewer")
  func table() {
    let columns = [
      Table.Column(title: StyledText("A"), width: 4, weight: 9),
      Table.Column(title: StyledText("B"), width: 9, weight: 5),
      Table.Column(title: StyledText("C"), width: 2, weight: 1, alignment: .right),
    ]
    #expect(Table(columns, width: 17).places.map(\.index) == [0, 1, 2])
    #expect(Table(columns, width: 16).places.map(\.index) == [0, 1])
    #expect(Table(columns, width: 12).places.map(\.index) == [0])
    #expect(Table(columns, width: 3).places.map(\.width) == [3])
    #expect(Table([], width: 3).places.isEmpty)
  }

  @Test("before a column that is needed is left out, all of those become narrower")
  func needed() {
    let columns = [
      Table.Column(title: StyledText("A"), width: 8, least: 4, isNeeded: true, weight: 9),
      Table.Column(title: StyledText("B"), width: 8, least: 4, isNeeded: true, weight: 5),
      Table.Column(title: StyledText("C"), width: 2, weight: 1),
    ]
    #expect(Table(columns, width: 20).places.map(\.width) == [8, 8, 2])
    #expect(Table(columns, width: 17).places.map(\.width) == [8, 8])
    #expect(Table(columns, width: 12).places.map(\.width) == [7, 4])
    #expect(Table(columns, width: 9).places.map(\.width) == [4, 4])
    #expect(Table(columns, width: 8).places.map(\.index) == [0])
    var before = 0
    for width in 1...40 {
      let count = Table(columns, width: width).places.count
      #expect(count >= before)
      before = count
    }
  }

  @Test("what is to spare goes to texts first, then to pictures")
  func spare() {
    let columns = [
      Table.Column(title: StyledText("A"), width: 2, widest: 9, isPicture: true, weight: 1),
      Table.Column(title: StyledText("B"), width: 2, widest: 4, weight: 1),
    ]
    #expect(Table(columns, width: 6).places.map(\.width) == [2, 3])
    #expect(Table(columns, width: 10).places.map(\.width) == [5, 4])
    #expect(Table(columns, width: 40).places.map(\.width) == [9, 4])
  }

  @Test("a frame holds its title, its buttons and what is inside")
  func frame() {
    let frame = DialogFrame(
      title: "Drain",
      buttons: [
        .init(title: "No", isFocused: true), .init(title: "Yes", isFocused: false),
      ])
    let shown = picture(24, 5) { grid in
      let inside = frame.draw(into: &grid, in: Rectangle(grid.size))
      grid.put("inside", row: inside.row, column: inside.column)
    }
    #expect(
      shown == """
        ┌─ Drain ──────────────┐
        │ inside               │
        │                      │
        │   [▸No◂]   [ Yes ]   │
        └──────────────────────┘
        """)
  }

  @Test(
    "text scrolls, and marks where there is more",
    arguments: [
      (0, "one\ntwo      ▼"), (1, "two      ▲\nthree"), (9, "two      ▲\nthree"),
      (-4, "one\ntwo      ▼"),
    ])
  func scrolling(offset: Int, text: String) {
    let lines = ["one", "two", "three"].map { StyledText($0) }
    let shown = picture(10, 2) {
      ScrollingText(lines, offset: offset).draw(into: &$0, in: Rectangle($0.size))
    }
    #expect(shown == text)
  }

  @Test("text is broken between words, and within words that are too long")
  func wrapping() {
    let lines = StyledText.wrapped("one two threefourfive  six", columns: 7).map(\.text)
    #expect(lines == ["one two", "threefo", "urfive", "six"])
    #expect(StyledText.wrapped("日本語", columns: 1).isEmpty)
    #expect(StyledText.wrapped("", columns: 5).isEmpty)
  }

  @Test("no widget traps in a place too small for it")
  func tiny() {
    for rows in 0..<4 {
      for columns in 0..<8 {
        _ = picture(columns, rows) { grid in
          let part = Rectangle(grid.size)
          DialogFrame(title: "title", buttons: [.init(title: "OK", isFocused: true)])
            .draw(into: &grid, in: part)
          Rule(title: StyledText("title"), note: StyledText("note"))
            .draw(into: &grid, row: 0, column: 0, width: columns)
          ScrollingText([StyledText("text")]).draw(into: &grid, in: part)
          KeyBar([.init(key: "q", title: "Quit", weight: 1)])
            .draw(into: &grid, row: 0, column: 0, width: columns)
        }
      }
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
