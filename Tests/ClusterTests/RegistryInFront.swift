import ClusterModel
import Registry

/// Is in front of a registry and does as it does, but for what a test wants otherwise.
protocol RegistryInFront: ClusterRegistry {
  var registry: any ClusterRegistry { get }
}

extension RegistryInFront {
  var kind: String { registry.kind }

  func contents() async throws(RegistryFailure) -> RegistryContents {
    try await registry.contents()
  }

  func backUp(to file: String) async throws(RegistryFailure) {
    try await registry.backUp(to: file)
  }

  func change(
    _ key: RequestKey?, at: Timestamp, actor: ActionActor,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit {
    try await registry.change(key, at: at, actor: actor, decide: decide)
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

  func recordOutcome(
    of action: Int64, delivered: Bool, result: String?
  ) async throws(RegistryFailure) {
    try await registry.recordOutcome(of: action, delivered: delivered, result: result)
  }

  func signals() -> AsyncStream<RegistrySignal> { registry.signals() }
  func close() async { await registry.close() }
}
