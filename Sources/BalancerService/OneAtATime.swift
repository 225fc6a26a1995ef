internal import Synchronization

/// What follows from an instance's own words, or from time: one task of a name at a time. One that
/// is asked for meanwhile is dropped, since it is asked for again as long as it is needed.
final class OneAtATime: Sendable {
  private let running = Mutex<Set<String>>([])

  /// Runs it, unless one of its name runs.
  func run(_ name: String, _ task: @escaping @Sendable () async -> Void) {
    guard running.withLock({ $0.insert(name).inserted }) else { return }
    Task.detached {
      await task()
      _ = self.running.withLock { $0.remove(name) }
    }
  }
}
