package import ClusterModel

/// The servers of one handshake list, always sorted. A change takes O(log n) comparisons and moves
/// numbers of four bytes: each server has a slot where its rank stays.
package struct HandshakeOrder: Sendable {
  /// The slots, ascending by their ranks.
  private(set) var slots: [Int32] = []
  /// The ranks by slot. A free slot has an old one.
  private var ranksBySlot: [HandshakeRank] = []
  private var slotsByID: [InstanceID: Int32] = [:]
  private var unused: [Int32] = []

  package init() {}

  /// Ascending.
  package var ranks: [HandshakeRank] { slots.map { ranksBySlot[Int($0)] } }

  /// The ids in order.
  package var ids: [InstanceID] { slots.map { ranksBySlot[Int($0)].id } }

  func contains(_ id: InstanceID) -> Bool { slotsByID[id] != nil }

  /// Puts an instance in its place; nil removes it.
  ///
  /// - Returns: The slot that it has, or had until now; nil: it was not in the list and is not in
  ///   it now.
  @discardableResult
  package mutating func set(_ id: InstanceID, to rank: HandshakeRank?) -> Int? {
    guard let known = slotsByID[id] else {
      guard let rank else { return nil }
      let slot = occupy(with: rank)
      slotsByID[id] = slot
      slots.insert(slot, at: place(of: rank))
      return Int(slot)
    }
    let old = ranksBySlot[Int(known)]
    guard old != rank else { return Int(known) }
    let before = place(of: old)
    guard let rank else {
      slots.remove(at: before)
      slotsByID[id] = nil
      unused.append(known)
      return Int(known)
    }
    slots.remove(at: before)
    ranksBySlot[Int(known)] = rank
    slots.insert(known, at: place(of: rank))
    return Int(known)
  }

  /// The slot of an instance; nil where it is not in the list.
  func slot(of id: InstanceID) -> Int? { slotsByID[id].map(Int.init) }

  func isHeldBack(slot: Int) -> Bool { ranksBySlot[slot].isHeldBack }

  private mutating func occupy(with rank: HandshakeRank) -> Int32 {
    if let slot = unused.popLast() {
      ranksBySlot[Int(slot)] = rank
      return slot
    }
    ranksBySlot.append(rank)
    return Int32(ranksBySlot.count - 1)
  }

  /// The index of the first slot whose rank is not smaller.
  private func place(of rank: HandshakeRank) -> Int {
    slots.prefixCount { ranksBySlot[Int($0)] < rank }
  }
}
