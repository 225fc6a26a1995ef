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

/// A handshake list as it is given out: kept in order with every change of an instance, so that
/// a handshake has nothing to look up.
struct HandshakeEntries: Sendable {
  private(set) var order = HandshakeOrder()
  /// Ascending; one for each of the order.
  private(set) var entries: [HandshakeEntry] = []
  /// Places of all of them that no session has.
  private(set) var free = 0

  /// The list for a client that wants so many; nil: all.
  func list(limit: Int?) -> HandshakeList {
    guard let limit, limit < entries.count else { return HandshakeList(entries: entries) }
    return HandshakeList(entries: Array(entries.prefix(max(0, limit))), isCut: true)
  }

  /// Puts an instance where it belongs now; nil takes it out.
  mutating func set(_ id: InstanceID, to new: (rank: HandshakeRank, entry: HandshakeEntry)?) {
    let before = order.place(of: id)
    order.set(id, to: new?.rank)
    let after = order.place(of: id)
    if let before { free -= entries[before].load.free }
    if let new { free += new.entry.load.free }
    if let before, before == after, let new {
      entries[before] = new.entry
      return
    }
    if let before { entries.remove(at: before) }
    if let after, let new { entries.insert(new.entry, at: after) }
  }
}
