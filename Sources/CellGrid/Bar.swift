/// A share as a bar: `████░░░░`. More than the whole is marked: `███████▶`.
package struct Bar: Hashable, Sendable {
  /// The share; 1 is the whole. Nil where there is no whole.
  package var share: Double?

  package init(_ share: Double?) {
    self.share = share
  }

  /// The bar in exactly this many columns; blank without a share.
  package func text(columns: Int) -> String {
    guard columns > 0 else { return "" }
    guard let share, share.isFinite else { return String(repeating: " ", count: columns) }
    if share > 1 { return String(repeating: "█", count: columns - 1) + "▶" }
    let exact = max(0, share) * Double(columns)
    var filled = Int(exact.rounded())
    // A small share must not look like nothing, and an almost full bar must not look full.
    if share > 0 { filled = max(1, filled) }
    if share < 1 { filled = min(columns - 1, filled) }
    return String(repeating: "█", count: filled)
      + String(repeating: "░", count: columns - filled)
  }
}
