/// Tells whether the wall clock can be relied on, by comparing it with the monotonic one.
///
/// Deadlines and expiries are points in wall-clock time. A clock that is set a year ahead by
/// mistake must not bring them about.
public struct ClockWatch: Hashable, Sendable {
  /// How far the two clocks may drift apart between two looks.
  public static let toleranceMilliseconds: Int64 = 5_000
  /// How long nothing is decided by the wall clock after a jump.
  public static let settlingMilliseconds: Int64 = 60_000

  private var distance: Int64
  private var steadySince: Int64?

  /// - Parameter isTrusted: Whether the clock counts as steady from the start.
  public init(now: Moment, isTrusted: Bool) {
    distance = now.distance
    steadySince = isTrusted ? nil : now.monotonicMilliseconds
  }

  /// Looks at both clocks.
  ///
  /// - Returns: Whether the wall clock has run evenly for long enough.
  public mutating func isSteady(at now: Moment) -> Bool {
    if abs(now.distance &- distance) > Self.toleranceMilliseconds {
      steadySince = now.monotonicMilliseconds
    }
    distance = now.distance
    return steadyAt.map { now.monotonicMilliseconds >= $0 } ?? true
  }

  /// When, by the monotonic clock, the wall clock will have run evenly for long enough; nil where
  /// it has never jumped.
  public var steadyAt: Int64? { steadySince.map { $0 + Self.settlingMilliseconds } }
}

extension Moment {
  fileprivate var distance: Int64 { wall.milliseconds &- monotonicMilliseconds }
}
