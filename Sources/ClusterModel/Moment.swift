/// One moment on both clocks of a machine. Pure code is told it, and never asks.
public struct Moment: Hashable, Sendable {
  /// For intervals: only ever rises.
  public var monotonicMilliseconds: Int64
  /// For showing, and for deadlines that are points in time.
  public var wall: Timestamp

  public init(monotonicMilliseconds: Int64, wall: Timestamp) {
    self.monotonicMilliseconds = monotonicMilliseconds
    self.wall = wall
  }
}
