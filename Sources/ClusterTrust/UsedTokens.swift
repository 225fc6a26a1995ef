internal import ClusterModel

/// The tokens of balancers that were shown lately, so that each opens one request.
///
/// One is remembered for as long as it can count, by a clock that nobody sets, and longer while
/// there is room. Where balancers make more than that, a further one is refused: none is ever
/// forgotten that could be shown again.
package struct UsedTokens: Sendable {
  package enum Use: Equatable, Sendable {
    case isNew
    case wasShown
    /// Nothing can be forgotten yet.
    case isFull
  }

  private struct Entry {
    var token: String
    var at: Int64
  }

  private let capacity: Int
  private let lifetime: Int64
  private var known: Set<String> = []
  /// A ring once it is full; `next` is the place of the oldest then.
  private var order: [Entry] = []
  private var next = 0

  /// - Parameter lifetime: How long a token can count after it was first shown, in milliseconds.
  package init(capacity: Int = Limits.usedTokens, lifetime: Int64) {
    self.capacity = capacity
    self.lifetime = lifetime
  }

  /// Notes that a token was shown.
  ///
  /// - Parameter now: Monotonic milliseconds.
  package mutating func use(_ token: String, now: Int64) -> Use {
    guard !known.contains(token) else { return .wasShown }
    let entry = Entry(token: token, at: now)
    if order.count < capacity {
      order.append(entry)
    } else {
      guard now - order[next].at >= lifetime else { return .isFull }
      known.remove(order[next].token)
      order[next] = entry
      next = (next + 1) % capacity
    }
    known.insert(token)
    return .isNew
  }
}
