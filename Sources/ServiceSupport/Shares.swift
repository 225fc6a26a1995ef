/// Counts what many take of a limited number: how much each has, and how much all have together.
/// Who has nothing is not remembered.
package struct Shares<Owner: Hashable & Sendable>: Sendable {
  private var owned: [Owner: Int] = [:]
  package private(set) var total = 0

  package init() {}

  package subscript(_ owner: Owner) -> Int { owned[owner, default: 0] }

  /// - Parameters:
  ///   - most: For one owner.
  ///   - mostInAll: For all together.
  /// - Returns: False, and nothing is taken, where it would be more than that.
  package mutating func claim(
    _ amount: Int = 1, by owner: Owner, most: Int, mostInAll: Int = .max
  ) -> Bool {
    guard self[owner] + amount <= most, total + amount <= mostInAll else { return false }
    add(amount, to: owner)
    return true
  }

  /// Takes without a limit.
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
