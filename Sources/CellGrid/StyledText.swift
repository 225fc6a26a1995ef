/// Text in pieces of one style each, for widgets.
package struct StyledText: Hashable, Sendable {
  package struct Run: Hashable, Sendable {
    package var text: String
    package var style: Style
  }

  package private(set) var runs: [Run]

  package init() {
    runs = []
  }

  package init(_ text: String, _ style: Style = .plain) {
    runs = []
    append(text, style)
  }

  /// The text without its styles.
  package var text: String { runs.map(\.text).joined() }
  /// The number of columns on a screen.
  package var columns: Int { runs.reduce(0) { $0 + $1.text.columns } }
  package var isEmpty: Bool { runs.isEmpty }

  package mutating func append(_ text: String, _ style: Style = .plain) {
    if text.isEmpty { return }
    // Most texts have some more runs than the first: so they have a place from the beginning.
    if runs.isEmpty { runs.reserveCapacity(4) }
    runs.append(Run(text: text, style: style))
  }

  package static func + (left: StyledText, right: StyledText) -> StyledText {
    var sum = left
    sum.runs += right.runs
    return sum
  }

  package static func += (left: inout StyledText, right: StyledText) {
    left.runs += right.runs
  }

  /// The text cut to this many columns, with a mark at the cut.
  package func truncated(to columns: Int, mark: String = "…") -> StyledText {
    guard self.columns > columns else { return self }
    var taken = StyledText()
    var room = columns
    for run in runs {
      let width = run.text.columns
      // The cut is in the first run that leaves no place for the mark.
      if width + mark.columns > room {
        taken.append((run.text + mark + mark).truncated(to: room, mark: mark), run.style)
        return taken
      }
      taken.append(run.text, run.style)
      room -= width
    }
    return taken
  }
}

/// Where the text is in a wider field.
package enum Alignment: Hashable, Sendable {
  case left
  case right
}

extension Grid {
  /// Writes the text into a field of `width` columns. Longer text is cut with a mark.
  ///
  /// - Returns: The column after the field.
  @discardableResult
  package mutating func put(
    _ text: StyledText, row: Int, column: Int, width: Int, alignment: Alignment = .left
  ) -> Int {
    guard width > 0 else { return column }
    let shown = text.truncated(to: width)
    var position = alignment == .left ? column : column + width - shown.columns
    let end = column + width
    for run in shown.runs {
      position = put(
        run.text, row: row, column: position, width: end - position, style: run.style)
    }
    return position
  }
}
