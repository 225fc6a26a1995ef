/// A screen as a value: rows of styled cells. Drawing outside it does nothing.
package struct Grid: Equatable, Sendable {
  package let size: Size
  private var cells: [Cell]

  package init(size: Size) {
    self.size = size
    cells = Array(repeating: .blank, count: size.columns * size.rows)
  }

  /// The cell at this place; a blank outside. Setting half of a wide character blanks its other
  /// half.
  package subscript(row row: Int, column column: Int) -> Cell {
    get { contains(row, column) ? cells[row * size.columns + column] : .blank }
    set {
      guard contains(row, column), !newValue.isContinuation else { return }
      let glyph = Glyph.glyphs(of: newValue.text).first ?? .replacement
      write(glyph.scalars, glyph.width, newValue.style, row, column)
    }
  }

  /// The cells of one row; empty outside.
  package func row(_ row: Int) -> ArraySlice<Cell> {
    guard (0..<size.rows).contains(row) else { return [] }
    return cells[row * size.columns..<(row + 1) * size.columns]
  }

  /// What of a row differs from that row of a grid of the same size: from the first such cell to
  /// the last one, both halves of a wide character together; empty where nothing does.
  package func columns(ofRow row: Int, otherThanIn other: Grid) -> Range<Int> {
    let start = row * size.columns
    var (first, end) = (0, size.columns)
    while first < end, cells[start + first] == other.cells[start + first] { first += 1 }
    while end > first, cells[start + end - 1] == other.cells[start + end - 1] { end -= 1 }
    guard first < end else { return 0..<0 }
    while first > 0, cells[start + first].isContinuation { first -= 1 }
    while end < size.columns, cells[start + end].isContinuation { end += 1 }
    return first..<end
  }

  private func places(of part: Rectangle, _ row: Int) -> Range<Int> {
    row * size.columns + part.column..<row * size.columns + part.endColumn
  }

  /// The cells of a part that lies on the screen, row by row.
  package func cells(in part: Rectangle) -> [Cell] {
    var taken: [Cell] = []
    taken.reserveCapacity(part.rows * part.columns)
    for row in part.row..<part.endRow { taken += cells[places(of: part, row)] }
    return taken
  }

  /// Puts the cells of a part back in their place.
  package mutating func put(_ taken: [Cell], in part: Rectangle) {
    var next = 0
    for row in part.row..<part.endRow {
      cells.replaceSubrange(places(of: part, row), with: taken[next..<next + part.columns])
      next += part.columns
    }
  }

  /// Writes the text from this place to the right, within `width` columns and the screen. A wide
  /// character that does not fit is left out.
  ///
  /// - Returns: The column after the last one written.
  @discardableResult
  package mutating func put(
    _ text: some StringProtocol, row: Int, column: Int, width: Int = .max, style: Style = .plain
  ) -> Int {
    guard (0..<size.rows).contains(row), column < size.columns, width > 0 else { return column }
    let end = min(size.columns, width < size.columns ? column + width : size.columns)
    var position = column
    if text.isPlain {
      for scalar in text.unicodeScalars where position < end {
        if position >= 0 { write(GlyphScalars(scalar), style, row * size.columns + position) }
        position += 1
      }
      return position
    }
    Glyph.forEach(in: text) { glyph in
      guard position + glyph.width <= end else { return false }
      if position >= 0 {
        write(glyph.scalars, glyph.width, style, row, position)
      } else if position + glyph.width > 0 {
        write(Glyph.space.scalars, 1, style, row, 0)
      }
      position += glyph.width
      return true
    }
    return position
  }

  /// Fills a part with blanks of a style.
  package mutating func fill(_ part: Rectangle, style: Style = .plain) {
    fill(part, with: Glyph.space.scalars, style: style)
  }

  /// Fills a part with a character of one column.
  mutating func fill(_ part: Rectangle, with scalars: GlyphScalars, style: Style = .plain) {
    let columns = clipped(part.column, part.endColumn, size.columns)
    guard let first = columns.first, let last = columns.last else { return }
    for row in clipped(part.row, part.endRow, size.rows) {
      // At the edges half of a wide character may stay.
      write(scalars, style, row * size.columns + first)
      write(scalars, style, row * size.columns + last)
      for column in columns { cells[row * size.columns + column] = Cell(scalars, style: style) }
    }
  }

  /// Changes the style of all cells in a part.
  package mutating func restyle(_ part: Rectangle, _ change: (Style) -> Style) {
    for row in clipped(part.row, part.endRow, size.rows) {
      for column in clipped(part.column, part.endColumn, size.columns) {
        cells[row * size.columns + column].style = change(cells[row * size.columns + column].style)
      }
    }
  }

  /// Replaces everything that is not ASCII. Every column stays in its place.
  package mutating func reduceToASCII() {
    for index in cells.indices {
      let cell = cells[index]
      guard !cell.scalars.isASCII || cell.isContinuation else { continue }
      cells[index] = Cell(
        GlyphScalars(Glyph.asciiStandIn(for: cell.scalars)), style: cell.style)
    }
  }

  private func contains(_ row: Int, _ column: Int) -> Bool {
    (0..<size.rows).contains(row) && (0..<size.columns).contains(column)
  }

  private func clipped(_ start: Int, _ end: Int, _ limit: Int) -> Range<Int> {
    let first = max(0, min(start, limit))
    return first..<max(first, min(end, limit))
  }

  /// Writes a character of one column at a place that exists.
  private mutating func write(_ scalars: GlyphScalars, _ style: Style, _ index: Int) {
    if cells[index].isContinuation { blank(index - 1) }
    // At the end of a row the next cell begins another one, which is never the right half of a
    // wide character.
    if index + 1 < cells.count, cells[index + 1].isContinuation { blank(index + 1) }
    cells[index] = Cell(scalars, style: style)
  }

  /// Writes one glyph at a place that exists.
  private mutating func write(
    _ scalars: GlyphScalars, _ width: Int, _ style: Style, _ row: Int, _ column: Int
  ) {
    var (scalars, width) = (scalars, width)
    if column + width > size.columns { (scalars, width) = (Glyph.space.scalars, 1) }
    let index = row * size.columns + column
    if cells[index].isContinuation { blank(index - 1) }
    let next = index + width
    if column + width < size.columns, cells[next].isContinuation { blank(next) }
    cells[index] = Cell(scalars, style: style)
    if width == 2 { cells[index + 1] = .continuation(style) }
  }

  private mutating func blank(_ index: Int) {
    cells[index] = Cell(Glyph.space.scalars, style: cells[index].style)
  }
}

extension Grid: CustomStringConvertible {
  /// The text alone: one line for each row, without spaces at its end.
  package var description: String {
    (0..<size.rows).map(line).joined(separator: "\n")
  }

  /// The text of one row, without spaces at its end.
  package func line(_ row: Int) -> String {
    var line = self.row(row).map(\.text).joined()
    while line.last == " " { line.removeLast() }
    return line
  }

  /// One row as runs of equal style, each `style:text`, for tests of colours: `bold:AOS01 |plain:
  /// accepting`.
  package func styledLine(_ row: Int) -> String {
    var runs: [(style: Style, text: String)] = []
    for cell in self.row(row) {
      if let last = runs.last, last.style == cell.style {
        runs[runs.count - 1].text += cell.text
      } else {
        runs.append((cell.style, cell.text))
      }
    }
    return runs.map { "\($0.style):\($0.text)" }.joined(separator: "|")
  }
}
