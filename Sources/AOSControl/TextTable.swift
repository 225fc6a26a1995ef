internal import CellGrid

/// Rows under headings, in columns as wide as their widest cell, two blanks apart.
struct TextTable {
  enum Alignment { case left, right }

  struct Column {
    var title: String
    var alignment: Alignment

    static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }
    static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
  }

  var columns: [Column]
  var rows: [[String]] = []

  var lines: [String] {
    let all = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in all.map { $0[column].columns }.max() ?? 0 }
    return all.map { row in
      var line = ""
      for (place, cell) in row.enumerated() {
        let gap = String(repeating: " ", count: widths[place] - cell.columns)
        line += columns[place].alignment == .left ? cell + gap : gap + cell
        line += "  "
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
