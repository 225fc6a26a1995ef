import ClusterModel
import Registry
import ServiceSupport
import Synchronization

/// A registry whose changes wait until the test lets them through.
final class SlowRegistry: RegistryInFront {
  let registry: any ClusterRegistry
  private let isSlow = Atomic(false)
  /// Settled when a change waits, and when it may go on.
  let waits = OneTimeValue<Void>()
  let goesOn = OneTimeValue<Void>()

  init(_ registry: any ClusterRegistry) {
    self.registry = registry
  }

  func becomeSlow() { isSlow.store(true, ordering: .releasing) }

  func change(
    _ key: RequestKey?, at: Timestamp, actor: ActionActor,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit {
    if isSlow.load(ordering: .acquiring) {
      waits.resolve(.success(()))
      // Not to be interrupted, as a commit is not.
      let goesOn = goesOn
      await Task.detached { try? await goesOn.value }.value
    }
    return try await registry.change(key, at: at, actor: actor, decide: decide)
  }
}
