internal import Synchronization

/// Tasks that an instance's messages or time cause: one at a time for each name. A task that is
/// requested while another one of its name runs is dropped; it will be requested again as long as
/// it is needed.
final class OneAtATime: Sendable {
  private let running = Mutex<Set<String>>([])

  /// Runs the task, unless one of its name is running.
  func run(_ name: String, _ task: @escaping @Sendable () async -> Void) {
    guard running.withLock({ $0.insert(name).inserted }) else { return }
    Task.detached {
      await task()
      _ = self.running.withLock { $0.remove(name) }
    }
  }
}
