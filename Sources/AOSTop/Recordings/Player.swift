internal import ClusterModel
internal import Dashboard
internal import ProgramSupport

/// A recording at one of its moments. Times are given to it; it reads the file and nothing else.
struct Player: Sendable {
  private let recording: Recording
  private var lines: RecordingLines
  /// The cluster as it is shown; nil before the first picture was read.
  private var snapshot: ClusterSnapshot?
  /// The time of the last line that counts in the picture.
  private var at: Timestamp
  /// What comes next; nil at the end.
  private var upcoming: (at: Timestamp, line: RecordingLine)?
  /// It runs: since when, and what was shown then.
  private var run: (since: Int64, from: Timestamp)?
  private var faultyLine: Int?
  /// The lines are in the format of this release.
  private var isKnown = true
  private var trend = PlayerTrend()

  /// A step is at least so long.
  private static let stepMilliseconds: Int64 = 1_000

  /// - Throws: `Failure` where no picture of the recording can be read.
  init(_ recording: Recording) throws(Failure) {
    self.recording = recording
    lines = RecordingLines(recording.file)
    at = recording.first
    seek(to: recording.first)
    guard snapshot != nil else {
      throw Failure(
        .wrongInput, "--replay: \(recording.file.path): no picture of a cluster can be read")
    }
  }

  /// The picture to begin with.
  mutating func opening() -> ReplayPicture? { picture(recording.remarks) }

  /// Does what the operator wishes.
  ///
  /// - Parameter now: Monotonic milliseconds.
  mutating func take(_ wish: ReplayWish, at now: Int64) -> ReplayPicture? {
    let before = at
    var note: String?
    switch wish {
    case .back:
      run = nil
      seek(to: at.adding(milliseconds: -Self.stepMilliseconds))
      if at == before { note = "this is the beginning of the recording" }
    case .forth:
      run = nil
      let next = at.adding(milliseconds: Self.stepMilliseconds)
      advance(to: max(next, upcoming?.at ?? next))
    case .time(let time):
      run = nil
      seek(to: time)
      if time < recording.first { note = "the recording begins here" }
    case .end:
      run = nil
      if upcoming != nil { seek(to: Timestamp(milliseconds: .max)) }
    case .toggleRun:
      run = run == nil && upcoming != nil ? (now, at) : nil
    }
    if upcoming == nil, note == nil { note = "this is the end of the recording" }
    var shown = picture(takeFault() ?? note)
    shown?.isStep = wish == .back || wish == .forth
    return shown
  }

  /// Monotonic milliseconds at which the picture becomes another one; nil while it stands still.
  var nextDeadline: Int64? {
    guard let run, let upcoming else { return nil }
    // At most ten pictures a second, and one: the clock goes.
    let due = run.since + upcoming.at.milliseconds(since: run.from)
    let shown = run.since + at.milliseconds(since: run.from)
    return min(max(due, shown + 100), shown + 1_000)
  }

  /// Lets time go on while it runs.
  mutating func advance(at now: Int64) -> ReplayPicture? {
    guard let run else { return nil }
    let due = run.from.adding(milliseconds: max(0, now - run.since))
    advance(to: due)
    if upcoming == nil {
      self.run = nil
      return picture(takeFault() ?? "this is the end of the recording")
    }
    at = max(at, due)
    return picture(takeFault())
  }

  private mutating func picture(_ note: String?) -> ReplayPicture? {
    guard let snapshot else { return nil }
    trend.take(snapshot, until: at)
    return ReplayPicture(
      snapshot: snapshot, at: at, history: trend.shown(snapshot), isRunning: run != nil, note: note)
  }

  private mutating func takeFault() -> String? {
    defer { faultyLine = nil }
    return faultyLine.map { "line \($0) cannot be read and was skipped" }
  }
}

// MARK: - Moving about

extension Player {
  /// Goes to what held at a time; the beginning, where it is before.
  private mutating func seek(to time: Timestamp) {
    defer { faultyLine = nil }
    let wanted = max(time, recording.first)
    let aim = min(wanted, recording.last)
    // What is near ahead is come to by going on.
    let ahead = aim.milliseconds(since: at)
    if snapshot != nil, (0...PlayerTrend.shownMilliseconds).contains(ahead) {
      return advance(to: wanted)
    }
    start(before: startOfReading(for: aim))
    if snapshot == nil, let first = recording.pictures.first {
      start(at: first)
      while snapshot == nil, upcoming != nil { apply() }
    }
    advance(to: wanted)
  }

  /// The time whose picture is to be read first, so that the trend is whole at the end.
  private mutating func startOfReading(for aim: Timestamp) -> Timestamp {
    let newest = recording.pictures.last { $0.at <= aim }
    if let newest, trend.reaches(aim, from: newest.at, ofRecordingFrom: recording.first) {
      trend.cut(after: aim)
      return aim
    }
    trend = PlayerTrend()
    return max(recording.first, aim.adding(milliseconds: -PlayerTrend.readMilliseconds))
  }

  /// A picture that cannot be read is one less: the one before it does as well.
  private mutating func start(before time: Timestamp) {
    for place in recording.pictures.reversed() where place.at <= time {
      start(at: place)
      if snapshot != nil { return }
    }
  }

  private mutating func start(at place: Recording.Place) {
    lines = RecordingLines(recording.file, from: place)
    (snapshot, at, isKnown) = (nil, place.at, true)
    upcoming = readLine()
    if case .snapshot? = upcoming?.line { apply() }
    if let snapshot { trend.take(snapshot, until: at) }
  }

  private mutating func advance(to time: Timestamp) {
    while let upcoming, upcoming.at <= time { apply() }
  }

  /// Takes the upcoming line into the picture, and reads the next one.
  private mutating func apply() {
    guard let upcoming else { return }
    if let snapshot {
      // A recording that begins anew does not hold what was before.
      let isKnown = if case .header = upcoming.line { false } else { true }
      let until = upcoming.at.adding(milliseconds: -1)
      if until >= at { trend.take(snapshot, until: until, isKnown: isKnown) }
    }
    at = upcoming.at
    switch upcoming.line {
    case .snapshot(let whole): snapshot = whole
    case .change(let change): snapshot?.apply(change)
    case .action(let action): snapshot?.append(action)
    case .event(let event): snapshot?.append(event)
    case .header, .other: break
    }
    self.upcoming = readLine()
  }

  private mutating func readLine() -> (Timestamp, RecordingLine)? {
    while let line = lines.next() {
      if RecordingLine.label(of: line.bytes)?.kind == RecordingLine.headerKind {
        isKnown = RecordingLine.hasKnownFormat(line.bytes)
      }
      // What a later release wrote was counted when the file was looked through.
      guard isKnown else { continue }
      guard line.isWhole, let (time, content) = try? RecordingLine.read(line.bytes) else {
        if !line.bytes.isEmpty || !line.isWhole { faultyLine = line.number }
        continue
      }
      return (max(time, at), content)
    }
    return nil
  }
}
