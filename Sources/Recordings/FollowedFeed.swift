package import ClusterModel
package import Dashboard

/// The state of the cluster by a feed. There is one for each feed. A recording, the session's past
/// and the inbox of the screen read the whole cluster here.
package struct FollowedFeed: Equatable, Sendable {
  /// The part of an event that is worth keeping, and the cluster after it.
  package struct News: Sendable {
    let line: RecordingLine
    let at: Timestamp
    /// Nil before the first picture.
    let latest: ClusterSnapshot?
  }

  /// The cluster after all events.
  package private(set) var latest: ClusterSnapshot?
  /// The time of the last change, in monotonic milliseconds.
  private var heardAt: Int64 = 0
  private var isLost = false

  package init() {}

  /// Takes an event of the feed.
  ///
  /// - Parameter now: Monotonic milliseconds.
  /// - Returns: What to keep, with its time; nil where there is nothing to keep.
  package mutating func follow(_ event: Event, at now: Int64) -> News? {
    switch event {
    case .snapshot(let snapshot):
      (latest, heardAt, isLost) = (snapshot, now, false)
      return news(.snapshot(snapshot), snapshot.at)
    case .change(let change):
      latest?.apply(change)
      (heardAt, isLost) = (now, false)
      return news(.change(change), change.at)
    case .action(let action):
      latest?.append(action)
      return news(.action(action), max(action.at, latest?.at ?? action.at))
    case .event(let event):
      latest?.append(event)
      return news(.event(event), max(event.at, latest?.at ?? event.at))
    case .history(let history):
      return news(.history(history), clock(at: now))
    case .lost:
      guard !isLost, latest != nil else { return nil }
      isLost = true
      return news(.lost, clock(at: now))
    default: return nil
    }
  }

  private func news(_ line: RecordingLine, _ at: Timestamp) -> News {
    News(line: line, at: at, latest: latest)
  }

  private func clock(at now: Int64) -> Timestamp {
    latest?.at.adding(milliseconds: max(0, now - heardAt)) ?? Timestamp(milliseconds: 0)
  }
}
