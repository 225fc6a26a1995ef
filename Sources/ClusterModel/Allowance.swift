/// Something that fills up evenly to a most, and is used up (a token bucket).
package struct Allowance: Sendable {
  private let perSecond: Int64
  private let most: Int64
  /// In thousandths.
  private var left: Int64
  private var filledAt: Int64?

  /// - Parameters:
  ///   - perSecond: How much comes back a second.
  ///   - atOnce: How much there is at most, and at first.
  package init(perSecond: Int, atOnce: Int) {
    self.perSecond = Int64(perSecond)
    most = Int64(atOnce) * 1_000
    left = most
  }

  /// - Parameter now: Monotonic milliseconds.
  /// - Returns: False, and nothing is taken, where less is left.
  package mutating func take(_ amount: Int = 1, now: Int64) -> Bool {
    fill(now: now)
    let wanted = Int64(amount) * 1_000
    guard wanted <= left else { return false }
    left -= wanted
    return true
  }

  /// Nothing of it is used.
  package mutating func isFull(now: Int64) -> Bool {
    fill(now: now)
    return left == most
  }

  private mutating func fill(now: Int64) {
    let passed = min(max(0, now - (filledAt ?? now)), 3_600_000)
    left = min(most, left + passed * perSecond)
    filledAt = now
  }
}
