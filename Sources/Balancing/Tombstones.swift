package import ClusterModel

/// Rows of removed instances. They keep an instance away that still asks to join, and tell it of
/// its removal. An instance that has not asked for months no longer runs, and needs no such row.
extension RegistryContents {
  /// How many are kept; those go first that were heard of least lately.
  package static let tombstonesKept = 1_000
  /// How long one is kept after its removal, or after the last time it asked to join.
  package static let tombstoneMilliseconds: Int64 = 90 * 86_400_000
  /// How often it is written down that a removed instance asks to join: it asks twice a minute.
  package static let askedMilliseconds: Int64 = 86_400_000

  /// Deletes the rows that nothing needs.
  ///
  /// - Parameter at: Now, by the clock of the balancer that decides.
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
  /// Of a removed one: when it was removed, or asked to join after that.
  fileprivate var lastHeardAt: Timestamp? {
    [removedAt, askedAt].compactMap { $0 }.max()
  }

  /// It was removed, and that it still asks to join was not written down for a day.
  package func isWorthNoting(at: Timestamp) -> Bool {
    guard isRemoved, let lastHeardAt else { return false }
    return at.milliseconds(since: lastHeardAt) >= RegistryContents.askedMilliseconds
  }
}
