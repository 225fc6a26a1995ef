/// A token bucket: it fills up evenly to its maximum, and each use takes something out.
package struct Allowance: Sendable {
  private let perSecond: Int64
  private let most: Int64
  /// What is left, in thousandths.
  private var left: Int64
  private var filledAt: Int64?

  /// - Parameters:
  ///   - perSecond: How much comes back in a second.
  ///   - atOnce: The maximum, with which it begins.
  package init(perSecond: Int, atOnce: Int) {
    self.perSecond = Int64(perSecond)
    most = Int64(atOnce) * 1_000
    left = most
  }

  /// - Parameter now: Monotonic milliseconds.
  /// - Returns: False where less than the amount is left; then nothing is taken.
  package mutating func spend(_ amount: Int = 1, now: Int64) -> Bool {
    fill(now: now)
    let wanted = Int64(amount) * 1_000
    guard wanted <= left else { return false }
    left -= wanted
    return true
  }

  /// Whether nothing of the allowance is used.
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

/// An allowance of the same size for each asker.
package struct Allowances<Asker: Hashable & Sendable>: Sendable {
  private let perSecond: Int
  private let atOnce: Int
  private var all: [Asker: Allowance] = [:]

  /// With more askers than this, those whose allowance is full are forgotten.
  private static var mostRemembered: Int { 4_096 }

  package init(perSecond: Int, atOnce: Int) {
    (self.perSecond, self.atOnce) = (perSecond, atOnce)
  }

  /// - Parameter now: Monotonic milliseconds.
  /// - Returns: False where this asker has nothing left.
  package mutating func spend(_ asker: Asker, now: Int64) -> Bool {
    if all.count > Self.mostRemembered {
      for (asker, var allowance) in all where allowance.isFull(now: now) { all[asker] = nil }
    }
    return all[asker, default: Allowance(perSecond: perSecond, atOnce: atOnce)].spend(now: now)
  }
}
