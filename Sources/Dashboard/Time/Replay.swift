internal import ClusterModel

/// The state of the recording of the feed.
package enum RecordingNotice: Equatable, Sendable {
  case running(String)
  case stopped(String)
}

extension Feed {
  /// Takes a picture of a recording. Marks follow the time of the recording. After a jump the moved
  /// servers are not known; a step, however long, marks the differences from the picture where it
  /// began.
  mutating func receive(_ replay: PastPicture) {
    let (before, time) = (picture.snapshot, replay.at.milliseconds)
    let passed = time - picture.now
    picture.origin = .replay(isRunning: replay.isRunning)
    picture.snapshot = replay.snapshot
    (picture.heardAt, picture.now) = (replay.snapshot.at.milliseconds, time)
    (picture.history, picture.trend) = (replay.history, replay.trend)
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

  mutating func replay(_ replay: PastPicture) {
    feed.beLive(at: options.replay ?? "")
    feed.receive(replay)
    if let words = replay.note ?? replay.words { say(words) }
    view.heldUntil = nil
    rebuildRows()
  }

  mutating func receive(_ notice: RecordingNotice) {
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
    let run = isRunning ? "z pauses" : "z plays"
    return " REPLAY \(Format.moment(picture.clock)) UTC; [ ] step, b time, 0 end, \(run): \(file) "
  }
}

extension PastPicture {
  /// The position in the recording, if it is worth mentioning.
  fileprivate var words: String? {
    if isFirst {
      return isStep ? "this is the beginning of the recording" : "the recording begins here"
    }
    return isLast ? "this is the end of the recording" : nil
  }
}
