internal import CellGrid

/// Pieces one after the other, with line breaks between them.
struct TextFlow {
  let columns: Int
  let mostLines: Int
  private(set) var lines: [StyledText] = []
  private var isNewLine = true
  /// The width of the last line.
  private var lastColumns = 0

  init(columns: Int, mostLines: Int) {
    self.columns = columns
    self.mostLines = mostLines
  }

  /// False where there was no room: the last line then says how many more there are.
  ///
  /// - Parameters:
  ///   - mark: One column before the item.
  ///   - count: The number of remaining items, including this one.
  mutating func append(
    _ item: StyledText, mark: StyledText = StyledText(" "), keepingLines kept: Int = 0,
    of count: Int
  ) -> Bool {
    let hasLine = lines.count < mostLines - kept || lines.isEmpty
    var more: String { "  +\(Format.grouped(count)) more" }
    // The last line leaves room for the words about the rest.
    let room = columns - 1 - (hasLine || count == 1 ? 0 : more.utf8.count)
    let width = mark.columns + item.columns
    if !isNewLine, lastColumns + 1 + width <= room {
      lines[lines.count - 1] += StyledText(" ") + mark + item
      lastColumns += 1 + width
      return true
    }
    guard hasLine else {
      if let last = lines.indices.last { lines[last].append(more, .bold) }
      return false
    }
    lines.append(mark + item)
    (isNewLine, lastColumns) = (false, width)
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
