internal import ClusterModel

/// When the registry was last asked to raise its number above that of an instance, so that no
/// instance can have the same orders repeated again and again.
struct PassBook: Sendable {
  private struct Entry {
    var askedAt: Int64
    /// How many times it was asked without a long pause in between.
    var count: Int
    var pause: Int64
  }

  private var entries: [InstanceID: Entry] = [:]

  /// A proven number is asked for again every two seconds, a few times, since the registry may be
  /// away. After that the pauses grow, since two copies of one registry that are in use would
  /// otherwise overtake each other forever.
  private static let provenPause = Pace.untilAgain
  private static let quickTries = 8
  private static let longestProvenPause: Int64 = 600_000
  /// An instance can send any contents without a proof.
  private static let unprovenPause: Int64 = 60_000
  private static let longestUnprovenPause: Int64 = 3_600_000

  /// Whether to ask the registry now. If so, this is noted.
  ///
  /// - Parameter now: Monotonic milliseconds.
  mutating func ask(_ id: InstanceID, isProven: Bool, now: Int64) -> Bool {
    var entry = entries[id] ?? Entry(askedAt: now, count: 0, pause: 0)
    guard now - entry.askedAt >= entry.pause else { return false }
    if now - entry.askedAt > entry.pause + Self.longestProvenPause { entry.count = 0 }
    let (first, rounds, longest) =
      isProven
      ? (Self.provenPause, entry.count - Self.quickTries, Self.longestProvenPause)
      : (Self.unprovenPause, entry.count, Self.longestUnprovenPause)
    entry.pause = min(first << max(0, min(rounds, 16)), longest)
    entry.askedAt = now
    entry.count += 1
    entries[id] = entry
    return true
  }

  /// The order that an instance obeys has just changed, and the registry may learn of it in a
  /// moment, so it is not asked before.
  mutating func postpone(_ id: InstanceID, now: Int64) {
    var entry = entries[id] ?? Entry(askedAt: now, count: 0, pause: 0)
    guard now - entry.askedAt >= entry.pause else { return }
    (entry.askedAt, entry.pause) = (now, Self.provenPause)
    entries[id] = entry
  }

  /// Only instances of the registry are remembered.
  mutating func keep(only isKnown: (InstanceID) -> Bool) {
    entries = entries.filter { isKnown($0.key) }
  }
}
