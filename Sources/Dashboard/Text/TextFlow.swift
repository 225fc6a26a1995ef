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

  /// Adds an item, which is written only where it has its place.
  ///
  /// - Parameters:
  ///   - width: The columns that the item takes.
  ///   - count: The number of remaining items, including this one.
  /// - Returns: False where there was no room: the last line then says how many more there are.
  mutating func append(
    columns width: Int, keepingLines kept: Int = 0, of count: Int,
    by write: (inout StyledText) -> Void
  ) -> Bool {
    let hasLine = lines.count < mostLines - kept || lines.isEmpty
    var more: String { "  +\(Format.grouped(count)) more" }
    // The last line leaves room for the words about the rest.
    let room = columns - 1 - (hasLine || count == 1 ? 0 : more.utf8.count)
    if !isNewLine, lastColumns + 1 + width <= room {
      lines[lines.count - 1].append(" ")
      write(&lines[lines.count - 1])
      lastColumns += 1 + width
      return true
    }
    guard hasLine else {
      if let last = lines.indices.last { lines[last].append(more, .bold) }
      return false
    }
    lines.append(StyledText())
    write(&lines[lines.count - 1])
    (isNewLine, lastColumns) = (false, width)
    return true
  }

  /// The same with an item that is written already, and a blank before it.
  mutating func append(_ item: StyledText, of count: Int) -> Bool {
    append(columns: 1 + item.columns, of: count) { line in
      line.append(" ")
      line += item
    }
  }

  mutating func breakLine() { isNewLine = true }
}

extension String {
  /// The text with blanks after it, as wide as a field.
  func padding(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - self.columns))
  }
}
