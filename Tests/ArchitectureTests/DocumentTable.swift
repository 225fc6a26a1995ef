import Foundation

/// The rows of the tables of a document in Markdown, or of those below one of its headings.
struct DocumentTable {
  struct Row {
    /// Of the document, counted from 1.
    var line: Int
    var cells: [String]

    /// What is between two of these marks in the last column.
    func quoted(by mark: Character = "`") -> [String] {
      (cells.last ?? "").split(separator: mark, omittingEmptySubsequences: false).enumerated()
        .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
    }
  }

  /// Without heads and rules.
  let rows: [Row]

  /// - Parameters:
  ///   - path: From the root of the project, for instance `Documentation/FEATURES.md`.
  ///   - heading: The whole line; nil: all tables of the document.
  init(in path: String, below heading: String? = nil, house: House = .shared) {
    self.init(house.files.first { $0.path == path }?.lines ?? [], below: heading)
  }

  init(_ lines: [String], below heading: String? = nil) {
    var rows: [Row] = []
    var isInside = heading == nil
    for (place, line) in lines.enumerated() {
      if line.hasPrefix("## ") { isInside = heading == nil || line == heading }
      let isHead = place + 1 < lines.count && lines[place + 1].hasPrefix("|--")
      guard isInside, !isHead, line.hasPrefix("| "), line.hasSuffix("|") else { continue }
      let cells = line.dropFirst().dropLast().split(
        separator: "|", omittingEmptySubsequences: false)
      rows.append(
        Row(line: place + 1, cells: cells.map { $0.trimmingCharacters(in: .whitespaces) }))
    }
    self.rows = rows
  }
}
