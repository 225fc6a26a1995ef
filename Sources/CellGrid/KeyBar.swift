/// The line that says which key does what: ` D Drain  E Enable  q Quit`.
package struct KeyBar: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    package var key: String
    package var title: String
    /// The heavier, the longer it stays in a narrow line.
    package var weight: Int

    package init(key: String, title: String, weight: Int) {
      self.key = key
      self.title = title
      self.weight = weight
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
    let fields = entries.map { entry in
      var text = StyledText(" \(entry.key) ", keyStyle)
      text.append(" \(entry.title)")
      return TextLine.Field(text, weight: entry.weight)
    }
    TextLine(fields, gap: 1).draw(into: &grid, row: row, column: column, width: width)
  }
}
