internal import Balancing
internal import ClusterModel
internal import Synchronization

/// Which refused joins were told of: each id and token once, however often it is tried.
final class RefusedJoins: Sendable {
  private struct Try: Hashable {
    let id: InstanceID
    let token: String
  }

  /// Most that are remembered, so that the memory stays bounded whoever comes.
  private static let most = 10_000

  private let told = Mutex<Set<Try>>([])

  /// Whether this refusal is worth a line.
  func isNews(_ id: InstanceID, _ asker: InstanceOwner) -> Bool {
    told.withLock { told in
      // So many are a flood, and told of already.
      guard told.count < Self.most else { return false }
      return told.insert(Try(id: id, token: asker.text)).inserted
    }
  }

  /// The token may join it now: the next refusal is news.
  func forget(_ id: InstanceID, _ asker: InstanceOwner) {
    told.withLock { _ = $0.remove(Try(id: id, token: asker.text)) }
  }
}
