/// One moment on both clocks of a machine. Pure code gets it as an argument and never reads a
/// clock.
public struct Moment: Hashable, Sendable {
  /// For intervals: it never goes back.
  public var monotonicMilliseconds: Int64
  /// For display, and for deadlines that are points in time.
  public var wall: Timestamp

  public init(monotonicMilliseconds: Int64, wall: Timestamp) {
    self.monotonicMilliseconds = monotonicMilliseconds
    self.wall = wall
  }
}
