package import ClusterModel

/// The handshake list that an instance gives where no balancer does, as a value: what the other
/// servers said of themselves goes in, the order for one client comes out.
///
///     round of questions ──answers──▶ ┌───────────┐ ──▶ order(): full ones last, the smallest
///     time ─────────────────────────▶ │ PeerLoads │     workload first, the first one counted
///
/// An answer holds for a second. So that all clients of that second do not go to one server, each
/// counts for two seconds where it was sent to.
package struct PeerLoads: Sendable {
  /// A server that takes clients now, or is full.
  package struct Peer: Hashable, Sendable {
    package var entry: ServerDirectory.Entry
    package var load: Load

    package init(_ entry: ServerDirectory.Entry, load: Load) {
      self.entry = entry
      self.load = load
    }
  }

  /// Shortest time between the beginnings of two rounds.
  package static let roundMilliseconds: Int64 = 1_000
  /// So long does a client count that was sent somewhere.
  package static let namedMilliseconds: Int64 = 2_000
  /// Most servers of one round.
  package static let mostAsked = 64
  /// In which all of them must answer.
  package static let answerMilliseconds: Int64 = 300

  private struct Round {
    var at: Int64
    var peers: [Peer]
    /// Sessions of the answering instance then.
    var own: Int?
  }

  private struct Named {
    var id: InstanceID
    var at: Int64
  }

  private var rounds: [ClientKind: Round] = [:]
  /// In the order of time.
  private var named: [Named] = []
  private var counts: [InstanceID: Int] = [:]

  package init() {}

  /// Whether a new round is due for clients of this kind.
  package func isDue(_ kind: ClientKind, now: Int64) -> Bool {
    rounds[kind].map { now - $0.at >= Self.roundMilliseconds } ?? true
  }

  /// Whom to ask: all the others, or random ones of more.
  package static func asked(
    of directory: ServerDirectory, by own: InstanceID,
    using generator: inout some RandomNumberGenerator
  ) -> [ServerDirectory.Entry] {
    let others = directory.servers.filter { $0.id != own }
    guard others.count > mostAsked else { return others }
    return Array(others.shuffled(using: &generator).prefix(mostAsked))
  }

  /// The result of a round.
  ///
  /// - Parameters:
  ///   - peers: Those that take clients of this kind now, or are full, the answering one not among
  ///     them.
  ///   - at: When it began, in monotonic milliseconds.
  package mutating func heard(_ peers: [Peer], _ kind: ClientKind, at: Int64) {
    rounds[kind] = Round(at: at, peers: peers)
  }

  /// The list for one client, who is counted where it begins.
  ///
  /// - Parameter own: The answering instance; nil where it takes nobody.
  package mutating func order(for kind: ClientKind, own: Peer?, now: Int64) -> [Peer] {
    forget(now: now)
    let own = own.map { asOfRound($0, kind) }
    let all = (rounds[kind]?.peers ?? []) + (own.map { [$0] } ?? [])
    let counted = all.map { peer in
      var peer = peer
      peer.load.reserved = min(counts[peer.entry.id] ?? 0, peer.load.free)
      return (rank: HandshakeRank(id: peer.entry.id, load: peer.load), peer: peer)
    }
    let order = counted.sorted { $0.rank < $1.rank }.map(\.peer)
    if let first = order.first, !first.load.isFull {
      named.append(Named(id: first.entry.id, at: now))
      counts[first.entry.id, default: 0] += 1
    }
    return order
  }

  /// The answering instance with its load at the last round, as the others have theirs. It knows
  /// its own sessions at once, and would count each of its clients twice: as one that was sent
  /// there, and as one that has come.
  private mutating func asOfRound(_ own: Peer, _ kind: ClientKind) -> Peer {
    guard !own.load.isFull, let round = rounds[kind] else { return own }
    let connected = min(round.own ?? own.load.connected, own.load.connected)
    rounds[kind]?.own = connected
    var own = own
    own.load.connected = connected
    return own
  }

  private mutating func forget(now: Int64) {
    var old = named.prefix { now - $0.at >= Self.namedMilliseconds }.count
    // A flood of handshakes that come to nothing takes no memory without end.
    old = max(old, named.count - Self.mostNamed)
    for entry in named.prefix(old) {
      let left = counts[entry.id, default: 1] - 1
      counts[entry.id] = left > 0 ? left : nil
    }
    named.removeFirst(old)
  }

  private static let mostNamed = 65_536
}
