package import ClusterModel
internal import Glibc

/// The two clocks of the machine. Only here does a daemon read them.
package enum SystemClock {
  /// Milliseconds that never go back, even while the wall clock is set.
  package static var monotonicMilliseconds: Int64 { read(CLOCK_BOOTTIME) }

  /// The wall clock.
  package static var now: Timestamp { Timestamp(milliseconds: read(CLOCK_REALTIME)) }

  /// Both at the same time.
  package static var moment: Moment {
    Moment(monotonicMilliseconds: monotonicMilliseconds, wall: now)
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
