/// A frame on the screen with a title, and a row of buttons at its bottom.
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

    /// On a terminal without attributes only brackets show the focus.
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

  /// Clears the part, draws the frame, and returns the part inside it.
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
    for (button, place) in zip(buttons, buttonPlaces(in: part)) {
      grid.put(button.text, row: place.row, column: place.column, width: place.columns)
    }
  }

  /// The places of the buttons in a frame that covers this part of the screen.
  package func buttonPlaces(in part: Rectangle) -> [Rectangle] {
    guard !buttons.isEmpty, part.rows >= 3 else { return [] }
    let widths = buttons.map(\.text.columns)
    let sum = widths.reduce(0, +) + 3 * (widths.count - 1)
    var column = part.column + max(2, (part.columns - sum) / 2)
    return widths.map { width in
      defer { column += width + 3 }
      return Rectangle(
        row: part.endRow - 2, column: column, rows: 1,
        columns: min(width, part.endColumn - 1 - column))
    }
  }
}
