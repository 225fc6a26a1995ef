internal import ClusterModel
internal import Registry
internal import ServiceSupport

/// A registry with time limits, so that no caller waits longer than its own caller does: see
/// `TimeLimit`.
///
/// Late work continues. If a change was answered as unknown and is committed all the same,
/// `onLateCommit` gets it, since the registry does not announce a process's own writes.
struct TimedRegistry: ClusterRegistry {
  let registry: any ClusterRegistry
  let changeMilliseconds: Int64
  let listMilliseconds: Int64
  let onLateCommit: @Sendable (RegistryCommit) async -> Void

  var kind: String { registry.kind }

  func contents() async throws(RegistryFailure) -> RegistryContents {
    try await read(within: changeMilliseconds) {
      try await registry.contents()
    }
  }

  func actions(limit: Int) async throws(RegistryFailure) -> [ActionRecord] {
    try await read(within: listMilliseconds) {
      try await registry.actions(limit: limit)
    }
  }

  func confirm(_ obeyed: [InstanceID: Int64]) async throws(RegistryFailure) -> [ActionRecord] {
    try await read(within: changeMilliseconds) {
      try await registry.confirm(obeyed)
    }
  }

  func recordOutcome(of action: Int64, delivered: Bool, result: String?)
    async throws(RegistryFailure)
  {
    try await read(within: changeMilliseconds) {
      try await registry.recordOutcome(of: action, delivered: delivered, result: result)
    }
  }

  func write(_ events: [ClusterEvent]) async throws(RegistryFailure) -> [ClusterEvent] {
    try await read(within: changeMilliseconds) {
      try await registry.write(events)
    }
  }

  func events(_ query: EventQuery) async throws(RegistryFailure) -> [ClusterEvent] {
    try await read(within: listMilliseconds) {
      try await registry.events(query)
    }
  }

  func change(
    _ key: RequestKey?, at: Timestamp, actor: ActionActor,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit {
    let result = await BoundedWait.result(milliseconds: changeMilliseconds) {
      await outcome(of: {
        try await registry.change(key, at: at, actor: actor, decide: decide)
      })
    } late: { result in
      if case .success(let commit) = result { await onLateCommit(commit) }
    }
    guard let result else {
      throw RegistryFailure.outcomeUnknown("\(silence(changeMilliseconds)), while it worked")
    }
    return try result.get()
  }

  /// This has no time limit: the caller waits for a copy of any size.
  func backUp(to file: String) async throws(RegistryFailure) {
    try await registry.backUp(to: file)
  }

  func signals() -> AsyncStream<RegistrySignal> { registry.signals() }

  func close() async { await registry.close() }

  private func read<Value: Sendable>(
    within milliseconds: Int64,
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws(RegistryFailure) -> Value {
    let result = await BoundedWait.result(milliseconds: milliseconds) {
      await outcome(of: work)
    }
    guard let result else { throw .unavailable(silence(milliseconds)) }
    do { return try result.get() } catch let failure as RegistryFailure {
      throw failure
    } catch {
      throw .unavailable("the registry failed: \(error.plainWords)")
    }
  }

  private func silence(_ milliseconds: Int64) -> String {
    "the registry did not answer within \(Double(milliseconds) / 1_000) s"
  }
}

/// The result of a call.
private func outcome<Value: Sendable>(
  of work: @Sendable () async throws -> Value
) async -> Result<Value, any Error> {
  do {
    let value = try await work()
    return .success(value)
  } catch {
    return .failure(error)
  }
}
