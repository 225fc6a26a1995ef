internal import ClusterModel

/// Of which instances the log of actions knows that they obey, and up to which revision.
///
/// The log is told once of every revision, not with every tick: what is asked here comes from
/// memory, and nearly always there is nothing to tell.
struct Confirmations: Sendable {
  private var known: [InstanceID: Int64] = [:]
  /// What the log was asked to know, and when it was; monotonic milliseconds.
  private var asked: [InstanceID: (revision: Int64, at: Int64)] = [:]
  /// Removed instances that were told so, and the revision of their removal.
  var told: [InstanceID: Int64] = [:]

  /// The log was asked to know something, and that it does is not known.
  var awaitsAnswer: Bool { !asked.isEmpty }

  /// What the log is to be told now.
  ///
  /// - Parameter obeyed: What instances obey, by the revisions of their rows.
  mutating func news(in obeyed: [InstanceID: Int64], now: Int64) -> [InstanceID: Int64] {
    let news = obeyed.filter { id, revision in
      guard known[id] != revision else { return false }
      guard let last = asked[id], last.revision == revision else { return true }
      return now - last.at >= Pace.untilAgain
    }
    for (id, revision) in news { asked[id] = (revision, now) }
    return news
  }

  /// The registry may be another copy of itself: nothing is known of its log.
  mutating func forget() { (known, asked) = ([:], [:]) }

  /// The log knows these.
  mutating func logKnows(_ obeyed: [InstanceID: Int64]) {
    for (id, revision) in obeyed {
      known[id] = revision
      asked[id] = nil
      told[id] = nil
    }
  }
}
