package import ClusterModel

/// The handshake list that an instance returns while no balancer does, as a value: the reports of
/// the other servers go in, and the order for one client comes out.
///
///     round of questions ──answers──▶ ┌───────────┐ ──▶ order(): full ones last, the smallest
///     time ─────────────────────────▶ │ PeerLoads │     workload first, the first one counted
///
/// An answer is used for a second. Each client counts for two seconds at the server to which it was
/// sent, so that not all clients of that second go to the same server.
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

  /// The shortest time between the beginnings of two rounds.
  package static let roundMilliseconds: Int64 = 1_000
  /// How long a client counts at the server to which it was sent.
  package static let namedMilliseconds: Int64 = 2_000
  /// The most servers of one round.
  package static let mostAsked = 64
  /// The time in which all of them must answer.
  package static let answerMilliseconds: Int64 = 300

  private struct Round {
    var at: Int64
    var peers: [Peer]
    /// The sessions of the answering instance at that time.
    var own: Int?
  }

  private struct Named {
    var id: InstanceID
    var at: Int64
  }

  private var rounds: [ClientKind: Round] = [:]
  /// Sorted by time.
  private var named: [Named] = []
  private var counts: [InstanceID: Int] = [:]

  package init() {}

  /// Whether a new round is due for clients of this kind.
  package func isDue(_ kind: ClientKind, now: Int64) -> Bool {
    rounds[kind].map { now - $0.at >= Self.roundMilliseconds } ?? true
  }

  /// The servers to ask: all the others, or random ones if there are more.
  package static func asked(
    of directory: ServerDirectory, by own: InstanceID,
    using generator: inout some RandomNumberGenerator
  ) -> [ServerDirectory.Entry] {
    let others = directory.servers.filter { $0.id != own }
    guard others.count > mostAsked else { return others }
    return Array(others.shuffled(using: &generator).prefix(mostAsked))
  }

  /// Takes the result of a round.
  ///
  /// - Parameters:
  ///   - peers: The other servers that take clients of this kind now, or are full.
  ///   - at: When it began, in monotonic milliseconds.
  package mutating func heard(_ peers: [Peer], _ kind: ClientKind, at: Int64) {
    rounds[kind] = Round(at: at, peers: peers)
  }

  /// The list for one client, which is counted at the first server of the list.
  ///
  /// - Parameter own: The answering instance; nil where it takes no clients.
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

  /// The answering instance with its load at the last round, like the loads of the others. It knows
  /// its own sessions at once, and would otherwise count each of its clients twice: when it was
  /// sent there, and when it arrived.
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
    // A flood of handshakes without sessions must not fill the memory.
    old = max(old, named.count - Self.mostNamed)
    for entry in named.prefix(old) {
      let left = counts[entry.id, default: 1] - 1
      counts[entry.id] = left > 0 ? left : nil
    }
    named.removeFirst(old)
  }

  private static let mostNamed = 65_536
}
