internal import Synchronization

/// Makes one waiter sleep until a time has passed or somebody rings, whichever comes first.
///
/// A ring while nobody waits is kept, so that none is lost between looking and sleeping.
final class Alarm: Sendable {
  private struct State {
    var hasRung = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func ring() {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard let waiter = state.waiter else {
        state.hasRung = true
        return nil
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume()
  }

  /// Returns when it rings, the time has passed, or the task is cancelled.
  ///
  /// - Parameter milliseconds: Nil: only a ring or cancellation ends the wait.
  func wait(milliseconds: Int64?) async {
    guard let milliseconds else { return await waitForRing() }
    guard milliseconds > 0 else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await Task.sleep(for: .milliseconds(milliseconds)) }
      group.addTask { await self.waitForRing() }
      await group.next()
      group.cancelAll()
    }
  }

  private func waitForRing() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          // Checked under the lock: a cancellation either finds the waiter or is seen here.
          if state.hasRung || Task.isCancelled {
            state.hasRung = false
            return true
          }
          state.waiter = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume()
    }
  }
}
