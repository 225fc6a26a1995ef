package import ClusterModel

/// The servers of one handshake list, always in order. A change costs O(log n) comparisons.
package struct HandshakeOrder: Equatable, Sendable {
  /// Ascending.
  package private(set) var ranks: [HandshakeRank] = []
  private var current: [InstanceID: HandshakeRank] = [:]

  package init() {}

  /// The ids in order.
  package var ids: [InstanceID] { ranks.map(\.id) }

  package var first: InstanceID? { ranks.first?.id }

  func contains(_ id: InstanceID) -> Bool { current[id] != nil }

  /// Puts an instance where it belongs now; nil takes it out.
  ///
  /// - Returns: Whether anything became different.
  @discardableResult
  package mutating func set(_ id: InstanceID, to rank: HandshakeRank?) -> Bool {
    move(id, to: rank).isChanged
  }

  /// The same.
  ///
  /// - Returns: Where it stood and where it stands; nil where it is not in the list.
  mutating func move(
    _ id: InstanceID, to rank: HandshakeRank?
  ) -> (before: Int?, after: Int?, isChanged: Bool) {
    let old = current[id]
    let before = old.map { place(of: $0) }
    guard old != rank else { return (before, before, false) }
    current[id] = rank
    if let before { ranks.remove(at: before) }
    let after = rank.map { place(of: $0) }
    if let rank, let after { ranks.insert(rank, at: after) }
    return (before, after, true)
  }

  /// Where an instance stands; nil where it is not in the list.
  func place(of id: InstanceID) -> Int? { current[id].map(place) }

  /// Index of the first rank that is not smaller.
  private func place(of rank: HandshakeRank) -> Int { ranks.prefixCount { $0 < rank } }
}
