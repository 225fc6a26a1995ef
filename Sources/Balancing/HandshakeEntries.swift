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
  /// Best first.
  package let entries: ArraySlice<HandshakeEntry>
  /// One for each entry, at the same places: the stamp of an entry stands for it and for no other.
  package let stamps: ArraySlice<Int>
  package let ticket: String?
  /// The client wanted fewer than there are.
  package let isCut: Bool
}

/// A handshake list as it is given out: kept in order with every change of an instance, so that
/// a handshake has nothing to look up.
struct HandshakeEntries: Sendable {
  private(set) var order = HandshakeOrder()
  /// Ascending; one for each of the order.
  private(set) var entries: [HandshakeEntry] = []
  /// One for each entry, another one with every change of it.
  private var stamps: [Int] = []
  private var lastStamp = 0
  /// Places of all of them that no session has.
  private(set) var free = 0

  /// The list for a client that wants this many; nil: all.
  func view(limit: Int?, ticket: String?) -> HandshakeView {
    let count = min(entries.count, max(0, limit ?? .max))
    return HandshakeView(
      entries: entries[..<count], stamps: stamps[..<count], ticket: ticket,
      isCut: count < entries.count)
  }

  /// Puts an instance where it belongs now; nil takes it out.
  mutating func set(_ id: InstanceID, to new: (rank: HandshakeRank, entry: HandshakeEntry)?) {
    let (before, after, _) = order.move(id, to: new?.rank)
    if let before { free -= entries[before].load.free }
    if let new { free += new.entry.load.free }
    if let before, before == after, let new {
      guard entries[before] != new.entry else { return }
      entries[before] = new.entry
      stamps[before] = nextStamp()
      return
    }
    if let before {
      entries.remove(at: before)
      stamps.remove(at: before)
    }
    if let after, let new {
      entries.insert(new.entry, at: after)
      stamps.insert(nextStamp(), at: after)
    }
  }

  /// The reservations on an instance are another number, and nothing else of it changed.
  ///
  /// - Parameter own: Those of this balancer, which alone are weighed; nil: all.
  mutating func setReserved(
    _ count: Int, own: Int? = nil, guessed: Int = 0, on id: InstanceID, weight: Int
  ) {
    guard let place = order.place(of: id) else { return }
    var entry = entries[place]
    entry.load.reserved = min(count, entry.load.free)
    let rank = HandshakeRank(
      id: id, load: entry.load, reservationWeight: weight, weighed: own, guessed: guessed,
      isHeldBack: order.ranks[place].isHeldBack)
    set(id, to: (rank, entry))
  }

  private mutating func nextStamp() -> Int {
    lastStamp += 1
    return lastStamp
  }
}
