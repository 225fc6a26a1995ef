package import ClusterModel

/// The rows of removed instances. Such a row keeps out an instance that still asks to join, and
/// tells it of its removal. An instance that has not asked for months no longer runs and needs no
/// row.
extension RegistryContents {
  /// How many are kept; those that asked least recently are deleted first.
  package static let tombstonesKept = 1_000
  /// How long a row is kept after its removal, or after the last time its instance asked to join.
  package static let tombstoneMilliseconds: Int64 = 90 * 86_400_000
  /// How often the registry stores that a removed instance asks to join; it asks twice a minute.
  package static let askedMilliseconds: Int64 = 86_400_000

  /// Deletes rows that nobody needs.
  ///
  /// - Parameter at: The present time, by the clock of the deciding balancer.
  mutating func forgetTombstones(at: Timestamp) {
    let removed = instances.values.filter(\.isRemoved)
    for row in removed {
      guard let last = row.lastHeardAt else { continue }
      if at.milliseconds(since: last) > Self.tombstoneMilliseconds { instances[row.id] = nil }
    }
    guard removed.count > Self.tombstonesKept else { return }
    let kept = instances.values.filter(\.isRemoved).sorted {
      ($0.lastHeardAt ?? at, $0.id) > ($1.lastHeardAt ?? at, $1.id)
    }
    for row in kept.dropFirst(Self.tombstonesKept) { instances[row.id] = nil }
  }
}

extension RegisteredInstance {
  /// When a removed instance was removed, or last asked to join after that.
  fileprivate var lastHeardAt: Timestamp? {
    [removedAt, askedAt].compactMap { $0 }.max()
  }

  /// Whether it was removed, and its last stored request to join is a day old.
  package func isWorthNoting(at: Timestamp) -> Bool {
    guard isRemoved, let lastHeardAt else { return false }
    return at.milliseconds(since: lastHeardAt) >= RegistryContents.askedMilliseconds
  }
}
