/// The columns of a table and their places in a given width.
///
/// If not all columns fit, those of least weight are left out as a whole, so that the others stay
/// readable. Remaining space goes to columns that can use it. A wider table never has fewer
/// columns, since no other column replaces one that is left out. Before a needed column is left
/// out, all needed ones become narrower.
package struct Table: Hashable, Sendable {
  package struct Column: Hashable, Sendable {
    package var title: StyledText
    /// The width that it needs.
    package var width: Int
    /// The largest width that it can use.
    package var widest: Int
    /// The smallest width, where a needed column would have no room otherwise.
    package var least: Int
    /// Whether other columns become narrower to make room for it.
    package var isNeeded: Bool
    /// Whether it shows a picture and not a text: it grows only when no text is cut any more.
    package var isPicture: Bool
    /// The columns with the highest weight stay longest.
    package var weight: Int
    package var alignment: Alignment

    package init(
      title: StyledText, width: Int, widest: Int? = nil, least: Int? = nil,
      isNeeded: Bool = false, isPicture: Bool = false, weight: Int, alignment: Alignment = .left
    ) {
      self.title = title
      self.width = width
      self.least = min(width, least ?? width)
      self.isNeeded = isNeeded
      self.widest = max(width, widest ?? width)
      self.isPicture = isPicture
      self.weight = weight
      self.alignment = alignment
    }
  }

  /// A visible column.
  package struct Place: Hashable, Sendable {
    /// Its index among the columns of the table.
    package var index: Int
    /// The column of the screen, counted from the left of the table.
    package var column: Int
    package var width: Int
    package var alignment: Alignment
  }

  package let places: [Place]
  private let titles: [StyledText]

  package init(_ columns: [Column], width: Int, gap: Int = 1) {
    let byWeight = columns.indices.sorted { left, right in
      let (one, other) = (columns[left].weight, columns[right].weight)
      return one != other ? one > other : left < right
    }
    var kept = Table.fitting(byWeight, width: width, gap: gap) { columns[$0].width }
    var isTight = false
    if columns.indices.contains(where: { columns[$0].isNeeded && !kept.contains($0) }) {
      kept = Table.fitting(byWeight.filter { columns[$0].isNeeded }, width: width, gap: gap) {
        columns[$0].least
      }
      isTight = true
    }
    let needed = kept.reduce(gap * (kept.count - 1)) {
      $0 + (isTight ? columns[$1].least : columns[$1].width)
    }
    let widths = Table.grown(
      kept.sorted().map { columns[$0] }, isTight: isTight, spare: width - needed)
    kept.sort()
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

  /// The columns that fit beside each other, up to the first that does not.
  private static func fitting(
    _ order: [Int], width: Int, gap: Int, _ needs: (Int) -> Int
  ) -> [Int] {
    var sum = -gap
    return Array(
      order.enumerated().prefix { place, index in
        sum += gap + needs(index)
        return place == 0 || sum <= width
      }.map(\.element))
  }

  /// The widths, with the remaining space handed out: first evenly to texts, then to pictures. If
  /// space is short, each column gets its full width, one after the other.
  private static func grown(_ columns: [Column], isTight: Bool, spare: Int) -> [Int] {
    var widths = columns.map { isTight ? $0.least : $0.width }
    var spare = max(0, spare)
    if isTight {
      for place in columns.indices {
        let more = min(spare, columns[place].width - widths[place])
        widths[place] += more
        spare -= more
      }
    }
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

  /// Draws the row of titles.
  package func drawTitles(into grid: inout Grid, row: Int, column: Int) {
    for (place, title) in zip(places, titles) {
      grid.put(
        title, row: row, column: column + place.column, width: place.width,
        alignment: place.alignment)
    }
  }

  /// Draws one row. `field` is called for each visible column.
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
