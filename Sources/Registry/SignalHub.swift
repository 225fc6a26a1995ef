internal import Synchronization

/// Passes the signals of a registry to all listeners.
final class SignalHub: Sendable {
  private struct State {
    var listeners: [Int: AsyncStream<RegistrySignal>.Continuation] = [:]
    var nextNumber = 0
    /// Why the database is away; nil while it is reachable.
    var outage: String?
    /// What operators should know about the way to the database; nil: nothing.
    var remark: String?
    var isClosed = false
  }

  /// How many signals wait for a slow reader. They only mean "read again", so the last few are
  /// enough.
  private static let kept = 16

  private let state = Mutex(State())

  /// A new stream for a listener. During an outage it begins with the outage.
  func stream() -> AsyncStream<RegistrySignal> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: RegistrySignal.self, bufferingPolicy: .bufferingNewest(Self.kept))
    let number: Int? = state.withLock { state in
      guard !state.isClosed else { return nil }
      state.nextNumber += 1
      state.listeners[state.nextNumber] = continuation
      // This happens under the lock, so that a later signal cannot overtake it.
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

  /// Ends every stream, including those that are requested later.
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
