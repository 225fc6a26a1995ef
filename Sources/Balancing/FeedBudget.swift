internal import ClusterModel

/// How much one load feed may still say: a sum that fills up with time and that every event takes
/// something from. Times are monotonic milliseconds.
package struct FeedBudget: Sendable {
  private var events = Allowance(
    perSecond: Limits.feedEventsPerSecond, atOnce: Limits.feedEventsAtOnce)
  private var bytes: Allowance

  /// - Parameters:
  ///   - bytesPerSecond: How many come back a second; those of a load feed, unless it is another.
  ///   - bytesAtOnce: How many there are at most, and at first.
  package init(
    bytesPerSecond: Int = Limits.feedBytesPerSecond, bytesAtOnce: Int = Limits.feedBytesAtOnce
  ) {
    bytes = Allowance(perSecond: bytesPerSecond, atOnce: bytesAtOnce)
  }

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
  package mutating func spend(eventNamed name: String?, now: Int64) -> Bool {
    events.spend(Self.weight(ofEventNamed: name), now: now)
  }

  /// - Parameter count: Of one piece: a small one costs the balancer as much as one of
  ///   `Limits.feedPieceBytes`.
  /// - Returns: False when the feed has sent more than it may.
  package mutating func spend(bytes count: Int, now: Int64) -> Bool {
    bytes.spend(max(count, Limits.feedPieceBytes), now: now)
  }

  /// Why a feed that said more was closed.
  package static let complaint =
    "its load feed sent more than \(Limits.feedEventsPerSecond) events or "
    + "\(Limits.feedBytesPerSecond >> 10) KiB a second, which no instance does; it was closed, "
    + "and is opened again after a pause"
}
