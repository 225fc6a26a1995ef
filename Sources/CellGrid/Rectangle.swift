/// The size of a screen in cells; never negative.
package struct Size: Hashable, Sendable {
  package let columns: Int
  package let rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }
}

/// A part of a screen in cells; its size is never negative.
package struct Rectangle: Hashable, Sendable {
  package let row: Int
  package let column: Int
  package let rows: Int
  package let columns: Int

  package init(row: Int, column: Int, rows: Int, columns: Int) {
    self.row = row
    self.column = column
    self.rows = max(0, rows)
    self.columns = max(0, columns)
  }

  package init(_ size: Size) {
    self.init(row: 0, column: 0, rows: size.rows, columns: size.columns)
  }

  /// The row below the last one.
  package var endRow: Int { row + rows }
  /// The column after the last one.
  package var endColumn: Int { column + columns }
  package var isEmpty: Bool { rows == 0 || columns == 0 }

  package func contains(row: Int, column: Int) -> Bool {
    (self.row..<endRow).contains(row) && (self.column..<endColumn).contains(column)
  }

  /// The rectangle without this many cells at each side.
  package func inset(rows lines: Int, columns cells: Int) -> Rectangle {
    Rectangle(
      row: row + lines, column: column + cells, rows: rows - 2 * lines,
      columns: columns - 2 * cells)
  }

  /// Its first rows, and the rest.
  package func split(top count: Int) -> (top: Rectangle, rest: Rectangle) {
    let taken = min(max(0, count), rows)
    return (
      Rectangle(row: row, column: column, rows: taken, columns: columns),
      Rectangle(row: row + taken, column: column, rows: rows - taken, columns: columns)
    )
  }

  /// Its first columns, and the rest.
  package func split(left count: Int) -> (left: Rectangle, rest: Rectangle) {
    let taken = min(max(0, count), columns)
    return (
      Rectangle(row: row, column: column, rows: rows, columns: taken),
      Rectangle(row: row, column: column + taken, rows: rows, columns: columns - taken)
    )
  }

  /// A rectangle of this size in its middle, cut to fit.
  package func centered(_ size: Size) -> Rectangle {
    let (height, width) = (min(size.rows, rows), min(size.columns, columns))
    return Rectangle(
      row: row + (rows - height) / 2, column: column + (columns - width) / 2, rows: height,
      columns: width)
  }
}
