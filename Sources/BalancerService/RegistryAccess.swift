internal import ClusterAPI
internal import ClusterModel
internal import Registry
internal import Synchronization

/// What a balancer has once its registry is open.
struct OpenedRegistry: Sendable {
  let registry: any ClusterRegistry
  /// The address of this balancer in it.
  let address: Address
  let keys: SigningKeys
  let keeper: LoadFeedKeeper
  let runner: MutationRunner
}

/// The registry once it is open. The balancer answers before that, and reports what is missing.
final class RegistryAccess: Sendable {
  private let state = Mutex<OpenedRegistry?>(nil)

  func provide(_ opened: OpenedRegistry) {
    state.withLock { $0 = opened }
  }

  /// When the load feed with this number had its last heartbeat: see `LoadFeedKeeper`.
  func lastHeartbeat(of number: Int) -> Int64? {
    state.withLock { $0?.keeper }?.lastHeartbeat(of: number)
  }

  /// - Throws: `Problem`, `registry-unavailable`.
  func opened() throws -> OpenedRegistry {
    guard let opened = state.withLock({ $0 }) else {
      throw Problem(.registryUnavailable, "The registry has not been opened yet.")
    }
    return opened
  }
}
