package import ClusterModel
internal import Glibc

/// The two clocks of the machine: the only place where a daemon reads them.
package enum SystemClock {
  /// Milliseconds that only ever rise, even while the wall clock is set.
  package static var monotonicMilliseconds: Int64 { read(CLOCK_BOOTTIME) }

  /// The wall clock.
  package static var now: Timestamp { Timestamp(milliseconds: read(CLOCK_REALTIME)) }

  /// Both at once.
  package static var moment: Moment {
    Moment(monotonicMilliseconds: monotonicMilliseconds, wall: now)
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
