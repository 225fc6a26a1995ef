internal import ClusterModel

/// Which servers stand elsewhere in the handshake list than some seconds ago.
///
/// What counts is the difference between the current list and the one of then, however often a
/// server went up and down between. A change costs next to nothing: the lists are kept as they
/// are, one a second, and one is looked through when it becomes the one to compare with, or when
/// a server came or left. To ask for a mark costs the same in a list of any length.
struct RankMarks: Equatable, Sendable {
  /// How long ago the list is that is compared with.
  static let spanMilliseconds: Int64 = 4_000
  private static let stepMilliseconds: Int64 = 1_000

  struct Kept: Equatable {
    var list: [InstanceID]
    /// Milliseconds until when it was the list.
    var until: Int64
  }

  /// Oldest first; the first is compared with.
  private(set) var kept: [Kept] = []
  /// Places in the first of them.
  private var places: [InstanceID: Int] = [:]
  /// Who moved, rather than only being passed, and when last.
  private var movers: [InstanceID: Int64] = [:]
  /// The current list.
  private var list: [InstanceID] = []
  /// Those of the movers that were not in the list that is compared with.
  private var newcomers: Set<InstanceID> = []
  /// Places of those that came into the list since, and of those that left it, ascending.
  private var came: [Int] = []
  private var left: [Int] = []

  /// When the marks become others by time alone; nil without any.
  var nextEnd: Int64? { kept.first.map { $0.until + Self.spanMilliseconds } }

  /// Takes moves in.
  ///
  /// - Parameters:
  ///   - old: The list until now.
  ///   - new: The list from now on.
  ///   - now: Milliseconds of any clock, always of the same.
  mutating func note(
    _ moves: [ListMove], from old: [InstanceID], to new: [InstanceID], at now: Int64
  ) {
    guard !moves.isEmpty else { return }
    list = new
    for move in moves {
      movers[move.id] = now
      if !kept.isEmpty, places[move.id] == nil { newcomers.insert(move.id) }
    }
    let isKept = kept.last.map { now - $0.until >= Self.stepMilliseconds } ?? true
    if isKept { kept.append(Kept(list: old, until: now)) }
    if isKept, kept.count == 1 { learnPlaces() } else { learnComings() }
  }

  mutating func expire(at now: Int64) {
    guard let nextEnd, nextEnd <= now else { return }
    let past = now - Self.spanMilliseconds
    kept.removeAll { $0.until <= past }
    movers = movers.filter { $0.value > past }
    learnPlaces()
  }

  private mutating func learnPlaces() {
    let then = kept.first?.list ?? []
    places = Dictionary(zip(then, then.indices), uniquingKeysWith: { first, _ in first })
    newcomers = Set(movers.keys.filter { places[$0] == nil })
    learnComings()
  }

  private mutating func learnComings() {
    (came, left) = ([], [])
    // Nobody comes or leaves without a move.
    guard let then = kept.first?.list, !newcomers.isEmpty || list.count != then.count else {
      return
    }
    came = list.indices.filter { newcomers.contains(list[$0]) }
    var leavers = Set(movers.keys.filter { places[$0] != nil })
    for id in list { leavers.remove(id) }
    left = leavers.compactMap { places[$0] }.sorted()
  }

  /// `▲`, `▼` or a blank. Nobody is better or worse off by one that came or left, and a move of
  /// one place is none: under load neighbours change places all the time.
  ///
  /// - Parameter place: Where it stands in the list, counted from 0.
  func text(of id: InstanceID, at place: Int) -> String {
    guard !kept.isEmpty else { return " " }
    guard let before = places[id] else { return "▲" }
    let rise = before - left.prefixCount { $0 < before } - place + came.prefixCount { $0 < place }
    if abs(rise) < 2 { return " " }
    return rise > 0 ? "▲" : "▼"
  }
}
