/// Divides a limited number among owners: counts how much each has, and how much all have together.
/// Owners that have nothing are forgotten.
package struct Shares<Owner: Hashable & Sendable>: Sendable {
  private var owned: [Owner: Int] = [:]
  package private(set) var total = 0

  package init() {}

  package subscript(_ owner: Owner) -> Int { owned[owner, default: 0] }

  /// - Parameters:
  ///   - most: The limit for one owner.
  ///   - mostInAll: The limit for all owners together.
  /// - Returns: False where it would exceed a limit; then nothing is taken.
  package mutating func claim(
    _ amount: Int = 1, by owner: Owner, most: Int, mostInAll: Int = .max
  ) -> Bool {
    guard self[owner] + amount <= most, total + amount <= mostInAll else { return false }
    add(amount, to: owner)
    return true
  }

  /// Takes an amount without a limit.
  package mutating func add(_ amount: Int = 1, to owner: Owner) {
    total += amount
    owned[owner, default: 0] += amount
  }

  /// - Parameter amount: No more than the owner has.
  package mutating func giveBack(_ amount: Int = 1, of owner: Owner) {
    total -= amount
    let left = self[owner] - amount
    owned[owner] = left > 0 ? left : nil
  }
}
