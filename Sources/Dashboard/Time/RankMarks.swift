internal import ClusterModel

/// Marks the servers whose place in the handshake list differs from that of some seconds ago.
///
/// Only the difference between the two lists counts, however often a server moved in between. A
/// change costs almost nothing: one list a second is kept, and a list is only searched when it
/// becomes the one to compare with, or when a server came or left. Asking for a mark takes the same
/// time in a list of any length.
struct RankMarks: Equatable, Sendable {
  /// The age of the list for the comparison.
  static let spanMilliseconds: Int64 = 4_000
  private static let stepMilliseconds: Int64 = 1_000

  struct Kept: Equatable {
    var list: [InstanceID]
    /// Until when it was the list, in milliseconds.
    var until: Int64
  }

  /// Oldest first; the first one is used for the comparison.
  private(set) var kept: [Kept] = []
  /// The places in the first of them.
  private var places: [InstanceID: Int] = [:]
  /// The servers that moved themselves, and were not only passed, with the last time.
  private var movers: [InstanceID: Int64] = [:]
  /// The current list.
  private var list: [InstanceID] = []
  /// The moved servers that are not in the list for the comparison.
  private var newcomers: Set<InstanceID> = []
  /// The places of servers that came into the list since then, and of those that left it,
  /// ascending.
  private var came: [Int] = []
  private var left: [Int] = []

  /// When the marks change by time alone; nil without any.
  var nextEnd: Int64? { kept.first.map { $0.until + Self.spanMilliseconds } }

  /// Takes moves.
  ///
  /// - Parameters:
  ///   - old: The list until now.
  ///   - new: The list from now on.
  ///   - now: Milliseconds, always of the same clock.
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
    // No server comes or leaves without a move.
    guard let then = kept.first?.list, !newcomers.isEmpty || list.count != then.count else {
      return
    }
    came = list.indices.filter { newcomers.contains(list[$0]) }
    var leavers = Set(movers.keys.filter { places[$0] != nil })
    for id in list { leavers.remove(id) }
    left = leavers.compactMap { places[$0] }.sorted()
  }

  /// `▲`, `▼` or a blank. A server that came or left does not change the marks of others, and a
  /// move by one place has no mark: under load neighbours swap places all the time.
  ///
  /// - Parameter place: Its place in the list, counted from 0.
  func text(of id: InstanceID, at place: Int) -> String {
    guard !kept.isEmpty else { return " " }
    guard let before = places[id] else { return "▲" }
    let rise = before - left.prefixCount { $0 < before } - place + came.prefixCount { $0 < place }
    if abs(rise) < 2 { return " " }
    return rise > 0 ? "▲" : "▼"
  }
}
