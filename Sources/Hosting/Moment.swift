package import ClusterModel

/// A point in time on both clocks, always read together and handed in by the caller.
package struct Moment: Hashable, Sendable {
  /// For showing, and for deadlines that operators set.
  package var wall: Timestamp
  /// For intervals: only ever rises, also while the wall clock is set. Milliseconds.
  package var monotonicMilliseconds: Int64

  package init(wall: Timestamp, monotonicMilliseconds: Int64) {
    self.wall = wall
    self.monotonicMilliseconds = monotonicMilliseconds
  }

  /// Milliseconds from `earlier` to this moment by the monotonic clock.
  func milliseconds(since earlier: Moment) -> Int64 {
    monotonicMilliseconds - earlier.monotonicMilliseconds
  }
}
