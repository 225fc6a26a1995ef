internal import ClusterModel
internal import Hosting
internal import ServiceSupport
internal import Synchronization

/// The state of the application behind the instance, by its checks and its clients.
extension InstanceCore {
  /// Takes a result about it.
  ///
  /// - Returns: What is wrong with it now; nil: nothing.
  @discardableResult
  func noteApplication(_ note: (inout ApplicationHealth, Moment) -> Void) -> ApplicationStatus? {
    let (before, after) = state.withLock { state -> (Looks, Looks) in
      guard var health = state.life.application else { return (Looks(), Looks()) }
      let before = Looks(down: health.down, nextTick: health.nextTick)
      note(&health, SystemClock.moment)
      state.life.application = health
      return (before, Looks(down: health.down, nextTick: health.nextTick))
    }
    if before.down != after.down { ringFeeds() }
    // Nearly every tunnel only confirms what is known.
    if before != after { applicationAlarm.ring() }
    return after.down
  }

  private struct Looks: Equatable {
    var down: ApplicationStatus?
    var nextTick: Int64?
  }

  /// What to do about it now.
  ///
  /// - Returns: A check to make, or the milliseconds to wait; nil: until something happens.
  func applicationStep() -> (probe: ApplicationHealth.Probe?, wait: Int64?) {
    var step: (probe: ApplicationHealth.Probe?, wait: Int64?) = (nil, nil)
    let connections = read(\.connections)
    noteApplication { health, now in
      step.probe = health.tick(connections: connections, now: now)
      step.wait = health.nextTick.map { max($0, now.monotonicMilliseconds + 1) }
        .map { $0 - now.monotonicMilliseconds }
    }
    return step
  }
}
