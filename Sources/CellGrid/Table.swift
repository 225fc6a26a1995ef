/// The columns of a table and where they stand in a given width.
///
/// Columns that do not fit are left out whole, the one of least weight first, so that what stays
/// is readable; what is left over goes to the columns that can use it.
package struct Table: Hashable, Sendable {
  package struct Column: Hashable, Sendable {
    package var title: StyledText
    /// Columns of the screen it needs.
    package var width: Int
    /// Most it can use.
    package var widest: Int
    /// A picture rather than a text: it grows only when no text is cut any more.
    package var isPicture: Bool
    /// The heavier, the longer it stays.
    package var weight: Int
    package var alignment: Alignment

    package init(
      title: StyledText, width: Int, widest: Int? = nil, isPicture: Bool = false, weight: Int,
      alignment: Alignment = .left
    ) {
      self.title = title
      self.width = width
      self.widest = max(width, widest ?? width)
      self.isPicture = isPicture
      self.weight = weight
      self.alignment = alignment
    }
  }

  /// A column that is shown.
  package struct Place: Hashable, Sendable {
    /// Its index among the columns the table was made of.
    package var index: Int
    /// Counted from the left of the table.
    package var column: Int
    package var width: Int
    package var alignment: Alignment
  }

  package let places: [Place]
  private let titles: [StyledText]

  package init(_ columns: [Column], width: Int, gap: Int = 1) {
    var kept = Array(columns.indices)
    func needed() -> Int { kept.reduce(0) { $0 + columns[$1].width } + gap * (kept.count - 1) }
    while kept.count > 1, needed() > width {
      guard let lightest = kept.min(by: { columns[$0].weight < columns[$1].weight }) else { break }
      kept.removeAll { $0 == lightest }
    }
    // What was dropped for a wider one may still fit.
    for index in columns.indices.sorted(by: { columns[$0].weight > columns[$1].weight })
    where !kept.contains(index) && needed() + gap + columns[index].width <= width {
      kept.append(index)
    }
    kept.sort()
    let widths = Table.grown(kept.map { columns[$0] }, spare: width - needed())
    var position = 0
    var places: [Place] = []
    for (index, columnWidth) in zip(kept, widths) {
      places.append(
        Place(
          index: index, column: position, width: min(columnWidth, max(0, width - position)),
          alignment: columns[index].alignment))
      position += columnWidth + gap
    }
    self.places = places
    titles = kept.map { columns[$0].title }
  }

  /// Widths with what is to spare handed out: to texts first, evenly, then to pictures.
  private static func grown(_ columns: [Column], spare: Int) -> [Int] {
    var widths = columns.map(\.width)
    var spare = spare
    for isPicture in [false, true] {
      while spare > 0 {
        let hungry = columns.indices.filter { place in
          columns[place].isPicture == isPicture && widths[place] < columns[place].widest
        }
        if hungry.isEmpty { break }
        for place in hungry where spare > 0 {
          widths[place] += 1
          spare -= 1
        }
      }
    }
    return widths
  }

  /// Draws the line of titles.
  package func drawTitles(into grid: inout Grid, row: Int, column: Int) {
    for (place, title) in zip(places, titles) {
      grid.put(
        title, row: row, column: column + place.column, width: place.width,
        alignment: place.alignment)
    }
  }

  /// Draws one row; `field` is asked for each shown column.
  package func drawRow(
    into grid: inout Grid, row: Int, column: Int, field: (Place) -> StyledText
  ) {
    for place in places {
      grid.put(
        field(place), row: row, column: column + place.column, width: place.width,
        alignment: place.alignment)
    }
  }
}
