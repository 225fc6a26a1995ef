/// Values over time as a filled area of braille dots, two values wide and four high in each cell.
package struct Chart: Hashable, Sendable {
  /// The values, oldest first; nil where the value is unknown.
  package var shares: [Double?]
  /// How many values the whole width shows. With fewer values the left part is blank.
  package var capacity: Int

  package init(_ shares: [Double?], capacity: Int) {
    self.shares = shares
    self.capacity = max(1, capacity)
  }

  /// The value at the upper edge: 1, or the next half above the highest value.
  package var top: Double {
    let highest = shares.lazy.compactMap(\.self).filter(\.isFinite).max() ?? 0
    return highest <= 1 ? 1 : (min(highest, 1_000) * 2).rounded(.up) / 2
  }

  /// The lines from top to bottom. Each dot column shows the highest of its values, so that no peak
  /// is lost. A known value has a dot even if it is zero; an unknown one has none.
  package func lines(columns: Int, rows: Int) -> [String] {
    guard columns > 0, rows > 0 else { return [] }
    let top = top
    let heights = (0..<columns * 2).map { dot -> Int in
      guard let value = highest(at: dot, of: columns * 2) else { return 0 }
      let height = (value / top * Double(rows * 4)).rounded()
      return Int(min(Double(rows * 4), max(1, height)))
    }
    return (0..<rows).map { row in
      let below = (rows - 1 - row) * 4
      return (0..<columns).reduce(into: "") { line, column in
        let left = min(4, max(0, heights[2 * column] - below))
        let right = min(4, max(0, heights[2 * column + 1] - below))
        line += Self.cell(left, right)
      }
    }
  }

  private func highest(at dot: Int, of dots: Int) -> Double? {
    let end = shares.count - capacity * (dots - 1 - dot) / dots
    let start = min(end - 1, shares.count - capacity * (dots - dot) / dots)
    guard end > 0 else { return nil }
    return shares[max(0, start)..<end].lazy.compactMap(\.self).filter(\.isFinite).max()
  }

  /// The dots of the left and of the right column, by how many are set from below.
  private static let left: [UInt32] = [0, 0x40, 0x44, 0x46, 0x47]
  private static let right: [UInt32] = [0, 0x80, 0xA0, 0xB0, 0xB8]

  private static func cell(_ left: Int, _ right: Int) -> String {
    let dots = Self.left[left] | Self.right[right]
    guard dots != 0, let scalar = UnicodeScalar(0x2800 + dots) else { return " " }
    return String(Character(scalar))
  }
}

extension Glyph {
  /// One ASCII character for a cell of dots: the more dots, the darker it is.
  static func asciiDots(_ value: UInt32) -> Unicode.Scalar? {
    guard (0x2800...0x28FF).contains(value) else { return nil }
    return [" ", ".", ".", ":", ":", "|", "|", "#", "#"][(value - 0x2800).nonzeroBitCount]
  }
}
