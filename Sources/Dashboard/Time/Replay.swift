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

extension Dashboard {
  var isReplay: Bool { options.replay != nil }

  mutating func take(_ picture: ReplayPicture) {
    history = picture.history
    noteMarks(of: picture)
    replay = picture
    feed.open(options.replay ?? "")
    feed.take(picture.snapshot, at: now)
    if let note = picture.note { say(note) }
    view.heldUntil = nil
    rebuildRows()
  }

  /// Marks come and go by the time of the recording. Who moved in a leap is not known; a step,
  /// however long, shows what is otherwise than in the picture that it was taken from.
  private mutating func noteMarks(of picture: ReplayPicture) {
    let time = picture.at.milliseconds
    if picture.isStep, let before = replay?.snapshot {
      let marks = StepMarks(from: before, to: picture.snapshot, at: time)
      (rankMarks, stateMarks) = (marks.ranks, marks.states)
      return
    }
    let passed = replay.map { picture.at.milliseconds(since: $0.at) } ?? -1
    guard let before = replay?.snapshot, (0...RankMarks.spanMilliseconds).contains(passed) else {
      rankMarks.clear()
      stateMarks = TimedMarks()
      return
    }
    let (old, new) = (before.handshakeList, picture.snapshot.handshakeList)
    rankMarks.note(ListMove.moves(from: old, to: new), from: old, to: new, at: time)
    rankMarks.expire(at: time)
    for instance in picture.snapshot.instances
    where before[instance.id]?.state.name != instance.state.name {
      stateMarks.set(true, instance.id, at: time)
    }
    stateMarks.expire(at: time)
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

  var replayBanner: String? {
    guard let replay, let name = options.replay else { return nil }
    let file = PlainText.cleaned(String(name.suffix(40)))
    let run = replay.isRunning ? "z pauses" : "z runs"
    return " REPLAY \(Format.moment(replay.at)) UTC; [ ] step, b time, 0 end, \(run): \(file) "
  }
}
