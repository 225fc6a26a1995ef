/// A frame over the screen with a title, and a row of buttons at its foot.
package struct DialogFrame: Hashable, Sendable {
  package struct Button: Hashable, Sendable {
    package var title: String
    package var isFocused: Bool
    package var isEnabled: Bool

    package init(title: String, isFocused: Bool, isEnabled: Bool = true) {
      self.title = title
      self.isFocused = isFocused
      self.isEnabled = isEnabled
    }

    /// Brackets alone tell the focus on a terminal without attributes.
    fileprivate var text: StyledText {
      let text = isFocused ? "[▸\(title)◂]" : "[ \(title) ]"
      return StyledText(
        text, Style(isBold: isFocused, isReverse: isFocused, isDim: !isEnabled))
    }
  }

  package var title: String
  package var buttons: [Button]
  package var style: Style

  package init(title: String, buttons: [Button] = [], style: Style = .plain) {
    self.title = title
    self.buttons = buttons
    self.style = style
  }

  /// Clears the part, draws the frame, and gives the part inside of it.
  @discardableResult
  package func draw(into grid: inout Grid, in part: Rectangle) -> Rectangle {
    guard part.rows >= 2, part.columns >= 4 else { return part.inset(rows: 0, columns: 0) }
    grid.fill(part)
    let line = String(repeating: "─", count: part.columns - 2)
    grid.put("┌" + line + "┐", row: part.row, column: part.column, style: style)
    grid.put("└" + line + "┘", row: part.endRow - 1, column: part.column, style: style)
    for row in part.row + 1..<part.endRow - 1 {
      grid.put("│", row: row, column: part.column, style: style)
      grid.put("│", row: row, column: part.endColumn - 1, style: style)
    }
    let titled = " \(title) ".truncated(to: part.columns - 4)
    grid.put(
      titled, row: part.row, column: part.column + 2, style: Style(isBold: true).over(style))
    drawButtons(into: &grid, in: part)
    return part.inset(rows: 1, columns: 2)
  }

  private func drawButtons(into grid: inout Grid, in part: Rectangle) {
    guard !buttons.isEmpty, part.rows >= 3 else { return }
    let texts = buttons.map(\.text)
    let width = texts.reduce(0) { $0 + $1.columns } + 3 * (texts.count - 1)
    var column = part.column + max(2, (part.columns - width) / 2)
    for text in texts {
      grid.put(
        text, row: part.endRow - 2, column: column, width: part.endColumn - 1 - column)
      column += text.columns + 3
    }
  }
}
