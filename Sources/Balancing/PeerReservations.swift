internal import ClusterModel

/// What other balancers have reserved, by their reports and by the tickets that arrive.
///
/// A session is counted by its instance as soon as it is there, and its reservation is over for
/// the others when its balancer says so, a moment later or earlier. So each balancer counts the
/// tickets of the others that it has seen arrive itself: the difference to what they say that
/// they have seen is what they do not know yet.
struct PeerReservations: Sendable {
  /// Differences that stay for so long without any arrival come from tickets that one of the two
  /// did not hear of, as over a feed that broke, and count no longer.
  private static let settledMilliseconds: Int64 = 1_000

  private struct Word {
    /// Of the report that said it.
    var sequence = -1
    var reserved = 0
    var arrived = 0
    /// Tickets of the peer that this balancer has seen arrive, by the peer's count.
    var seen = 0
    var movedAt: Int64 = 0

    var count: Int { max(0, reserved + arrived - seen) }
  }

  private struct Peer {
    let feed: Int
    let tickets: String
    var sequence = -1
    /// Of the newest complete report: what is older says nothing more.
    var completeAt = -1
    var handshakes = HandshakeCount()
    var words: [InstanceID: Word] = [:]
    var unsettled: Set<InstanceID> = []
  }

  private var peers: [InstanceID: Peer] = [:]

  /// Places that the others have reserved on an instance.
  subscript(id: InstanceID) -> Int {
    peers.isEmpty ? 0 : peers.values.reduce(0) { $0 + ($1.words[id]?.count ?? 0) }
  }

  /// No other balancer is heard.
  var isEmpty: Bool { peers.isEmpty }

  /// This balancer's reports are heard.
  func hears(_ peer: InstanceID) -> Bool { peers[peer] != nil }

  /// As the peer last said; nil where it is not heard.
  func handshakes(of peer: InstanceID) -> HandshakeCount? { peers[peer]?.handshakes }

  /// A peer reports.
  ///
  /// - Parameters:
  ///   - feed: Grows with every feed of the peer that is opened; what comes of an older one is
  ///     late. The first report of a feed counts when it is complete.
  ///   - knows: The instance is a member; what is said of others is passed over.
  /// - Returns: The instances on which another number may be reserved now.
  mutating func hear(
    _ report: PeerReport, from id: InstanceID, feed: Int, knows: (InstanceID) -> Bool, now: Int64
  ) -> Set<InstanceID> {
    var touched: Set<InstanceID> = []
    var isFirst = false
    if let known = peers[id], known.feed > feed { return [] }
    if peers[id]?.feed != feed || peers[id]?.tickets != report.tickets {
      guard report.complete else { return [] }
      touched = end(id)
      peers[id] = Peer(feed: feed, tickets: report.tickets)
      isFirst = true
    }
    guard var peer = peers.removeValue(forKey: id) else { return [] }
    defer { peers[id] = peer }
    if report.sequence > peer.sequence {
      (peer.sequence, peer.handshakes) = (report.sequence, report.handshakes)
    }
    for entry in report.instances where knows(entry.id) {
      var word = peer.words[entry.id] ?? Word(seen: isFirst ? entry.arrived : 0)
      guard report.sequence > max(word.sequence, peer.completeAt) else { continue }
      if word.arrived != entry.arrived { word.movedAt = now }
      (word.sequence, word.reserved) = (report.sequence, entry.reserved)
      word.arrived = entry.arrived
      if word.arrived != word.seen { peer.unsettled.insert(entry.id) }
      peer.words[entry.id] = word
      touched.insert(entry.id)
    }
    guard report.complete else { return touched }
    peer.completeAt = max(peer.completeAt, report.sequence)
    for (other, word) in peer.words where word.sequence < report.sequence && word.reserved > 0 {
      peer.words[other]?.sequence = report.sequence
      peer.words[other]?.reserved = 0
      touched.insert(other)
    }
    return touched
  }

  /// A peer is not heard any more.
  ///
  /// - Parameter feed: Its feed that has ended; nil: whichever it is.
  /// - Returns: The instances on which it had reserved places.
  mutating func end(_ id: InstanceID, feed: Int? = nil) -> Set<InstanceID> {
    guard let peer = peers[id], feed == nil || peer.feed == feed else { return [] }
    peers[id] = nil
    return Set(peer.words.keys)
  }

  /// An instance named a ticket that is none of this balancer's.
  mutating func arrived(_ ticket: String, at id: InstanceID, now: Int64) {
    for (peer, known) in peers where ticket.begins(with: known.tickets) {
      peers[peer]?.words[id, default: Word()].seen += 1
      peers[peer]?.words[id]?.movedAt = now
      peers[peer]?.unsettled.insert(id)
    }
  }

  /// The load feed of an instance begins anew: tickets may have arrived meanwhile.
  mutating func resume(_ id: InstanceID) {
    for peer in peers.keys {
      guard let word = peers[peer]?.words[id] else { continue }
      peers[peer]?.words[id]?.seen = word.arrived
    }
  }

  /// Lets old differences count no longer.
  ///
  /// - Returns: The instances on which another number is reserved now.
  mutating func settle(now: Int64) -> Set<InstanceID> {
    var touched: Set<InstanceID> = []
    for (peer, known) in peers {
      for id in known.unsettled {
        guard let word = known.words[id], word.arrived != word.seen else {
          peers[peer]?.unsettled.remove(id)
          continue
        }
        guard now - word.movedAt >= Self.settledMilliseconds else { continue }
        peers[peer]?.words[id]?.seen = word.arrived
        peers[peer]?.unsettled.remove(id)
        touched.insert(id)
      }
    }
    return touched
  }

  /// An instance is no member any more, or a balancer.
  ///
  /// - Returns: Where it was a balancer, the instances on which it had reserved places.
  mutating func forget(_ id: InstanceID) -> Set<InstanceID> {
    for peer in peers.keys { peers[peer]?.words[id] = nil }
    return end(id)
  }
}
