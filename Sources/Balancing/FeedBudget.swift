internal import ClusterModel

/// How much one load feed may still send: a token bucket from which every event takes something.
/// Times are monotonic milliseconds.
package struct FeedBudget: Sendable {
  private var events = Allowance(
    perSecond: Limits.feedEventsPerSecond, atOnce: Limits.feedEventsAtOnce)
  private var bytes: Allowance

  /// - Parameters:
  ///   - bytesPerSecond: How many bytes come back in a second; the default is that of a load feed.
  ///   - bytesAtOnce: The maximum, with which it begins.
  package init(
    bytesPerSecond: Int = Limits.feedBytesPerSecond, bytesAtOnce: Int = Limits.feedBytesAtOnce
  ) {
    bytes = Allowance(perSecond: bytesPerSecond, atOnce: bytesAtOnce)
  }

  /// The cost of an event: higher where the balancer must verify a signature or write.
  package static func weight(ofEventNamed name: String?) -> Int {
    switch name {
    case "hello": 50
    case "obeys": 10
    default: 1
    }
  }

  /// - Parameter name: Nil for a heartbeat.
  /// - Returns: False when the feed has sent more than it may.
  package mutating func spend(eventNamed name: String?, now: Int64) -> Bool {
    events.spend(Self.weight(ofEventNamed: name), now: now)
  }

  /// - Parameter count: The bytes of one piece. A small piece costs as much as one of
  ///   `Limits.feedPieceBytes`, since the balancer needs as much time for it.
  /// - Returns: False when the feed has sent more than it may.
  package mutating func spend(bytes count: Int, now: Int64) -> Bool {
    bytes.spend(max(count, Limits.feedPieceBytes), now: now)
  }

  /// Why a feed that sent more was closed.
  package static let complaint =
    "its load feed sent more than \(Limits.feedEventsPerSecond) events or "
    + "\(Limits.feedBytesPerSecond >> 10) KiB a second, which no instance does; it was closed, "
    + "and is opened again after a pause"
}
