internal import ClusterModel
package import Dashboard
internal import Synchronization

/// Writes the feed into a file, whatever happens to the file. A full disk or a deleted file is
/// reported, and writing is tried again.
package final class Recorder: Sendable {
  private struct State {
    var file: RecordingFile?
    var lines = FeedLines()
    /// Whether the last line of the file has no end, because its writer was killed.
    var isLineOpen: Bool
    /// The size of the file if nobody else writes to it. A smaller file was emptied by another
    /// program, perhaps in the middle of a write.
    var size: Int
    var tryAgainAt: Int64?
    var hasLost = false
    var checkAt: Int64 = 0
  }

  package let path: String
  private let state: Mutex<State>

  private static let retryMilliseconds: Int64 = 5_000
  private static let checkMilliseconds: Int64 = 1_000

  /// Opens the file or makes it. A file that is not a recording is not touched.
  package init(path: String) throws(RecordingFile.Trouble) {
    RecordingFile.ignoreLimit()
    self.path = path
    let (file, isLineOpen) = try Self.open(path)
    state = Mutex(State(file: file, isLineOpen: isLineOpen, size: file.size))
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
      throw RecordingFile.Trouble("the file exists and is not a recording; it is not changed")
    }
    guard header.format == RecordingLine.RecordingHeader.currentFormat else {
      throw RecordingFile.Trouble("it has format \(header.format) and is not changed")
    }
    return (file, hasOpenLine(file))
  }

  private static func hasOpenLine(_ file: RecordingFile) -> Bool {
    let size = file.size
    return size > 0 && file.read(at: size - 1, count: 1) != [UInt8(ascii: "\n")]
  }

  /// Whether an event is missing in the file.
  package var hasLost: Bool { state.withLock { $0.hasLost } }

  /// Records an event of the feed.
  ///
  /// - Parameters:
  ///   - text: Its JSON as it was received; nil: it is encoded again.
  ///   - now: Monotonic milliseconds.
  /// - Returns: A message about the file, if there is one.
  package func record(
    _ told: FollowedFeed.News, text: String? = nil, at now: Int64
  ) -> RecordingNotice? {
    state.withLock { state in
      if let tryAgainAt = state.tryAgainAt, now < tryAgainAt { return nil }
      return keep(told, text, &state, at: now)
    }
  }

  private func keep(
    _ told: FollowedFeed.News, _ text: String?, _ state: inout State,
    at now: Int64
  ) -> RecordingNotice? {
    let wasStopped = state.tryAgainAt != nil
    do throws(RecordingFile.Trouble) {
      let isNew = try reopen(&state, at: now)
      let isEmptied = noticeTruncation(&state)
      if let piece = state.lines.piece(for: told, text: text) { try write(piece, &state) }
      state.tryAgainAt = nil
      if wasStopped { return .running("recording goes on: \(path)") }
      if isNew { return .running("the file was gone; recording goes on in a new one: \(path)") }
      return isEmptied
        ? .running("something emptied the file; recording starts again in it: \(path)") : nil
    } catch {
      state.tryAgainAt = now + Self.retryMilliseconds
      state.hasLost = true
      state.lines.mustBegin = true
      return wasStopped ? nil : .stopped("not recording: \(path): \(error.plainWords)")
    }
  }

  /// Checks the file from time to time, and makes it again if it was deleted.
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
    (state.file, state.isLineOpen, state.lines.mustBegin) = (file, isLineOpen, true)
    state.size = file.size
    return true
  }

  /// A file that became shorter was emptied, as logrotate does with copytruncate. A header and a
  /// whole picture must come next, or the following lines could not be read.
  private func noticeTruncation(_ state: inout State) -> Bool {
    guard let file = state.file, file.isRegular, file.size < state.size else { return false }
    (state.lines.mustBegin, state.isLineOpen) = (true, Self.hasOpenLine(file))
    state.size = file.size
    return true
  }

  private func write(
    _ piece: FeedLines.Piece, _ state: inout State
  ) throws(RecordingFile.Trouble) {
    guard let file = state.file else { return }
    let bytes = (state.isLineOpen ? [UInt8(ascii: "\n")] : []) + piece.bytes
    try file.append(bytes)
    state.lines.wrote(piece)
    state.isLineOpen = false
    state.size += bytes.count
  }
}
