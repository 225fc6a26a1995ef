/// Values over time, oldest first, as a line of blocks: `▁▁▂▄▇█`.
package struct Sparkline: Hashable, Sendable {
  /// The values; 1 is the height of the line. Nil where the value is unknown.
  package var shares: [Double?]

  /// How many values the whole width shows. With fewer values the left part is blank.
  package var capacity: Int

  package init(_ shares: [Double?], capacity: Int = 0) {
    self.shares = shares
    self.capacity = capacity
  }

  private static let blocks: [String] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// The line in exactly this many columns, with the newest value at the right. If there are more
  /// values than columns, each column shows the highest of its values, so that no peak is lost.
  package func text(columns: Int) -> String {
    guard columns > 0 else { return "" }
    let perColumn = max(1, (max(shares.count, capacity) + columns - 1) / columns)
    var line = ""
    for column in 0..<columns {
      let end = shares.count - (columns - 1 - column) * perColumn
      let start = max(0, end - perColumn)
      line += end > start ? Self.block(shares[start..<end].compactMap(\.self).max()) : " "
    }
    return line
  }

  private static func block(_ share: Double?) -> String {
    guard let share, share.isFinite else { return " " }
    return blocks[min(blocks.count - 1, max(0, Int(share * Double(blocks.count))))]
  }
}
