package import ClusterModel

/// A picture of the past: of the session's own, or of a recording.
package struct PastPicture: Equatable, Sendable {
  package var snapshot: ClusterSnapshot
  /// The time that is looked at; the snapshot held then.
  package var at: Timestamp
  /// What is kept of the minutes before.
  package var history: LoadTrends
  /// The cluster as a whole in the hour before.
  package var trend: ClusterTrend
  /// It goes on by itself, at the speed of then.
  package var isRunning: Bool
  /// A step from the picture before it, rather than time that went by or a leap.
  package var isStep: Bool
  /// Something older was asked for, and there is none.
  package var isFirst = false
  /// Nothing follows it.
  package var isLast = false
  /// Something to say to the operator.
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

/// Which picture an operator wants of the past.
package enum Seek: Equatable, Sendable {
  /// A step. It begins at this time of the balancer's clock; nil: at the picture before.
  case back(from: Timestamp? = nil)
  case forth(from: Timestamp? = nil)
  case time(Timestamp)
  case end
  /// Run or stand still.
  case toggleRun
}
