package import ClusterModel

/// One server of a handshake list.
package struct HandshakeEntry: Hashable, Sendable {
  package var id: InstanceID
  package var address: Address
  package var load: Load
  /// Whether it speaks only TLS at its address.
  package var tls = false

  package init(id: InstanceID, address: Address, load: Load, tls: Bool = false) {
    self.id = id
    self.address = address
    self.load = load
    self.tls = tls
  }
}

/// The answer to a client's handshake.
package struct HandshakeList: Hashable, Sendable {
  /// Best first.
  package var entries: [HandshakeEntry]
  /// The ticket of the place that was reserved on the first server; nil: none was.
  package var ticket: String?
  /// Whether there are more servers than the client wanted.
  package var isCut: Bool

  package init(entries: [HandshakeEntry] = [], ticket: String? = nil, isCut: Bool = false) {
    (self.entries, self.ticket, self.isCut) = (entries, ticket, isCut)
  }
}

/// The answer to a client's handshake, as a view of the stored list.
package struct HandshakeView {
  /// The slot of each server in the stored list, best first.
  private let slots: ArraySlice<Int32>
  private let kept: [KeptEntry]
  package let ticket: String?
  /// Whether there are more servers than the client wanted.
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

  /// The stamps, in the same order. The stamp of an entry identifies it.
  package var stamps: [Int] { slots.map { kept[Int($0)].stamp } }

  private func slot(at place: Int) -> Int { Int(slots[slots.startIndex + place]) }
}

/// A server in the slot that it has in the order.
private struct KeptEntry: Sendable {
  var entry: HandshakeEntry
  /// The stamp, which changes with every change of the entry.
  var stamp: Int
}

/// A handshake list in the form in which it is returned. It is updated with every change of an
/// instance, so that a handshake needs no lookup.
struct HandshakeEntries: Sendable {
  private(set) var order = HandshakeOrder()
  /// The entries by slot of the order. A free slot has an old entry.
  private var kept: [KeptEntry] = []
  private var lastStamp = 0
  /// The number of places without a session on all of them.
  private(set) var free = 0

  var count: Int { order.slots.count }

  /// The best server.
  var first: HandshakeEntry? { order.slots.first.map { kept[Int($0)].entry } }

  /// The list for a client that wants this many servers; nil: all.
  func view(limit: Int?, ticket: String?) -> HandshakeView {
    let all = order.slots
    let count = min(all.count, max(0, limit ?? .max))
    return HandshakeView(
      slots: all[..<count], of: kept, ticket: ticket, isCut: count < all.count)
  }

  /// Puts an instance in its place; nil removes it.
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

  /// The number of reservations on an instance changed, and nothing else.
  ///
  /// - Parameter own: The reservations of this balancer, which alone are weighted; nil: all.
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
