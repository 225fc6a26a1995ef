internal import CellGrid

/// Pieces one after the other, broken into lines between them.
struct TextFlow {
  let columns: Int
  let mostLines: Int
  private(set) var lines: [StyledText] = []
  private var isNewLine = true

  init(columns: Int, mostLines: Int) {
    self.columns = columns
    self.mostLines = mostLines
  }

  /// False where there was no room: then the last line ends with a mark.
  ///
  /// - Parameter mark: One column in front of the item.
  mutating func append(
    _ item: StyledText, mark: StyledText = StyledText(" "), keepingLines kept: Int = 0
  ) -> Bool {
    if !isNewLine, let last = lines.last, last.columns + 2 + item.columns <= columns - 3 {
      lines[lines.count - 1] += StyledText(" ") + mark + item
      return true
    }
    guard lines.count < mostLines - kept || lines.isEmpty else {
      if !isNewLine { lines[lines.count - 1].append(" …") }
      return false
    }
    lines.append(mark + item)
    isNewLine = false
    return true
  }

  mutating func breakLine() { isNewLine = true }
}

extension String {
  /// The text with blanks after it, as wide as a field.
  func padding(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - self.columns))
  }
}
