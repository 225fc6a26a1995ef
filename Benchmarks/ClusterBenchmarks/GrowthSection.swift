internal import RealPrograms

/// The section of the document on how costs grow: the tables of this run, and where it has measured
/// something else, those that the document has.
struct GrowthSection {
  static let plot = "growth.svg"
  private static let head = "## How it grows\n"
  private static let next = "## What is measured\n"

  private let tables: [(text: String, table: GrowthTable)]

  init(_ new: [GrowthTable], keeping document: String) {
    let kept = Self.tables(in: document)
    tables = ClusterBenchmarks.parts.filter(\.isGrowth).compactMap { part in
      new.first { $0.subject == part.name }.map { ($0.markdown, $0) }
        ?? kept.first { $0.table.subject == part.name }
    }
  }

  var markdown: String {
    guard !tables.isEmpty else { return "" }
    return """
      \(Self.head)
      Each row has an order of growth that it is meant to have. The last step is what the last
      column is of the one before it; it is held against what the order allows for ten times as
      many, and a half more, since the machine is shared.

      ![How costs grow](\(Self.plot))

      \(tables.map(\.text).joined(separator: "\n\n"))


      """
  }

  var svg: String { GrowthPlot(tables: tables.map(\.table)).svg }

  /// The document with this section in place of the one that it has.
  func replaced(in document: String) -> String {
    guard let end = document.firstRange(of: Self.next)?.lowerBound else {
      return "\(document)\n\(markdown)"
    }
    let start = document.firstRange(of: Self.head)?.lowerBound ?? end
    return "\(document[..<start])\(markdown)\(document[end...])"
  }

  /// Reads the tables that a document has, with the paragraph before each.
  private static func tables(in document: String) -> [(text: String, table: GrowthTable)] {
    guard let start = document.firstRange(of: head)?.upperBound,
      let end = document.firstRange(of: next)?.lowerBound, start < end
    else { return [] }
    let blocks = document[start..<end].split(separator: "\n\n").map(String.init)
    return zip(blocks, blocks.dropFirst()).compactMap { remark, rows in
      GrowthTable(markdown: rows).map { ("\(remark)\n\n\(rows)", $0) }
    }
  }
}

extension GrowthTable {
  /// Reads what `markdown` has written, as far as the plot needs it; nil: it is another table.
  fileprivate init?(markdown: String) {
    let rows = markdown.split(separator: "\n").map { line in
      line.split(separator: "|").map { $0.trimmed }
    }
    guard rows.count > 2, let head = rows.first, head.count > 4 else { return nil }
    let sizes = head[1..<(head.count - 3)].compactMap { Int($0.filter(\.isNumber)) }
    subject = head[0]
    remark = ""
    curves = rows.dropFirst(2).compactMap { cells in
      guard cells.count == head.count,
        let order = Growth.Order.allCases.first(where: { $0.text == cells[head.count - 3] })
      else { return nil }
      let words = cells[0].split(separator: ", ", maxSplits: 1).map(String.init)
      var curve = Growth(words[0], words.count > 1 ? words[1] : "", order: order)
      for (size, cell) in zip(sizes, cells.dropFirst()) {
        guard let value = Double(cell.prefix { $0.isNumber || $0 == "." }) else { continue }
        curve.add(value, at: size)
      }
      return curve
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var rest = self
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
