internal import Synchronization

/// What follows in the registry from an instance's own words, or from time: one write of a name
/// at a time. One that is asked for meanwhile is dropped, since the balancer asks again as long as
/// the registry does not know.
final class OneAtATime: Sendable {
  private let running = Mutex<Set<String>>([])

  /// Runs a write, unless one of its name runs.
  func run(_ name: String, _ write: @escaping @Sendable () async -> Void) {
    guard running.withLock({ $0.insert(name).inserted }) else { return }
    Task.detached {
      await write()
      _ = self.running.withLock { $0.remove(name) }
    }
  }
}
