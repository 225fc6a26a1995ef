/// Waits for work until a time limit. The work continues: neither the end of the wait nor the end
/// of the caller's task cancels it.
package enum BoundedWait {
  /// - Parameters:
  ///   - milliseconds: The longest wait.
  ///   - late: Called with a result that came too late.
  /// - Returns: The result; nil where it did not come in time.
  package static func result<Value: Sendable>(
    milliseconds: Int64, of work: @escaping @Sendable () async -> Value,
    late: @escaping @Sendable (Value) async -> Void = { _ in }
  ) async -> Value? {
    let answer = OneTimeValue<Value?>()
    Task.detached {
      let value = await work()
      if !answer.resolve(.success(value)) { await late(value) }
    }
    let timer = Task.detached {
      try await Task.sleep(for: .milliseconds(milliseconds))
      answer.resolve(.success(nil))
    }
    defer { timer.cancel() }
    // A separate task, which does not end with the caller's task.
    return await Task.detached { (try? await answer.value) ?? nil }.value
  }
}
