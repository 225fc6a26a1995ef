internal import ClusterModel

/// The reservations of other balancers, by their reports and by the tickets that arrive.
///
/// An instance counts a session as soon as it opens. For the other balancers its reservation ends
/// when its balancer reports that, a moment later or earlier. So each balancer counts the tickets
/// of the others that it has seen arrive: the difference to the number in their reports is what
/// they do not know yet.
///
/// Between two reports of another balancer this one assumes that the other does the same as itself.
/// Otherwise all of them would fill the emptiest server at the same time.
struct PeerReservations: Sendable {
  /// A difference that stays for this long without any arrival comes from tickets that one of the
  /// two missed, for instance because a feed broke. It counts no longer.
  private static let settledMilliseconds: Int64 = 1_000
  /// The reservations of a peer that has reported nothing for this long are not guessed.
  private static let guessMilliseconds: Int64 = 40

  private struct Word: Equatable {
    /// The sequence number of the report.
    var sequence = -1
    var saidAt: Int64 = 0
    var reserved = 0
    var arrived = 0
    /// How many tickets of the peer this balancer has seen arrive, by the peer's count.
    var seen = 0
    var movedAt: Int64 = 0

    var count: Int { max(0, reserved + arrived - seen) }

    var isSettled: Bool { reserved == 0 && arrived == seen }
  }

  private struct Peer {
    let feed: Int
    let tickets: String
    var sequence = -1
    /// The sequence number of the newest complete report. Older reports say nothing more.
    var completeAt = -1
    var handshakes = HandshakeCount()
    var words: [InstanceID: Word] = [:]
    /// Instances with a reservation, or with a difference between the counts of both balancers.
    var unsettled: Set<InstanceID> = []
    /// What this balancer has reserved itself since the last report.
    var guessed: [InstanceID: Int] = [:]
    var heardAt: Int64 = 0
  }

  private var peers: [InstanceID: Peer] = [:]

  /// The number of places that the others have reserved on an instance.
  subscript(id: InstanceID) -> Int {
    peers.isEmpty ? 0 : peers.values.reduce(0) { $0 + ($1.words[id]?.count ?? 0) }
  }

  /// The number of places that the others may have reserved on an instance since their last
  /// reports.
  func guessed(on id: InstanceID) -> Int {
    peers.isEmpty ? 0 : peers.values.reduce(0) { $0 + $1.guessed[id, default: 0] }
  }

  /// This balancer has reserved a place.
  mutating func guess(_ id: InstanceID) {
    for peer in peers.keys { peers[peer]?.guessed[id, default: 0] += 1 }
  }

  /// Whether no other balancer reports.
  var isEmpty: Bool { peers.isEmpty }

  /// Whether this balancer receives the peer's reports.
  func hears(_ peer: InstanceID) -> Bool { peers[peer] != nil }

  /// The handshakes in the peer's last report; nil where it does not report.
  func handshakes(of peer: InstanceID) -> HandshakeCount? { peers[peer]?.handshakes }

  /// A peer reports.
  ///
  /// - Parameters:
  ///   - feed: A number that grows with every opened feed of the peer; reports of an older feed are
  ///     late. The first report of a feed counts only if it is complete.
  ///   - knows: Whether the instance is a member; reports about others are ignored.
  /// - Returns: The instances whose number of reservations may have changed.
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

  /// A peer does not report any more.
  ///
  /// - Parameter feed: Its feed that has ended; nil: any.
  /// - Returns: The instances on which it had reserved places.
  mutating func end(_ id: InstanceID, feed: Int? = nil) -> Set<InstanceID> {
    guard let peer = peers[id], feed == nil || peer.feed == feed else { return [] }
    peers[id] = nil
    return Set(peer.words.keys).union(peer.guessed.keys)
  }

  /// An instance reported a ticket of another balancer.
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

  /// Ends old differences and guesses, and reservations that no report mentioned for as long as a
  /// reservation lives.
  ///
  /// - Parameter lifetime: The lifetime of a reservation, in milliseconds.
  /// - Returns: The instances whose number of reservations has changed.
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

  /// An instance is no longer a member, or is a balancer.
  ///
  /// - Returns: If it was a balancer, the instances on which it had reserved places.
  mutating func forget(_ id: InstanceID) -> Set<InstanceID> {
    for peer in peers.keys { peers[peer]?.words[id] = nil }
    return end(id)
  }
}
