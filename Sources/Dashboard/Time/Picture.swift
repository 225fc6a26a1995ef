internal import ClusterModel

/// The cluster at one time, with everything that changes with time: what the screen shows.
struct Picture: Equatable, Sendable {
  /// Where it comes from.
  enum Origin: Equatable, Sendable {
    /// The newest of the feed.
    case live
    /// The newest when the operator paused.
    case paused
    /// From the session's past.
    case past
    /// From a recording, which runs or is paused.
    case replay(isRunning: Bool)

    /// The cluster now, or a moment ago: not at a time that somebody went back to.
    var isOfNow: Bool { self == .live || self == .paused }
  }

  /// The load of the instance in the details.
  struct LastHour: Equatable, Sendable {
    static let minutes = 60
    static let length = minutes * 60_000 / Int(LoadTrends.stepMilliseconds)

    var id: InstanceID
    var history = LoadTrends(length: LastHour.length)
  }

  var origin = Origin.live
  /// Nil before the first.
  var snapshot: ClusterSnapshot?
  /// Since when the snapshot is current, and the time of the picture. In milliseconds: monotonic
  /// ones, and in a replay those of the recording.
  var heardAt: Int64 = 0
  var now: Int64 = 0
  /// The values of the sparklines.
  var history = LoadTrends()
  var lastHour: LastHour?
  /// The cluster as a whole over the last hour.
  var trend = ClusterTrend()
  var drains = DrainWatch()
  /// The servers that moved in the list a moment ago, or by the step to this picture.
  var rankMarks = RankMarks()
  /// The instances whose state changed in the same time.
  var stateMarks = TimedMarks<Bool>()

  /// Whether there is something to show. (Comparing the snapshot with nil would copy it.)
  var hasSnapshot: Bool { if case .some = snapshot { true } else { false } }

  /// The balancer's clock.
  var clock: Timestamp {
    snapshot?.at.adding(milliseconds: now - heardAt) ?? Timestamp(milliseconds: 0)
  }

  func drainProgress(of instance: InstanceStatus) -> DrainProgress? {
    drains.progress(of: instance, at: now, clock: clock)
  }

  /// Data for sorting that instances do not report themselves.
  var sortFacts: SortFacts {
    SortFacts(
      drainEnd: { drainProgress(of: $0)?.endsAt }, meanLoad: { history.mean(of: $0) })
  }

  /// Marks the differences from the picture where a step began.
  ///
  /// - Parameter time: The time of the marks, in milliseconds.
  mutating func mark(since old: ClusterSnapshot, at time: Int64) {
    guard let snapshot else { return }
    let (before, after) = (old.handshakeList, snapshot.handshakeList)
    rankMarks.note(ListMove.moves(from: before, to: after), from: before, to: after, at: time)
    for instance in snapshot.instances where old[instance.id]?.state.name != instance.state.name {
      stateMarks.set(true, instance.id, at: time)
    }
  }

  mutating func expireMarks() {
    rankMarks.expire(at: now)
    stateMarks.expire(at: now)
  }

  mutating func clearMarks() { (rankMarks, stateMarks) = (RankMarks(), TimedMarks()) }
}

extension Dashboard {
  /// The picture on the screen.
  var picture: Picture { held ?? feed.picture }

  /// Where that is from. It is asked often, so the picture is not copied for it.
  var origin: Picture.Origin { held?.origin ?? feed.picture.origin }

  var shown: ClusterSnapshot? { held?.snapshot ?? feed.snapshot }

  /// Why `z` does nothing.
  var obstacleToPause: String? {
    picture.origin == .past ? "the past does not move; 0 goes back to now" : obstacleToLooking
  }

  /// Pauses the picture or resumes it; the same for a replay.
  mutating func togglePause() -> [Effect] {
    if case .replay = feed.picture.origin { return [.seek(.toggleRun)] }
    if held == nil {
      held = feed.picture
      held?.origin = .paused
    } else {
      held = nil
    }
    rebuildRows()
    return []
  }
}
