internal import ServiceSupport
internal import Synchronization

/// When a load feed had a heartbeat. It is noted on the event loop of the connection, where nothing
/// else happens, and read when the feed seems to be silent.
final class LifeSigns: Sendable {
  private let at = Atomic(Int64.min)

  init() {}

  func heard() { at.store(SystemClock.monotonicMilliseconds, ordering: .relaxed) }

  /// In monotonic milliseconds; nil: never.
  var heardAt: Int64? {
    let time = at.load(ordering: .relaxed)
    return time == .min ? nil : time
  }
}
