package import ClusterModel

/// The position of one reader in the load feed. Each feed has its own.
package struct LoadCursor: Hashable, Sendable {
  var connected: Int?
  var withoutNotices = 0
  /// Starts before the tickets that are kept: a balancer that comes back learns of those that
  /// arrived while it was away.
  var ticketPosition = 0
  var reportedAt: Int64 = 0
  /// The last reported state of the application.
  var application: ApplicationStatus?
  /// The order that the reader knows the instance to obey; nil: none yet.
  var told: Confirmation?

  /// The position of a reader that has just received the hello.
  package init(after life: InstanceLife) {
    told = life.confirmation
  }

  /// The position of a reader that knows nothing.
  package init() {}
}

/// What to send to a reader of the load feed now.
package enum LoadDecision: Hashable, Sendable {
  /// Sessions open now, those of them without notices, the tickets that arrived since the last
  /// report, what the deadline of the drain has ended, and what is wrong with the application.
  case report(
    connected: Int, withoutNotices: Int = 0, tickets: [String], ends: DeadlineEnds? = nil,
    application: ApplicationStatus? = nil)
  /// The order that the instance obeys, if it differs from the one that this reader was last told.
  case obeys(Confirmation)
  /// There is news, which must wait until this monotonic time in milliseconds.
  case due(atMilliseconds: Int64)
  /// No news.
  case quiet
}

extension InstanceLife {
  /// The shortest time between two reports to one reader.
  package static let reportIntervalMilliseconds: Int64 = 20

  /// The next report for one reader: the first at once, then at most one in 20 ms. A late reader
  /// gets the figures of that time, so a slow reader costs nothing.
  package func report(for cursor: inout LoadCursor, now: Moment) -> LoadDecision {
    let time = now.monotonicMilliseconds
    if let confirmation, confirmation != cursor.told {
      cursor.told = confirmation
      return .obeys(confirmation)
    }
    if cursor.connected != nil {
      guard
        cursor.connected != connected || cursor.withoutNotices != withoutNotices
          || cursor.ticketPosition < tickets.end
          || cursor.application != application?.down
      else { return .quiet }
      let due = cursor.reportedAt + Self.reportIntervalMilliseconds
      guard time >= due else { return .due(atMilliseconds: due) }
    }
    (cursor.connected, cursor.withoutNotices) = (connected, withoutNotices)
    cursor.application = application?.down
    cursor.reportedAt = time
    return .report(
      connected: connected, withoutNotices: withoutNotices,
      tickets: tickets.tickets(from: &cursor.ticketPosition, now: now),
      ends: deadlineEnds, application: cursor.application)
  }
}
