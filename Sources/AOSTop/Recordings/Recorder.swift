internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import Glibc
internal import ProgramSupport
internal import Synchronization

/// Keeps the feed in a file, whatever becomes of the file: a full disk or a file that is gone is
/// told, and tried again.
final class Recorder: Sendable {
  private struct State {
    var file: RecordingFile?
    /// The cluster after everything that came.
    var latest: ClusterSnapshot?
    /// A header and a whole picture come next.
    var mustBegin = true
    /// The last line of the file has no end: its writer was killed.
    var isLineOpen: Bool
    /// Bytes that the file has if nobody else touches it. A smaller file was emptied by something
    /// else, perhaps in the middle of a write.
    var size: Int
    /// Bytes since the last whole picture, and its own.
    var bytesSince = 0
    var pictureBytes = 0
    var tryAgainAt: Int64?
    var hasLost = false
    var checkAt: Int64 = 0
  }

  let path: String
  private let state: Mutex<State>

  /// Whole pictures take at most a fifth of a recording, and going back to one costs no more
  /// than reading so much.
  private static let changesPerPicture = 4
  private static let fewestBytesBetweenPictures = 64 << 10
  private static let retryMilliseconds: Int64 = 5_000
  private static let checkMilliseconds: Int64 = 1_000

  /// Opens the file, or makes it. One that holds anything but a recording is left alone.
  ///
  /// - Throws: `Failure` naming the file.
  init(path: String) throws(Failure) {
    // At a limit of the file's size a write is to fail, not to end the program.
    signal(SIGXFSZ, SIG_IGN)
    self.path = path
    do throws(RecordingFile.Trouble) {
      let (file, isLineOpen) = try Self.open(path)
      state = Mutex(State(file: file, isLineOpen: isLineOpen, size: file.size))
    } catch {
      throw Failure(.wrongInput, "--record: \(path): \(error.plainWords)")
    }
  }

  private static func open(
    _ path: String
  ) throws(RecordingFile.Trouble) -> (RecordingFile, isLineOpen: Bool) {
    let file = try RecordingFile.toAppend(path)
    let size = file.isRegular ? file.size : 0
    guard size > 0 else { return (file, false) }
    let start = file.read(at: 0, count: 4_096)
    let first = RecordingLines.content(start.prefix { $0 != UInt8(ascii: "\n") })
    guard case .header(let header)? = try? RecordingLine.read(first).1 else {
      throw RecordingFile.Trouble("it is there already and is no recording; it is left as it is")
    }
    guard header.format == RecordingLine.RecordingHeader.currentFormat else {
      throw RecordingFile.Trouble("it has format \(header.format) and is left as it is")
    }
    return (file, hasOpenLine(file))
  }

  private static func hasOpenLine(_ file: RecordingFile) -> Bool {
    let size = file.size
    return size > 0 && file.read(at: size - 1, count: 1) != [UInt8(ascii: "\n")]
  }

  /// Something was told that is not in the file.
  var hasLost: Bool { state.withLock { $0.hasLost } }

  /// Keeps what a watcher told.
  ///
  /// - Parameter now: Monotonic milliseconds.
  /// - Returns: What is to be said about the file, if anything.
  func take(_ event: WatchEvent, at now: Int64) -> RecordingNotice? {
    state.withLock { state in
      let line: (Timestamp, RecordingLine)
      switch event {
      case .connecting, .connected, .lost: return nil
      case .snapshot(let snapshot):
        // A header tells which balancer speaks from here on.
        if snapshot.balancer.id != state.latest?.balancer.id { state.mustBegin = true }
        state.latest = snapshot
        line = (snapshot.at, .snapshot(snapshot))
      case .change(let change):
        state.latest?.apply(change)
        line = (change.at, .change(change))
      case .action(let action):
        state.latest?.append(action)
        line = (max(action.at, state.latest?.at ?? action.at), .action(action))
      }
      return keep(line, &state, at: now)
    }
  }

  private func keep(
    _ line: (at: Timestamp, RecordingLine), _ state: inout State, at now: Int64
  ) -> RecordingNotice? {
    if let tryAgainAt = state.tryAgainAt, now < tryAgainAt { return nil }
    let wasStopped = state.tryAgainAt != nil
    do throws(RecordingFile.Trouble) {
      let isNew = try reopen(&state, at: now)
      let isEmptied = noticeTruncation(&state)
      try write(line, &state)
      state.tryAgainAt = nil
      if wasStopped { return .running("recording goes on: \(path)") }
      if isNew { return .running("the file was gone; recording goes on in a new one: \(path)") }
      return isEmptied
        ? .running("something emptied the file; recording starts again in it: \(path)") : nil
    } catch {
      state.tryAgainAt = now + Self.retryMilliseconds
      state.hasLost = true
      state.mustBegin = true
      return wasStopped ? nil : .stopped("not recording: \(path): \(error.plainWords)")
    }
  }

  /// Looks after the file now and then, and makes it anew where it is gone.
  private func reopen(
    _ state: inout State, at now: Int64
  ) throws(RecordingFile.Trouble) -> Bool {
    if let file = state.file {
      guard now >= state.checkAt else { return false }
      state.checkAt = now + Self.checkMilliseconds
      if file.isInPlace { return false }
      state.file = nil
    }
    let (file, isLineOpen) = try Self.open(path)
    (state.file, state.isLineOpen, state.mustBegin) = (file, isLineOpen, true)
    state.size = file.size
    return true
  }

  /// A file that is shorter than it was has been emptied, as logrotate does with copytruncate: a
  /// header and a whole picture come next, or nothing of what follows could be read.
  private func noticeTruncation(_ state: inout State) -> Bool {
    guard let file = state.file, file.isRegular, file.size < state.size else { return false }
    (state.mustBegin, state.isLineOpen) = (true, Self.hasOpenLine(file))
    state.size = file.size
    return true
  }

  private func write(
    _ line: (at: Timestamp, RecordingLine), _ state: inout State
  ) throws(RecordingFile.Trouble) {
    guard let file = state.file, let latest = state.latest else { return }
    var bytes = state.isLineOpen ? [UInt8(ascii: "\n")] : []
    let isPictureDue =
      state.bytesSince
      >= max(Self.fewestBytesBetweenPictures, Self.changesPerPicture * state.pictureBytes)
    var picture = 0
    if state.mustBegin {
      let header = RecordingLine.RecordingHeader(
        format: RecordingLine.RecordingHeader.currentFormat, cluster: latest.cluster,
        balancer: latest.balancer.id.text, program: ProgramVersion.current)
      bytes += RecordingLine.header(header).encoded(at: latest.at) ?? []
    }
    // A change needs a picture before it; one that begins holds what the line says.
    let isPicture = if case .snapshot = line.1 { true } else { false }
    if !state.mustBegin, !isPicture { bytes += line.1.encoded(at: line.at) ?? [] }
    if isPicture || state.mustBegin || isPictureDue {
      let encoded = RecordingLine.snapshot(latest).encoded(at: line.at) ?? []
      picture = encoded.count
      bytes += encoded
    }
    try file.append(bytes)
    (state.mustBegin, state.isLineOpen) = (false, false)
    state.size += bytes.count
    state.bytesSince = picture > 0 ? 0 : state.bytesSince + bytes.count
    if picture > 0 { state.pictureBytes = picture }
  }
}
