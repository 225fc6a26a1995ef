internal import ClusterModel

/// Which servers went up or down in the handshake list a moment ago.
struct RankMarks: Equatable, Sendable {
  /// True: up.
  private var marks = TimedMarks<Bool>()

  var nextEnd: Int64? { marks.nextEnd }

  /// `▲`, `▼` or a blank.
  func text(of id: InstanceID) -> String {
    marks[id].map { $0 ? "▲" : "▼" } ?? " "
  }

  /// Takes moves in. Those whose rank is another only because others passed by are not named.
  mutating func note(
    _ moves: [ListMove], from old: [InstanceID], to new: [InstanceID], at now: Int64
  ) {
    guard !moves.isEmpty else { return }
    let places = Dictionary(
      zip(old, old.indices), uniquingKeysWith: { first, _ in first })
    for move in moves {
      guard let position = move.position else {
        marks.set(nil, move.id, at: now)
        continue
      }
      let before = places[move.id] ?? Int.max
      if before != position { marks.set(position < before, move.id, at: now) }
    }
  }

  mutating func expire(at now: Int64) { marks.expire(at: now) }
  mutating func clear() { self = RankMarks() }
}

extension Dashboard {
  /// The states of the instances that a change is about, as they are before it. (The snapshot
  /// itself is not kept: it would be copied whole.)
  func states(namedBy change: ClusterChange) -> [(id: InstanceID, name: String?)] {
    (change.instances.map(\.id) + change.loads.map(\.id)).map { id in
      (id, feed.snapshot?[id]?.state.name)
    }
  }

  /// Marks those that are in another state now; not those that are only emptier.
  mutating func noteStates(before: [(id: InstanceID, name: String?)]) {
    for (id, name) in before where feed.snapshot?[id]?.state.name != name {
      stateMarks.set(true, id, at: now)
    }
  }
}

/// What the next handshakes would be given, as things stand.
enum HandshakeForecast {
  static let handshakes = 10

  /// How many of the next handshakes each server would be first for.
  ///
  /// Each handshake reserves a place on the first of the list, and counts for those after it. A
  /// reservation only ever moves a server back, so none beyond the first ten gets one of ten.
  ///
  /// - Parameters:
  ///   - list: In the order of the handshake list.
  ///   - balancers: Those alive: each weighs its own reservations that many times.
  static func places(_ list: [InstanceStatus], balancers: Int) -> [InstanceID: Int] {
    var servers = Array(list.prefix(handshakes))
    var places: [InstanceID: Int] = [:]
    func rank(_ instance: InstanceStatus) -> HandshakeRank {
      HandshakeRank(
        id: instance.id, load: instance.load, reservationWeight: max(1, balancers))
    }
    for _ in 0..<handshakes {
      guard let first = servers.indices.min(by: { rank(servers[$0]) < rank(servers[$1]) }) else {
        break
      }
      servers[first].load.reserved += 1
      places[servers[first].id, default: 0] += 1
    }
    return places
  }
}

extension Dashboard {
  /// What each of the list would get of the next handshakes.
  func forecast(_ shown: ClusterSnapshot) -> [InstanceID: Int] {
    let list = shown.handshakeList.prefix(HandshakeForecast.handshakes).compactMap { shown[$0] }
    let balancers = shown.instances.count { $0.role.isLoadBalancer && $0.health == .alive }
    return HandshakeForecast.places(list, balancers: balancers)
  }
}
