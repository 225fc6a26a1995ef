/// A line across a part of the screen that contains a title: `─ 1 Instances ──────── by id ─`.
package struct Rule: Hashable, Sendable {
  package var title: StyledText
  package var note: StyledText
  package var style: Style

  private static let line = GlyphScalars("─")

  package init(title: StyledText, note: StyledText = StyledText(), style: Style = .plain) {
    self.title = title
    self.note = note
    self.style = style
  }

  package func draw(into grid: inout Grid, row: Int, column: Int, width: Int) {
    guard width > 4 else { return }
    grid.fill(
      Rectangle(row: row, column: column, rows: 1, columns: width), with: Rule.line, style: style)
    var titled = StyledText(" ", style) + title
    titled.append(" ", style)
    let end = grid.put(titled, row: row, column: column + 1, width: width - 2)
    guard !note.isEmpty else { return }
    let room = column + width - 1 - (end + 1)
    // The beginning of a note is better than no note.
    let noted = min(note.columns + 2, room)
    guard noted >= min(note.columns + 2, 10) else { return }
    var text = StyledText(" ", style) + note.truncated(to: noted - 2)
    text.append(" ", style)
    grid.put(text, row: row, column: column + width - 1 - noted, width: noted)
  }
}
