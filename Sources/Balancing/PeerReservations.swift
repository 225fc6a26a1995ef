internal import ClusterModel

/// What other balancers have reserved, by their reports and by the tickets that arrive.
///
/// A session is counted by its instance as soon as it is there, and its reservation is over for
/// the others when its balancer says so, a moment later or earlier. So each balancer counts the
/// tickets of the others that it has seen arrive itself: the difference to what they say that
/// they have seen is what they do not know yet.
///
/// Between two reports of another balancer its guess is that the other does as it does itself.
/// Else all of them would fill the emptiest server at once, each as if it were alone.
struct PeerReservations: Sendable {
  /// Differences that stay for so long without any arrival come from tickets that one of the two
  /// did not hear of, as over a feed that broke, and count no longer.
  private static let settledMilliseconds: Int64 = 1_000
  /// A peer that has said nothing for so long has reserved nothing.
  private static let guessMilliseconds: Int64 = 40

  private struct Word: Equatable {
    /// Of the report that said it.
    var sequence = -1
    var saidAt: Int64 = 0
    var reserved = 0
    var arrived = 0
    /// Tickets of the peer that this balancer has seen arrive, by the peer's count.
    var seen = 0
    var movedAt: Int64 = 0

    var count: Int { max(0, reserved + arrived - seen) }

    var isSettled: Bool { reserved == 0 && arrived == seen }
  }

  private struct Peer {
    let feed: Int
    let tickets: String
    var sequence = -1
    /// Of the newest complete report: what is older says nothing more.
    var completeAt = -1
    var handshakes = HandshakeCount()
    var words: [InstanceID: Word] = [:]
    /// Instances with a reservation, or with a difference between what both have seen arrive.
    var unsettled: Set<InstanceID> = []
    /// What this balancer has reserved itself since the last report.
    var guessed: [InstanceID: Int] = [:]
    var heardAt: Int64 = 0
  }

  private var peers: [InstanceID: Peer] = [:]

  /// Places that the others have reserved on an instance.
  subscript(id: InstanceID) -> Int {
    peers.isEmpty ? 0 : peers.values.reduce(0) { $0 + ($1.words[id]?.count ?? 0) }
  }

  /// Places that the others may have reserved on an instance since their last reports.
  func guessed(on id: InstanceID) -> Int {
    peers.isEmpty ? 0 : peers.values.reduce(0) { $0 + $1.guessed[id, default: 0] }
  }

  /// This balancer has reserved a place.
  mutating func guess(_ id: InstanceID) {
    for peer in peers.keys { peers[peer]?.guessed[id, default: 0] += 1 }
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
  ///   - feed: Grows with every feed of the peer that is opened; what arrives of an older one is
  ///     late. The first report of a feed counts when it is complete.
  ///   - knows: The instance is a member; what is reported of others is passed over.
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
      touched.formUnion(peer.guessed.keys)
      (peer.guessed, peer.heardAt) = ([:], now)
    }
    for entry in report.instances where knows(entry.id) {
      var word = peer.words[entry.id] ?? Word(seen: isFirst ? entry.arrived : 0)
      guard report.sequence > max(word.sequence, peer.completeAt) else { continue }
      if word.arrived != entry.arrived { word.movedAt = now }
      (word.sequence, word.saidAt) = (report.sequence, now)
      (word.reserved, word.arrived) = (entry.reserved, entry.arrived)
      if !word.isSettled { peer.unsettled.insert(entry.id) }
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
    return Set(peer.words.keys).union(peer.guessed.keys)
  }

  /// An instance named a ticket that is none of this balancer's.
  mutating func arrived(_ ticket: String, at id: InstanceID, now: Int64) {
    for (peer, known) in peers where ticket.begins(with: known.tickets) {
      peers[peer]?.words[id, default: Word()].seen += 1
      peers[peer]?.words[id]?.movedAt = now
      peers[peer]?.unsettled.insert(id)
    }
  }

  /// The load feed of an instance begins again: tickets may have arrived meanwhile.
  mutating func resume(_ id: InstanceID) {
    for peer in peers.keys {
      guard let word = peers[peer]?.words[id] else { continue }
      peers[peer]?.words[id]?.seen = word.arrived
    }
  }

  /// Lets old differences and guesses count no longer, and reservations of which nothing was said
  /// for as long as one lives.
  ///
  /// - Parameter lifetime: Of a reservation, in milliseconds.
  /// - Returns: The instances on which another number is reserved now.
  mutating func expire(lifetime: Int64, now: Int64) -> Set<InstanceID> {
    var touched: Set<InstanceID> = []
    for (peer, known) in peers {
      if now - known.heardAt >= Self.guessMilliseconds {
        touched.formUnion(known.guessed.keys)
        peers[peer]?.guessed = [:]
      }
      for id in known.unsettled {
        guard var word = known.words[id] else {
          peers[peer]?.unsettled.remove(id)
          continue
        }
        if now - word.movedAt >= Self.settledMilliseconds { word.seen = word.arrived }
        if now - word.saidAt >= lifetime { word.reserved = 0 }
        if word.isSettled { peers[peer]?.unsettled.remove(id) }
        guard word != known.words[id] else { continue }
        peers[peer]?.words[id] = word
        touched.insert(id)
      }
    }
    return touched
  }

  /// An instance is not a member any more, or a balancer.
  ///
  /// - Returns: Where it was a balancer, the instances on which it had reserved places.
  mutating func forget(_ id: InstanceID) -> Set<InstanceID> {
    for peer in peers.keys { peers[peer]?.words[id] = nil }
    return end(id)
  }
}
