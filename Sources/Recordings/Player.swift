internal import ClusterModel
package import Dashboard

/// A recording at one of its moments, which is either a file or the session's own past. Callers
/// pass in the time; it reads only the recording.
package struct Player: Sendable {
  /// The next line.
  private struct Upcoming {
    var at: Timestamp
    var line: RecordingLine
    /// When the feed was lost before it.
    var lostAt: Timestamp?
  }

  /// A position of reading, and the cluster there.
  private struct Checkpoint {
    var lines: RecordingLines
    var snapshot: ClusterSnapshot
    var at: Timestamp
    var upcoming: Upcoming?
    var lostAt: Timestamp?
  }

  private var recording: Recording
  private var lines: RecordingLines
  /// The cluster as shown; nil before the first picture was read.
  private var snapshot: ClusterSnapshot?
  /// The time of the last line that is part of the picture.
  private var at: Timestamp
  /// Nil at the end.
  private var upcoming: Upcoming?
  /// When the feed was lost, before the line that is read next.
  private var lostAt: Timestamp?
  /// While it runs: since when, and the time that was shown then.
  private var run: (since: Int64, from: Timestamp)?
  private var faultyLine: Int?
  /// Whether the lines are in the format of this release.
  private var isKnown = true
  private var trend = PlayerTrend()
  private var hour = PlayerHour()
  /// The longest hour, in bytes, of which every line is read.
  private let mostHourBytes: Int
  /// Whether the lines between two whole pictures are skipped.
  private var readsPicturesAlone = false
  /// A position shortly before the last target. Steps back continue from there, and not from a
  /// whole picture.
  private var checkpoint: Checkpoint?

  private static let checkpointMilliseconds: Int64 = 60_000
  /// The shortest step.
  private static let stepMilliseconds: Int64 = 1_000
  /// Opens a recording at its beginning.
  ///
  /// - Throws: Where no picture of it can be read.
  package init(_ recording: Recording) throws(RecordingFile.Trouble) {
    self.init(following: recording)
    seek(to: recording.first)
    guard snapshot != nil else {
      throw RecordingFile.Trouble("no picture of a cluster can be read")
    }
  }

  /// Opens it without a position. The first command sets one.
  init(following recording: Recording, mostHourBytes: Int = 16 << 20) {
    self.recording = recording
    self.mostHourBytes = mostHourBytes
    lines = RecordingLines(recording.source)
    at = recording.first
  }

  /// The first picture.
  package mutating func opening() -> PastPicture? { picture(recording.remarks) }

  /// Carries out the operator's command.
  ///
  /// - Parameter now: Monotonic milliseconds.
  package mutating func seek(_ wish: Seek, at now: Int64) -> PastPicture? {
    var (isFirst, isStep) = (false, false)
    if wish != .toggleRun { run = nil }
    switch wish {
    case .back(let from):
      let start = from ?? at
      seek(to: start.adding(milliseconds: -Self.stepMilliseconds))
      (isFirst, isStep) = (at >= start, true)
    case .forth(let from):
      if let from { seek(to: from) }
      let next = at.adding(milliseconds: Self.stepMilliseconds)
      advance(to: max(next, upcoming?.at ?? next))
      isStep = true
    case .time(let time):
      seek(to: time)
      isFirst = time < recording.first
    case .end:
      if upcoming != nil || snapshot == nil { seek(to: Timestamp(milliseconds: .max)) }
    case .toggleRun:
      run = run == nil && upcoming != nil ? (now, at) : nil
    }
    var shown = picture(takeFault())
    shown?.isStep = isStep
    shown?.isFirst = isFirst
    shown?.isLast = upcoming == nil
    return shown
  }

  /// Continues with a recording that has grown, and that may have lost its beginning.
  mutating func follow(_ grown: Recording) {
    recording = grown
    let oldest = grown.pictures.first?.offset ?? .max
    if let checkpoint, checkpoint.lines.offset < oldest { self.checkpoint = nil }
    let isKept = oldest <= lines.offset
    guard snapshot != nil else { return }
    if !isKept {
      snapshot = nil
      seek(to: at)
    } else if upcoming == nil {
      upcoming = readLine()
    }
  }

  /// When the picture changes, in monotonic milliseconds; nil while the player is paused.
  package var nextDeadline: Int64? {
    guard let run, let upcoming else { return nil }
    // At most ten pictures a second, and at least one, since the clock moves.
    let due = run.since + upcoming.at.milliseconds(since: run.from)
    let shown = run.since + at.milliseconds(since: run.from)
    return min(max(due, shown + 100), shown + 1_000)
  }

  /// Lets time pass while it runs.
  package mutating func advance(at now: Int64) -> PastPicture? {
    guard let run else { return nil }
    let due = run.from.adding(milliseconds: max(0, now - run.since))
    advance(to: due)
    if upcoming == nil {
      self.run = nil
      var end = picture(takeFault())
      end?.isLast = true
      return end
    }
    at = max(at, due)
    return picture(takeFault())
  }

  private mutating func picture(_ note: String?) -> PastPicture? {
    guard let snapshot else { return nil }
    // To find the last line at that time, later ones were read as well.
    trend.cut(after: at)
    trend.sample(snapshot, until: at)
    hour.note(snapshot, from: at, until: at)
    completeHour()
    return PastPicture(
      snapshot: snapshot, at: at, history: trend.shown(snapshot), trend: hour.trend(until: at),
      isRunning: run != nil, note: note)
  }

  private mutating func takeFault() -> String? {
    defer { faultyLine = nil }
    return faultyLine.map { "line \($0) cannot be read and was skipped" }
  }
}

// MARK: - Moving about

extension Player {
  /// Goes to the state at a time; to the beginning, if the time is before it.
  private mutating func seek(to time: Timestamp) {
    defer { faultyLine = nil }
    let wanted = max(time, recording.first)
    let aim = min(wanted, recording.last)
    // A near target is reached by reading on.
    let ahead = aim.milliseconds(since: at)
    if snapshot != nil, (0...PlayerTrend.shownMilliseconds).contains(ahead) {
      return advance(to: wanted)
    }
    if !resume(for: aim) { start(before: startOfReading(for: aim)) }
    if snapshot == nil, let first = recording.pictures.first {
      start(at: first)
      while snapshot == nil, upcoming != nil { apply() }
    }
    advance(to: aim.adding(milliseconds: -Self.checkpointMilliseconds))
    if let snapshot, isKnown {
      checkpoint = Checkpoint(
        lines: lines, snapshot: snapshot, at: at, upcoming: upcoming, lostAt: lostAt)
    }
    advance(to: wanted)
  }

  /// Goes back to the checkpoint, if reading on from there is enough.
  private mutating func resume(for aim: Timestamp) -> Bool {
    guard let checkpoint, checkpoint.at <= aim,
      aim.milliseconds(since: checkpoint.at) <= PlayerTrend.shownMilliseconds,
      trend.reaches(aim, from: checkpoint.at, ofRecordingFrom: recording.first)
    else { return false }
    trend.cut(after: aim)
    (lines, snapshot, at) = (checkpoint.lines, checkpoint.snapshot, checkpoint.at)
    (upcoming, lostAt, isKnown) = (checkpoint.upcoming, checkpoint.lostAt, true)
    // The checkpoint may have been at the end then.
    if upcoming == nil { upcoming = readLine() }
    return true
  }

  /// The time from which to read, so that the trend is complete at the target.
  private mutating func startOfReading(for aim: Timestamp) -> Timestamp {
    let newest = recording.pictures.last { $0.at <= aim }
    if let newest, trend.reaches(aim, from: newest.at, ofRecordingFrom: recording.first) {
      trend.cut(after: aim)
      return aim
    }
    trend = PlayerTrend()
    return max(recording.first, aim.adding(milliseconds: -PlayerTrend.readMilliseconds))
  }

  /// A picture that cannot be read is skipped: an earlier one works as well.
  private mutating func start(before time: Timestamp) {
    for place in recording.pictures.reversed() where place.at <= time {
      start(at: place)
      if snapshot != nil { return }
    }
  }

  private mutating func start(at place: Recording.Place) {
    lines = RecordingLines(recording.source, from: place)
    (snapshot, at, isKnown, lostAt) = (nil, place.at, true, nil)
    upcoming = readLine()
    if case .snapshot? = upcoming?.line { apply() }
    if let snapshot { trend.sample(snapshot, until: at) }
  }

  private mutating func advance(to time: Timestamp) {
    while let upcoming, upcoming.at <= time { apply() }
  }

  /// Applies the next line to the picture, and reads the one after it.
  private mutating func apply() {
    guard let upcoming else { return }
    if let snapshot { keepTrend(of: snapshot, until: upcoming) }
    at = upcoming.at
    switch upcoming.line {
    case .snapshot(let whole): snapshot = whole
    case .change(let change): snapshot?.apply(change)
    case .action(let action): snapshot?.append(action)
    case .event(let event): snapshot?.append(event)
    case .header, .history, .lost, .other: break
    }
    self.upcoming = readLine()
  }

  /// Adds the values until the next line to the trend, as far as they are known.
  private mutating func keepTrend(of snapshot: ClusterSnapshot, until next: Upcoming) {
    let end = next.at.adding(milliseconds: -1)
    guard end >= at else { return }
    // A recording that begins again does not hold what was before.
    let beginsAgain = if case .header = next.line { true } else { false }
    let known = min(end, max(at, next.lostAt ?? (beginsAgain ? at : end)))
    trend.sample(snapshot, until: known)
    hour.note(snapshot, from: at, until: known)
    guard known < end else { return }
    trend.sample(snapshot, until: end, isKnown: false)
    hour.noteSilence(from: known, until: next.at)
  }

  /// Reads the missing part of the hour before the shown moment. Where that is too much, the whole
  /// pictures in it have to do: each stands for the time until the next.
  private mutating func completeHour() {
    guard let steps = hour.missing(until: at, ofRecordingFrom: recording.first) else { return }
    let (first, last) = PlayerHour.times(of: steps)
    let start = recording.pictures.last { $0.at <= first } ?? recording.pictures.first
    guard let start else { return }
    let end = recording.pictures.last { $0.at <= last } ?? start
    var reader = Player(following: recording)
    reader.hour = hour
    reader.readsPicturesAlone = end.offset - start.offset > mostHourBytes
    reader.start(at: start)
    reader.advance(to: last)
    if let shown = reader.snapshot, let next = reader.upcoming {
      reader.keepTrend(of: shown, until: next)
    }
    hour = reader.hour
    hour.close(steps)
  }

  private mutating func readLine() -> Upcoming? {
    while let line = lines.next() {
      let kind = RecordingLine.label(of: line.bytes)?.kind
      if kind == RecordingLine.headerKind { isKnown = RecordingLine.hasKnownFormat(line.bytes) }
      if readsPicturesAlone, let kind, RecordingLine.isBetweenPictures(kind: kind) { continue }
      // Lines of a later release were counted when the file was scanned.
      guard isKnown else { continue }
      guard line.isWhole, let (time, content) = try? RecordingLine.read(line.bytes) else {
        if !line.bytes.isEmpty || !line.isWhole { faultyLine = line.number }
        continue
      }
      // These make no picture.
      switch content {
      case .lost: lostAt = lostAt ?? max(time, at)
      case .history(let history):
        guard let snapshot else { continue }
        trend.sample(snapshot, until: at)
        trend.fill(from: history)
        hour.fill(from: history)
      default:
        defer { lostAt = nil }
        return Upcoming(at: max(time, at), line: content, lostAt: lostAt)
      }
    }
    return nil
  }
}
