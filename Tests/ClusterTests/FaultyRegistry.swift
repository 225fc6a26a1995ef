import ClusterModel
import Registry
import Synchronization

/// A registry with faults that a test turns on and off.
final class FaultyRegistry: ClusterRegistry {
  private let registry: any ClusterRegistry
  private let faults = Mutex<(losesAnswers: Bool, forgotten: InstanceID?)>((false, nil))

  init(_ registry: any ClusterRegistry) { self.registry = registry }

  /// Carries changes out from now on, and says that it does not know whether it has.
  func lose(_ loses: Bool) { faults.withLock { $0.losesAnswers = loses } }

  /// Has never heard of this one, until its next change.
  func forget(_ id: InstanceID) { faults.withLock { $0.forgotten = id } }

  var kind: String { registry.kind }

  func contents() async throws(RegistryFailure) -> RegistryContents {
    var contents = try await registry.contents()
    if let id = faults.withLock({ $0.forgotten }) { contents.instances[id] = nil }
    return contents
  }

  func backUp(to file: String) async throws(RegistryFailure) {
    try await registry.backUp(to: file)
  }

  func change(
    _ key: RequestKey?, at: Timestamp, actor: ActionActor,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit {
    let (loses, forgotten) = faults.withLock { faults in
      defer { if faults.forgotten?.text == actor.name { faults.forgotten = nil } }
      return (faults.losesAnswers, faults.forgotten?.text == actor.name ? faults.forgotten : nil)
    }
    let commit = try await registry.change(key, at: at, actor: actor) { contents in
      if let forgotten { contents.instances[forgotten] = nil }
      return try decide(&contents)
    }
    if loses { throw RegistryFailure.outcomeUnknown("the answer was lost") }
    return commit
  }

  func actions(limit: Int) async throws(RegistryFailure) -> [ActionRecord] {
    try await registry.actions(limit: limit)
  }

  func write(_ events: [ClusterEvent]) async throws(RegistryFailure) -> [ClusterEvent] {
    try await registry.write(events)
  }

  func events(_ query: EventQuery) async throws(RegistryFailure) -> [ClusterEvent] {
    try await registry.events(query)
  }

  func confirm(_ obeyed: [InstanceID: Int64]) async throws(RegistryFailure) -> [ActionRecord] {
    try await registry.confirm(obeyed)
  }

  func recordOutcome(of action: Int64, delivered: Bool, result: String?)
    async throws(RegistryFailure)
  {
    try await registry.recordOutcome(of: action, delivered: delivered, result: result)
  }

  func signals() -> AsyncStream<RegistrySignal> { registry.signals() }
  func close() async { await registry.close() }
}
