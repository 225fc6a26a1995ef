internal import ClusterModel

/// The tokens of balancers that were used lately, so that each can be used only once.
///
/// Each is remembered while it could be valid, by a clock that nobody can set, and longer while
/// there is room. If balancers make more tokens than that, the next one is refused. So no token
/// that could be used again is ever forgotten.
package struct UsedTokens: Sendable {
  package enum Use: Equatable, Sendable {
    case isNew
    case wasShown
    /// There is no token that may be forgotten yet.
    case isFull
  }

  private struct Entry {
    var token: String
    var at: Int64
  }

  private let capacity: Int
  private let lifetime: Int64
  private var known: Set<String> = []
  /// A ring once it is full; then `next` is the index of the oldest.
  private var order: [Entry] = []
  private var next = 0

  /// - Parameter lifetime: How long a token can be valid after its first use, in milliseconds.
  package init(capacity: Int = Limits.usedTokens, lifetime: Int64) {
    self.capacity = capacity
    self.lifetime = lifetime
  }

  /// Notes the use of a token.
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
