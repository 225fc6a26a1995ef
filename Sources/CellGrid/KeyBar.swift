/// The line that shows what the keys do: ` D Drain  E Enable  q Quit`.
package struct KeyBar: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    package var key: String
    package var title: String
    /// The entries with the highest weight stay longest in a narrow line.
    package var weight: Int
    /// The key that a click on it stands for; nil: none.
    package var press: Key?

    package init(key: String, title: String, weight: Int, press: Key? = nil) {
      self.key = key
      self.title = title
      self.weight = weight
      self.press = press
    }
  }

  package var entries: [Entry]

  package init(_ entries: [Entry]) {
    self.entries = entries
  }

  package func draw(
    into grid: inout Grid, row: Int, column: Int, width: Int,
    keyStyle: Style = Style(isBold: true, isReverse: true)
  ) {
    line(keyStyle).draw(into: &grid, row: row, column: column, width: width)
  }

  /// The entry at a column of a bar of this width; nil between two entries.
  package func entry(at column: Int, width: Int) -> Entry? {
    let line = line(.plain)
    var start = 0
    for index in line.fittingPlaces(width) {
      let end = start + line.fields[index].text.columns
      if (start..<end).contains(column) { return entries[index] }
      start = end + line.gap
    }
    return nil
  }

  private func line(_ keyStyle: Style) -> TextLine {
    let fields = entries.map { entry in
      var text = StyledText(" \(entry.key) ", keyStyle)
      text.append(" \(entry.title)")
      return TextLine.Field(text, weight: entry.weight)
    }
    return TextLine(fields, gap: 1)
  }
}
