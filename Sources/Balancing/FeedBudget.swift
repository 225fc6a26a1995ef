internal import ClusterModel

/// How much one load feed may still say: a sum that fills up with time and that every event takes
/// something from. Times are monotonic milliseconds.
package struct FeedBudget: Sendable {
  private var events = Allowance(
    perSecond: Limits.feedEventsPerSecond, atOnce: Limits.feedEventsAtOnce)
  private var bytes = Allowance(
    perSecond: Limits.feedBytesPerSecond, atOnce: Limits.feedBytesAtOnce)

  package init() {}

  /// What an event takes: more where it makes the balancer verify a signature or write.
  package static func weight(ofEventNamed name: String?) -> Int {
    switch name {
    case "hello": 50
    case "obeys": 10
    default: 1
    }
  }

  /// - Parameter name: Nil for a heartbeat.
  /// - Returns: False when the feed has said more than it may.
  package mutating func take(eventNamed name: String?, now: Int64) -> Bool {
    events.take(Self.weight(ofEventNamed: name), now: now)
  }

  /// - Returns: False when the feed has sent more than it may.
  package mutating func take(bytes count: Int, now: Int64) -> Bool {
    bytes.take(count, now: now)
  }

  /// Why a feed that said more was closed.
  package static let complaint =
    "its load feed sent more than \(Limits.feedEventsPerSecond) events or "
    + "\(Limits.feedBytesPerSecond >> 10) KiB a second, which no instance does; it was closed, "
    + "and is opened again after a pause"
}

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

/// An allowance for each who asks, of the same size for all.
package struct Allowances<Asker: Hashable & Sendable>: Sendable {
  private let perSecond: Int
  private let atOnce: Int
  private var all: [Asker: Allowance] = [:]

  /// Above this, those who have used nothing lately are forgotten.
  private static var mostRemembered: Int { 4_096 }

  package init(perSecond: Int, atOnce: Int) {
    (self.perSecond, self.atOnce) = (perSecond, atOnce)
  }

  /// - Parameter now: Monotonic milliseconds.
  /// - Returns: False where nothing is left for this one.
  package mutating func take(_ asker: Asker, now: Int64) -> Bool {
    if all.count > Self.mostRemembered {
      for (asker, var allowance) in all where allowance.isFull(now: now) { all[asker] = nil }
    }
    return all[asker, default: Allowance(perSecond: perSecond, atOnce: atOnce)].take(now: now)
  }
}
