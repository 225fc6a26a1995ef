import ClusterModel
import Registry
import Synchronization

/// A registry with faults that a test turns on and off.
final class FaultyRegistry: RegistryInFront {
  let registry: any ClusterRegistry
  private let faults = Mutex<(losesAnswers: Bool, forgotten: InstanceID?)>((false, nil))

  init(_ registry: any ClusterRegistry) { self.registry = registry }

  /// Carries changes out from now on, and says that it does not know whether it has.
  func lose(_ loses: Bool) { faults.withLock { $0.losesAnswers = loses } }

  /// Has never heard of this one, until its next change.
  func forget(_ id: InstanceID) { faults.withLock { $0.forgotten = id } }

  func contents() async throws(RegistryFailure) -> RegistryContents {
    var contents = try await registry.contents()
    if let id = faults.withLock({ $0.forgotten }) { contents.instances[id] = nil }
    return contents
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
}
