package import ClusterModel

/// A picture of a recording.
package struct ReplayPicture: Equatable, Sendable {
  package var snapshot: ClusterSnapshot
  /// The time that is looked at; the snapshot held then.
  package var at: Timestamp
  /// What the recording holds of the minutes before.
  package var history: LoadHistory
  /// It goes on by itself, at the speed of then.
  package var isRunning: Bool
  /// A step from the picture before it, rather than time that went by or a leap.
  package var isStep: Bool
  /// Something to say to the operator.
  package var note: String?

  package init(
    snapshot: ClusterSnapshot, at: Timestamp, history: LoadHistory = LoadHistory(),
    isRunning: Bool = false, isStep: Bool = false, note: String? = nil
  ) {
    self.snapshot = snapshot
    self.at = at
    self.history = history
    self.isRunning = isRunning
    self.isStep = isStep
    self.note = note
  }
}

/// What an operator wants of a recording.
package enum ReplayWish: Equatable, Sendable {
  case back, forth
  case time(Timestamp)
  case end
  /// Run or stand still.
  case toggleRun
}

/// How the keeping of the feed fares.
package enum RecordingNotice: Equatable, Sendable {
  case running(String)
  case stopped(String)
}

extension Feed {
  /// Takes a picture of a recording in. Marks come and go by the time of the recording. Who moved
  /// in a leap is not known; a step, however long, shows what is otherwise than in the picture that
  /// it was taken from.
  mutating func take(_ replay: ReplayPicture) {
    let (before, time) = (picture.snapshot, replay.at.milliseconds)
    let passed = time - picture.now
    picture.origin = .replay(isRunning: replay.isRunning)
    picture.snapshot = replay.snapshot
    (picture.heardAt, picture.now) = (replay.snapshot.at.milliseconds, time)
    picture.history = replay.history
    let isRun = (0...RankMarks.spanMilliseconds).contains(passed)
    if replay.isStep || !isRun { picture.clearMarks() }
    guard let before, replay.isStep || isRun else { return }
    picture.mark(since: before, at: time)
    if !replay.isStep { picture.expireMarks() }
  }
}

extension Dashboard {
  var isReplay: Bool {
    if case .replay = feed.picture.origin { true } else { false }
  }

  mutating func take(_ replay: ReplayPicture) {
    feed.open(options.replay ?? "")
    feed.take(replay)
    if let note = replay.note { say(note) }
    view.heldUntil = nil
    rebuildRows()
  }

  mutating func take(_ notice: RecordingNotice) {
    switch notice {
    case .running(let words):
      isRecordingStopped = false
      say(words, .good)
    case .stopped(let words):
      isRecordingStopped = true
      say(words, .bad)
    }
  }

  /// The line that says that this is a recording.
  func replayBanner(isRunning: Bool) -> String {
    let file = PlainText.cleaned(String((options.replay ?? "").suffix(40)))
    let run = isRunning ? "z pauses" : "z runs"
    return " REPLAY \(Format.moment(picture.clock)) UTC; [ ] step, b time, 0 end, \(run): \(file) "
  }
}
