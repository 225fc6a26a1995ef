package import ClusterModel

/// A picture of the past: of the session itself, or of a recording.
package struct PastPicture: Equatable, Sendable {
  package var snapshot: ClusterSnapshot
  /// The time on the screen, at which the snapshot was current.
  package var at: Timestamp
  /// The loads of the minutes before.
  package var history: LoadTrends
  /// The whole cluster in the hour before.
  package var trend: ClusterTrend
  /// It runs by itself, at real speed.
  package var isRunning: Bool
  /// Whether it is one step from the picture before it, and not a jump or the passing of time.
  package var isStep: Bool
  /// Whether something older was requested and does not exist.
  package var isFirst = false
  /// Whether nothing follows it.
  package var isLast = false
  /// A message for the operator.
  package var note: String?

  package init(
    snapshot: ClusterSnapshot, at: Timestamp, history: LoadTrends = LoadTrends(),
    trend: ClusterTrend = ClusterTrend(), isRunning: Bool = false, isStep: Bool = false,
    note: String? = nil
  ) {
    self.snapshot = snapshot
    self.at = at
    self.history = history
    self.trend = trend
    self.isRunning = isRunning
    self.isStep = isStep
    self.note = note
  }
}

/// Which picture of the past an operator wants.
package enum Seek: Equatable, Sendable {
  /// A step. It begins at this time of the balancer's clock; nil: at the last picture.
  case back(from: Timestamp? = nil)
  case forth(from: Timestamp? = nil)
  case time(Timestamp)
  case end
  /// Run or pause.
  case toggleRun
}
