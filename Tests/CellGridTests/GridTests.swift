import Testing

@testable import CellGrid

@Suite("A grid of cells")
struct GridTests {
  @Test("text is written where it is put, and clipped at every edge")
  func clipping() {
    var grid = Grid(size: Size(columns: 6, rows: 2))
    grid.put("abcdefgh", row: 0, column: 3)
    grid.put("abcdef", row: 1, column: -3)
    grid.put("never", row: 2, column: 0)
    grid.put("never", row: -1, column: 0)
    grid.put("never", row: 0, column: 6)
    #expect(
      grid.description == """
           abc
        def
        """)
  }

  @Test("a field ends at its given width")
  func width() {
    var grid = Grid(size: Size(columns: 6, rows: 1))
    #expect(grid.put("abcdef", row: 0, column: 1, width: 2) == 3)
    #expect(grid.description == " ab")
  }

  @Test("reading and writing outside does nothing", arguments: [-1, 3, Int.max, Int.min])
  func outside(place: Int) {
    var grid = Grid(size: Size(columns: 3, rows: 3))
    let before = grid
    grid[row: place, column: 0] = Cell("x")
    grid[row: 0, column: place] = Cell("x")
    #expect(grid == before)
    #expect(grid[row: place, column: place] == .blank)
    #expect(grid.row(place).isEmpty)
  }

  @Test("a wide character takes two cells, and none where only one is left")
  func wide() {
    var grid = Grid(size: Size(columns: 5, rows: 1))
    grid.put("日本語", row: 0, column: 0)
    #expect(grid.description == "日本")
    #expect(grid[row: 0, column: 1].isContinuation)
  }

  @Test("a wide character of which a half is overwritten goes whole", arguments: [0, 1])
  func halves(column: Int) {
    var grid = Grid(size: Size(columns: 3, rows: 1))
    grid.put("日", row: 0, column: 0)
    grid.put("x", row: 0, column: column)
    #expect(grid.description == (column == 0 ? "x" : " x"))
    #expect(!grid.row(0).contains { $0.isContinuation })
  }

  @Test("what differs of a row is from the first such cell to the last, wide characters whole")
  func differences() {
    func grid(_ text: String) -> Grid {
      var grid = Grid(size: Size(columns: 8, rows: 2))
      grid.put(text, row: 1, column: 0)
      return grid
    }
    let before = grid("ab日cd")
    #expect(grid("ab日cd").columns(ofRow: 1, otherThanIn: before).isEmpty)
    #expect(grid("ab日cD").columns(ofRow: 0, otherThanIn: before).isEmpty)
    #expect(grid("ab日cD").columns(ofRow: 1, otherThanIn: before) == 5..<6)
    #expect(grid("aB日cD").columns(ofRow: 1, otherThanIn: before) == 1..<6)
    #expect(grid("ab本cd").columns(ofRow: 1, otherThanIn: before) == 2..<4)
    #expect(grid("abxycd").columns(ofRow: 1, otherThanIn: before) == 2..<4)
    #expect(before.columns(ofRow: 1, otherThanIn: grid("abxycd")) == 2..<4)
    var marked = before
    marked.restyle(Rectangle(row: 1, column: 3, rows: 1, columns: 1)) { _ in .bold }
    #expect(marked.columns(ofRow: 1, otherThanIn: before) == 2..<4)
  }

  @Test("a style gives back what it was made of")
  func styles() {
    for color in [nil] + Color.allCases {
      for ground in [nil] + Color.allCases {
        var style = Style(foreground: color, background: ground, isBold: true, isDim: true)
        #expect(style.foreground == color && style.background == ground)
        #expect(style.isBold && style.isDim && !style.isReverse && !style.isUnderlined)
        (style.isBold, style.isUnderlined, style.foreground) = (false, true, .red)
        #expect(
          style
            == Style(foreground: .red, background: ground, isUnderlined: true, isDim: true))
      }
    }
  }

  @Test("wide characters written over each other leave whole ones only")
  func overlap() {
    var grid = Grid(size: Size(columns: 6, rows: 1))
    grid.put("日本語", row: 0, column: 0)
    grid.put("字", row: 0, column: 1)
    #expect(grid.description == " 字 語")
  }

  @Test(
    "control characters never reach a cell",
    arguments: ["\u{1B}", "\n", "\r\n", "\u{7F}", "\u{9B}", "\u{202E}", "\u{0}", "\u{2028}"])
  func controls(character: String) {
    var grid = Grid(size: Size(columns: 3, rows: 1))
    grid.put("a\(character)b", row: 0, column: 0)
    #expect(grid.description == "a?b")
    #expect(Cell(character).text == "?")
  }

  @Test("in ASCII every column stays where it is")
  func ascii() {
    var grid = Grid(size: Size(columns: 12, rows: 1))
    grid.put("─█░▁日…é|", row: 0, column: 0)
    grid.reduceToASCII()
    #expect(grid.description == "-#._? ~?|")
    let isASCII = grid.row(0).allSatisfy { $0.text.utf8.count == 1 }
    #expect(isASCII)
  }

  @Test("styles are read as runs")
  func runs() {
    var grid = Grid(size: Size(columns: 7, rows: 1))
    grid.put("bad", row: 0, column: 0, style: .colored(.red, isBold: true))
    grid.put("ok", row: 0, column: 4)
    #expect(grid.styledLine(0) == "bold red:bad|plain: ok ")
  }
}
