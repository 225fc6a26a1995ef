internal import Synchronization

/// A value behind a lock, for handlers that other tasks call.
final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func with<Result: Sendable>(_ use: (inout Value) -> Result) -> Result {
    value.withLock { value in use(&value) }
  }
}
