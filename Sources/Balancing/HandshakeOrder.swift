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

  /// Puts an instance where it belongs now; nil takes it out.
  ///
  /// - Returns: Whether anything became different.
  @discardableResult
  package mutating func set(_ id: InstanceID, to rank: HandshakeRank?) -> Bool {
    let old = current[id]
    guard old != rank else { return false }
    if let old { ranks.remove(at: place(of: old)) }
    if let rank { ranks.insert(rank, at: place(of: rank)) }
    current[id] = rank
    return true
  }

  /// Where an instance stands; nil where it is not in the list.
  func place(of id: InstanceID) -> Int? { current[id].map(place) }

  /// Index of the first rank that is not smaller.
  private func place(of rank: HandshakeRank) -> Int { ranks.prefixCount { $0 < rank } }
}
