package import Logging
package import ServiceLifecycle
internal import Synchronization

/// A daemon that runs inside this process: in tests, and in the demo cluster.
package final class RunningService: Sendable {
  private let group: ServiceGroup
  private let task: Task<Void, any Error>

  /// Starts services in order; they stop in reverse.
  package init(_ services: [any Service], logger: Logger) {
    let group = ServiceGroup(configuration: .init(services: services, logger: logger))
    self.group = group
    task = Task.detached { try await group.run() }
  }

  /// Stops in order, and waits until all have ended.
  package func stop() async {
    await group.triggerGracefulShutdown()
    _ = await task.result
  }

  /// Stops without a word, as a killed process does.
  package func kill() async {
    task.cancel()
    _ = await task.result
  }

  /// Waits until it ends by itself.
  ///
  /// - Throws: What ended it.
  package func wait() async throws {
    try await task.value
  }
}

/// A value that comes once; many may wait for it.
package final class OneTimeValue<Value: Sendable>: Sendable {
  private enum State {
    case waiting([CheckedContinuation<Value, any Error>])
    case settled(Result<Value, any Error>)
  }

  private let state = Mutex(State.waiting([]))

  package init() {}

  /// The first settlement counts.
  package func settle(_ result: Result<Value, any Error>) {
    let waiters = state.withLock { state -> [CheckedContinuation<Value, any Error>] in
      guard case .waiting(let waiters) = state else { return [] }
      state = .settled(result)
      return waiters
    }
    for waiter in waiters { waiter.resume(with: result) }
  }

  /// - Throws: What it was settled with.
  package var value: Value {
    get async throws {
      try await withCheckedThrowingContinuation { continuation in
        let settled = state.withLock { state -> Result<Value, any Error>? in
          switch state {
          case .settled(let result): return result
          case .waiting(let waiters):
            state = .waiting(waiters + [continuation])
            return nil
          }
        }
        if let settled { continuation.resume(with: settled) }
      }
    }
  }
}
