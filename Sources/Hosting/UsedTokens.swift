internal import ClusterModel

/// The tokens of balancers that were shown lately, so that each opens one request.
///
/// The last ones are kept, however old: no clock that is set back makes a token new again. Where
/// balancers make more than are kept within the minute and a half in which a token counts, the
/// oldest of them could be shown once more.
package struct UsedTokens: Sendable {
  private let capacity: Int
  private var known: Set<String> = []
  /// A ring once it is full; `next` is the place of the oldest then.
  private var order: [String] = []
  private var next = 0

  package init(capacity: Int = Limits.usedTokens) {
    self.capacity = capacity
  }

  /// Notes that a token was shown.
  ///
  /// - Returns: False where it was shown before.
  package mutating func use(_ token: String) -> Bool {
    guard known.insert(token).inserted else { return false }
    if order.count < capacity {
      order.append(token)
    } else {
      known.remove(order[next])
      order[next] = token
      next = (next + 1) % capacity
    }
    return true
  }
}
