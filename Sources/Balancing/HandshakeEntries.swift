package import ClusterModel

/// One server of a handshake list.
package struct HandshakeEntry: Hashable, Sendable {
  package var id: InstanceID
  package var address: Address
  package var load: Load
  /// It speaks TLS at its address, and nothing else.
  package var tls = false

  package init(id: InstanceID, address: Address, load: Load, tls: Bool = false) {
    self.id = id
    self.address = address
    self.load = load
    self.tls = tls
  }
}

/// What a client is given for its handshake.
package struct HandshakeList: Hashable, Sendable {
  /// Best first.
  package var entries: [HandshakeEntry]
  /// Stands for the place that was reserved on the first; nil: none was.
  package var ticket: String?
  /// The client wanted fewer than there are.
  package var isCut: Bool

  package init(entries: [HandshakeEntry] = [], ticket: String? = nil, isCut: Bool = false) {
    (self.entries, self.ticket, self.isCut) = (entries, ticket, isCut)
  }
}

/// What a client is given for its handshake, shown where it is kept.
package struct HandshakeView {
  /// Where to find each server in what is kept, best first.
  private let slots: ArraySlice<Int32>
  private let kept: [KeptEntry]
  package let ticket: String?
  /// The client wanted fewer than there are.
  package let isCut: Bool

  fileprivate init(
    slots: ArraySlice<Int32>, of kept: [KeptEntry], ticket: String?, isCut: Bool
  ) {
    (self.slots, self.kept, self.ticket, self.isCut) = (slots, kept, ticket, isCut)
  }

  package var isEmpty: Bool { slots.isEmpty }

  package var count: Int { slots.count }

  /// A server, counted from 0.
  package subscript(place: Int) -> HandshakeEntry { kept[slot(at: place)].entry }

  /// Best first.
  package var entries: [HandshakeEntry] { slots.map { kept[Int($0)].entry } }

  /// One for each server, at the same places: the stamp of an entry stands for it and for no other.
  package var stamps: [Int] { slots.map { kept[Int($0)].stamp } }

  private func slot(at place: Int) -> Int { Int(slots[slots.startIndex + place]) }
}

/// A server as it is kept, in the slot that it has in the order.
private struct KeptEntry: Sendable {
  var entry: HandshakeEntry
  /// Another one with every change.
  var stamp: Int
}

/// A handshake list as it is given out: kept in order with every change of an instance, so that
/// a handshake has nothing to look up.
struct HandshakeEntries: Sendable {
  private(set) var order = HandshakeOrder()
  /// By slot of the order. A slot that nobody has holds an old one.
  private var kept: [KeptEntry] = []
  private var lastStamp = 0
  /// Places of all of them that no session has.
  private(set) var free = 0

  var count: Int { order.slots.count }

  /// The best.
  var first: HandshakeEntry? { order.slots.first.map { kept[Int($0)].entry } }

  /// The list for a client that wants this many; nil: all.
  func view(limit: Int?, ticket: String?) -> HandshakeView {
    let all = order.slots
    let count = min(all.count, max(0, limit ?? .max))
    return HandshakeView(
      slots: all[..<count], of: kept, ticket: ticket, isCut: count < all.count)
  }

  /// Puts an instance where it belongs now; nil takes it out.
  mutating func set(_ id: InstanceID, to new: (rank: HandshakeRank, entry: HandshakeEntry)?) {
    let wasListed = order.slot(of: id) != nil
    guard let slot = order.set(id, to: new?.rank) else { return }
    if wasListed { free -= kept[slot].entry.load.free }
    guard let entry = new?.entry else { return }
    free += entry.load.free
    if slot == kept.count {
      kept.append(KeptEntry(entry: entry, stamp: nextStamp()))
    } else if !wasListed || kept[slot].entry != entry {
      kept[slot] = KeptEntry(entry: entry, stamp: nextStamp())
    }
  }

  /// The reservations on an instance are another number, and nothing else of it changed.
  ///
  /// - Parameter own: Those of this balancer, which alone are weighed; nil: all.
  mutating func setReserved(
    _ count: Int, own: Int? = nil, guessed: Int = 0, on id: InstanceID, weight: Int
  ) {
    guard let slot = order.slot(of: id) else { return }
    var load = kept[slot].entry.load
    load.reserved = min(count, load.free)
    let rank = HandshakeRank(
      id: id, load: load, reservationWeight: weight, weighed: own, guessed: guessed,
      isHeldBack: order.isHeldBack(slot: slot))
    order.set(id, to: rank)
    guard kept[slot].entry.load != load else { return }
    kept[slot].entry.load = load
    kept[slot].stamp = nextStamp()
  }

  private mutating func nextStamp() -> Int {
    lastStamp += 1
    return lastStamp
  }
}
