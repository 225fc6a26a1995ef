internal import ClusterModel
internal import Synchronization

/// What follows in the registry from an instance's own words: one write of each kind for each
/// instance at a time. One that is asked for meanwhile is dropped, since the balancer asks again
/// as long as the registry does not know.
final class InstanceWrites: Sendable {
  enum Kind: Hashable {
    case learn, endDrain, pass
  }

  private struct Key: Hashable {
    let id: InstanceID
    let kind: Kind
  }

  private let running = Mutex<Set<Key>>([])

  /// Runs a write, unless one of its kind runs for this instance.
  func run(_ kind: Kind, of id: InstanceID, _ write: @escaping @Sendable () async -> Void) {
    let key = Key(id: id, kind: kind)
    guard running.withLock({ $0.insert(key).inserted }) else { return }
    Task.detached {
      await write()
      _ = self.running.withLock { $0.remove(key) }
    }
  }
}
