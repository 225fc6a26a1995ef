internal import ClusterModel

/// The picture that stays on the screen while it is paused, with all in it that time changes.
struct Frozen: Equatable, Sendable {
  var snapshot: ClusterSnapshot
  /// The balancer's clock when it was paused.
  var clock: Timestamp
  /// Monotonic milliseconds likewise.
  var now: Int64
  /// Monotonic milliseconds since when the picture held.
  var heardAt: Int64
  var history: LoadHistory
  var closeUp: CloseUp?
  var drains: DrainWatch
  var rankMarks: RankMarks
  var stateMarks: TimedMarks<Bool>
}

extension Dashboard {
  /// Why `z` does nothing.
  var obstacleToPause: String? {
    past == nil ? obstacleToLooking : "the past stands still; 0 goes back to now"
  }

  /// Freezes the picture, or lets it run again; likewise a replay.
  mutating func togglePause() -> [Effect] {
    if isReplay { return [.replay(.toggleRun)] }
    frozen = frozen == nil ? pictureOfNow : nil
    rebuildRows()
    return []
  }

  private var pictureOfNow: Frozen? {
    guard let snapshot = feed.snapshot else { return nil }
    return Frozen(
      snapshot: snapshot, clock: clock, now: now, heardAt: feed.heardAt, history: history,
      closeUp: closeUp, drains: drains, rankMarks: rankMarks, stateMarks: stateMarks)
  }

  /// The picture on the screen is not the newest one.
  var isHeld: Bool { frozen != nil || past != nil }

  /// The picture on the screen: the newest, the one that was frozen, or one of the past.
  var shown: ClusterSnapshot? { past?.snapshot ?? frozen?.snapshot ?? feed.snapshot }

  /// The balancer's clock as it is shown: now; in the past, then.
  var clock: Timestamp { past?.snapshot.at ?? frozen?.clock ?? presentClock }

  /// The balancer's clock now, whatever is shown: what is asked of the cluster counts from it.
  var presentClock: Timestamp {
    replay?.at ?? feed.clock(at: now) ?? Timestamp(milliseconds: 0)
  }

  /// What the sparklines show.
  var shownHistory: LoadHistory { past?.history ?? frozen?.history ?? history }

  /// Who moved in the list a moment ago; in the past, by the step that led there.
  var shownRankMarks: RankMarks { past?.marks.ranks ?? frozen?.rankMarks ?? rankMarks }

  /// It is in another state since a moment; in the past, since the step that led there.
  func isMarked(_ id: InstanceID) -> Bool {
    (past?.marks.states ?? frozen?.stateMarks ?? stateMarks)[id] != nil
  }

  /// It is drained as it is shown, and no operator has looked since.
  func isUnseen(_ instance: InstanceStatus) -> Bool {
    guard past == nil, drains.unseen.contains(instance.id) else { return false }
    return frozen?.drains.unseen.contains(instance.id) ?? true
  }
}
