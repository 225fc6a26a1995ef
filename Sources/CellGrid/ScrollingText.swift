/// Lines that do not all fit into their place, beginning at a given line.
package struct ScrollingText: Hashable, Sendable {
  package var lines: [StyledText]
  /// The first line shown.
  package var offset: Int

  package init(_ lines: [StyledText], offset: Int = 0) {
    self.lines = lines
    self.offset = offset
  }

  /// The largest offset that still fills the rows.
  package func lastOffset(rows: Int) -> Int { max(0, lines.count - rows) }

  package func draw(into grid: inout Grid, in part: Rectangle) {
    let first = min(max(0, offset), lastOffset(rows: part.rows))
    for (row, line) in lines.dropFirst(first).prefix(part.rows).enumerated() {
      grid.put(line, row: part.row + row, column: part.column, width: part.columns)
    }
    guard part.rows > 0, part.columns > 0 else { return }
    let mark = part.endColumn - 1
    if first > 0 { grid.put("▲", row: part.row, column: mark, style: .bold) }
    if first < lastOffset(rows: part.rows) {
      grid.put("▼", row: part.endRow - 1, column: mark, style: .bold)
    }
  }
}

extension [StyledText] {
  /// The first lines. If some were left out, the last one ends with a mark.
  package func cut(toLines most: Int, _ columns: Int) -> [StyledText] {
    guard count > most, most > 0 else { return Array(prefix(Swift.max(0, most))) }
    var lines = Array(prefix(most))
    let style = lines[most - 1].runs.last?.style ?? .plain
    let marked = lines[most - 1].truncated(to: columns - 2, mark: "")
    lines[most - 1] = marked + StyledText(" …", style)
    return lines
  }
}

extension StyledText {
  /// The text in lines of this many columns, broken at blanks where possible.
  package static func wrapped(
    _ text: String, columns: Int, style: Style = .plain
  ) -> [StyledText] {
    guard columns > 0 else { return [] }
    var lines: [StyledText] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: true) {
      var rest = Glyph.glyphs(of: word).map(\.text).joined()
      if !line.isEmpty, line.columns + 1 + rest.columns > columns {
        lines.append(StyledText(line, style))
        line = ""
      }
      while rest.columns > columns {
        let head = rest.truncated(to: columns, mark: "")
        if head.isEmpty { return lines }
        lines.append(StyledText(head, style))
        rest = String(rest.dropFirst(head.count))
      }
      line += (line.isEmpty ? "" : " ") + rest
    }
    if !line.isEmpty { lines.append(StyledText(line, style)) }
    return lines
  }
}
