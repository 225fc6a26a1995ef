internal import ClusterModel

/// Which servers went up or down in the handshake list a moment ago.
struct RankMarks: Equatable, Sendable {
  private struct Mark: Equatable {
    var isUp: Bool
    /// Monotonic milliseconds.
    var until: Int64
  }

  private var marks: [InstanceID: Mark] = [:]
  /// When the first mark goes; nil without marks.
  private(set) var nextEnd: Int64?

  static let lifetimeMilliseconds: Int64 = 4_000

  /// `▲`, `▼` or a blank.
  func text(of id: InstanceID) -> String {
    marks[id].map { $0.isUp ? "▲" : "▼" } ?? " "
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
        marks[move.id] = nil
        continue
      }
      let before = places[move.id] ?? Int.max
      guard before != position else { continue }
      marks[move.id] = Mark(isUp: position < before, until: now + Self.lifetimeMilliseconds)
    }
    findNextEnd()
  }

  /// Drops the marks whose time is over.
  mutating func expire(at now: Int64) {
    guard let nextEnd, nextEnd <= now else { return }
    marks = marks.filter { $0.value.until > now }
    findNextEnd()
  }

  mutating func clear() { self = RankMarks() }

  private mutating func findNextEnd() { nextEnd = marks.values.lazy.map(\.until).min() }
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
