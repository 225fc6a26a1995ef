internal import ClusterModel

/// The revisions of instances that are marked as obeyed in the log of actions.
///
/// Each revision is sent to the log once and not at every tick. This is kept in memory, and almost
/// always there is nothing to tell.
struct Confirmations: Sendable {
  private var known: [InstanceID: Int64] = [:]
  /// What the log was asked to mark, and when; monotonic milliseconds.
  private var asked: [InstanceID: (revision: Int64, at: Int64)] = [:]
  /// Removed instances that know of their removal, with its revision.
  var told: [InstanceID: Int64] = [:]

  /// Whether the log was asked to mark something and has not answered.
  var awaitsAnswer: Bool { !asked.isEmpty }

  /// What to mark in the log now.
  ///
  /// - Parameter obeyed: The instances that obey, with the revisions of their rows.
  mutating func news(in obeyed: [InstanceID: Int64], now: Int64) -> [InstanceID: Int64] {
    let news = obeyed.filter { id, revision in
      guard known[id] != revision else { return false }
      guard let last = asked[id], last.revision == revision else { return true }
      return now - last.at >= Pace.untilAgain
    }
    for (id, revision) in news { asked[id] = (revision, now) }
    return news
  }

  /// The registry may be another copy of itself, so nothing is known about its log.
  mutating func forget() { (known, asked) = ([:], [:]) }

  /// The log has marked these.
  mutating func logKnows(_ obeyed: [InstanceID: Int64]) {
    for (id, revision) in obeyed {
      known[id] = revision
      asked[id] = nil
      told[id] = nil
    }
  }
}
