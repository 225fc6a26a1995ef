internal import Synchronization

/// Hands the signals of a registry to everybody who listens.
final class SignalHub: Sendable {
  private struct State {
    var listeners: [Int: AsyncStream<RegistrySignal>.Continuation] = [:]
    var nextNumber = 0
    /// Why the database is away; nil while it is there.
    var outage: String?
    /// What operators should know of the way to the database; nil: nothing.
    var remark: String?
    var isClosed = false
  }

  /// Signals that wait for a slow reader. They only say "read again", so the last few will do.
  private static let kept = 16

  private let state = Mutex(State())

  /// A stream of its own for each listener; one that starts during an outage begins with it.
  func stream() -> AsyncStream<RegistrySignal> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: RegistrySignal.self, bufferingPolicy: .bufferingNewest(Self.kept))
    let number: Int? = state.withLock { state in
      guard !state.isClosed else { return nil }
      state.nextNumber += 1
      state.listeners[state.nextNumber] = continuation
      // Under the lock: a later signal must not overtake it.
      if let remark = state.remark { continuation.yield(.remark(remark)) }
      if let reason = state.outage { continuation.yield(.lost(reason)) }
      return state.nextNumber
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in self?.forget(number) }
    return stream
  }

  func send(_ signal: RegistrySignal) {
    state.withLock { state in
      switch signal {
      case .lost(let reason): state.outage = reason
      case .available: state.outage = nil
      case .remark(let remark):
        guard state.remark != remark else { return }
        state.remark = remark
      case .changed: break
      }
      for listener in state.listeners.values { listener.yield(signal) }
    }
  }

  /// Ends every stream, and those that are asked for later.
  func close() {
    let listeners = state.withLock { state in
      state.isClosed = true
      defer { state.listeners = [:] }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }

  private func forget(_ number: Int) {
    state.withLock { $0.listeners[number] = nil }
  }
}
