internal import Synchronization

/// A value that is set once, and that many callers may wait for.
package final class OneTimeValue<Value: Sendable>: Sendable {
  private typealias Waiter = CheckedContinuation<Value, any Error>
  private struct State {
    var settled: Result<Value, any Error>?
    var waiters: [Int: Waiter] = [:]
    var nextKey = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// Sets the value; only the first call counts.
  ///
  /// - Returns: Whether this call set it.
  @discardableResult
  package func resolve(_ result: Result<Value, any Error>) -> Bool {
    let waiters = state.withLock { state -> [Waiter]? in
      guard state.settled == nil else { return nil }
      state.settled = result
      defer { state.waiters = [:] }
      return Array(state.waiters.values)
    }
    for waiter in waiters ?? [] { waiter.resume(with: result) }
    return waiters != nil
  }

  /// The value once it is set; nil before, and where it was set to an error.
  package var known: Value? { state.withLock { try? $0.settled?.get() } }

  /// - Throws: The error that it was set to, or `CancellationError`.
  package var value: Value {
    get async throws {
      let key = state.withLock { state in
        state.nextKey += 1
        return state.nextKey
      }
      return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          let settled = state.withLock { state -> Result<Value, any Error>? in
            if let settled = state.settled { return settled }
            if Task.isCancelled { return .failure(CancellationError()) }
            state.waiters[key] = continuation
            return nil
          }
          if let settled { continuation.resume(with: settled) }
        }
      } onCancel: {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: key) }
        waiter?.resume(throwing: CancellationError())
      }
    }
  }
}
