/// One line of fields, some at the left and some at the right. If they do not all fit, those of
/// least weight are left out.
package struct TextLine: Hashable, Sendable {
  package struct Field: Hashable, Sendable {
    package var text: StyledText
    package var alignment: Alignment
    /// The fields with the highest weight stay longest. The one with the highest weight is cut and
    /// not left out.
    package var weight: Int

    package init(_ text: StyledText, alignment: Alignment = .left, weight: Int) {
      self.text = text
      self.alignment = alignment
      self.weight = weight
    }
  }

  package var fields: [Field]
  /// The number of columns between two fields.
  package var gap: Int

  package init(_ fields: [Field], gap: Int = 2) {
    self.fields = fields.filter { !$0.text.isEmpty }
    self.gap = gap
  }

  /// The fields that fit into this many columns, in their order.
  package func fitting(_ columns: Int) -> [Field] {
    fittingPlaces(columns).map { fields[$0] }
  }

  /// Whether all fields fit into this many columns without a cut.
  package func isWhole(_ columns: Int) -> Bool {
    fields.reduce(gap * (fields.count - 1)) { $0 + $1.text.columns } <= columns
  }

  /// The indices of those fields.
  func fittingPlaces(_ columns: Int) -> [Int] {
    var kept = Array(fields.indices)
    let widths = fields.map(\.text.columns)
    var needed = widths.reduce(0, +) + gap * (kept.count - 1)
    while kept.count > 1, needed > columns {
      guard
        let lightest = kept.indices.min(by: { fields[kept[$0]].weight < fields[kept[$1]].weight })
      else { break }
      needed -= widths[kept.remove(at: lightest)] + gap
    }
    return kept
  }

  package func draw(into grid: inout Grid, row: Int, column: Int, width: Int) {
    let kept = fitting(width)
    var left = column
    for field in kept where field.alignment == .left {
      left =
        grid.put(field.text, row: row, column: left, width: column + width - left) + gap
    }
    var right = column + width
    for field in kept.reversed() where field.alignment == .right {
      let needed = min(field.text.columns, right - column)
      grid.put(field.text, row: row, column: right - needed, width: needed)
      right -= needed + gap
    }
  }
}
