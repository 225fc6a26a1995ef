internal import ClusterModel
internal import Synchronization

/// The past of a session: its feed as a recording with a limit in bytes and in time.
///
/// It consists of halves, each of which begins with a whole picture. When one is full or an hour
/// long, the next one begins and the one before is dropped. So the past reaches back at least an
/// hour, or as far as half of the bytes do.
package final class SessionPast: LineSource {
  private struct Half {
    var store: any PastStore
    /// Where it begins, in all bytes that were ever written.
    var base: Int
    var first: Timestamp
    var bytes = 0
  }

  private struct State {
    var lines = FeedLines()
    /// The halves, oldest first; at most two.
    var halves: [Half] = []
    /// The positions of whole pictures, ascending.
    var pictures: [Recording.Place] = []
    var last = Timestamp(milliseconds: 0)
    /// Whether it has no file.
    var isInMemory = false
    /// Whether the next event begins a half.
    var mustTurn = true
    /// The time before which nothing is tried; monotonic milliseconds.
    var tryAgainAt = Int64.min

    var end: Int { halves.last.map { $0.base + $0.bytes } ?? 0 }
    /// The most bytes of a half.
    var most: Int { (isInMemory ? SessionPast.mostMemoryBytes : SessionPast.mostFileBytes) / 2 }
  }

  /// The most bytes in files, and in memory where no file can be made.
  package static let mostFileBytes = 128 << 20
  package static let mostMemoryBytes = 4 << 20
  private static let halfMilliseconds: Int64 = 3_600_000
  /// A cluster that is too large for a half is not written again with every event.
  private static let retryMilliseconds: Int64 = 60_000

  typealias FileMaker = @Sendable () throws(RecordingFile.Trouble) -> any PastStore

  private let makeFile: FileMaker
  private let state: Mutex<State>

  /// - Parameter folders: The first folder in which a temporary file can be made is used. Without
  ///   one the past is kept in memory.
  package convenience init(folders: [String]) {
    self.init(isInMemory: folders.isEmpty) {
      () throws(RecordingFile.Trouble) -> any PastStore in
      try RecordingFile.temporary(in: folders)
    }
  }

  init(isInMemory: Bool = false, makeFile: @escaping FileMaker) {
    self.makeFile = makeFile
    var state = State()
    // It has no gaps except those of the feed.
    state.lines.hasHeaders = false
    state.lines.mostBytesBetweenPictures = state.most / 4
    if isInMemory { Self.moveToMemory(&state) }
    self.state = Mutex(state)
  }

  private static func moveToMemory(_ state: inout State) {
    state.isInMemory = true
    state.mustTurn = true
    state.lines.mostBytesBetweenPictures = state.most / 4
  }

  /// Keeps an event of the feed.
  ///
  /// - Parameters:
  ///   - text: Its JSON as it was received; nil: it is encoded again.
  ///   - now: Monotonic milliseconds.
  /// - Returns: A message, if there is one.
  package func record(_ told: FollowedFeed.News, text: String? = nil, at now: Int64) -> String? {
    state.withLock { state in
      guard now >= state.tryAgainAt else { return nil }
      do throws(RecordingFile.Trouble) {
        if try !keep(told, text, &state) { state.tryAgainAt = now + Self.retryMilliseconds }
        return nil
      } catch {
        Self.moveToMemory(&state)
        return "you can look back less than an hour: \(error.plainWords)"
      }
    }
  }

  /// - Returns: False where there is no room for a whole picture.
  private func keep(
    _ told: FollowedFeed.News, _ text: String?, _ state: inout State
  ) throws(RecordingFile.Trouble) -> Bool {
    let time = max(told.at, state.last)
    let age = state.halves.last.map { time.milliseconds(since: $0.first) } ?? 0
    if age >= Self.halfMilliseconds { state.mustTurn = true }
    if state.mustTurn { state.lines.mustBegin = true }
    guard var piece = state.lines.piece(for: told, text: text) else { return true }
    let used = state.halves.last?.bytes ?? 0
    if !state.mustTurn, used + piece.bytes.count > state.most {
      state.mustTurn = true
      state.lines.mustBegin = true
      guard let whole = state.lines.piece(for: told, text: text) else { return true }
      piece = whole
    }
    guard piece.bytes.count <= state.most else { return false }
    if state.mustTurn { try turn(&state, at: time) }
    try append(piece, &state, at: time)
    return true
  }

  /// Begins a half, and drops the one before the last.
  private func turn(
    _ state: inout State, at time: Timestamp
  ) throws(RecordingFile.Trouble) {
    let store: any PastStore = try state.isInMemory ? MemoryStore() : makeFile()
    // The last half could not be written at all.
    if state.halves.last?.bytes == 0 { state.halves.removeLast() }
    let base = state.end
    if state.halves.count > 1 { state.halves.removeFirst() }
    state.halves.append(Half(store: store, base: base, first: time))
    state.mustTurn = false
    let oldest = state.halves[0].base
    state.pictures.removeAll { $0.offset < oldest }
  }

  private func append(
    _ piece: FeedLines.Piece, _ state: inout State, at time: Timestamp
  ) throws(RecordingFile.Trouble) {
    guard let half = state.halves.last else { return }
    let end = state.end
    try half.store.append(piece.bytes)
    state.halves[state.halves.count - 1].bytes += piece.bytes.count
    if let picture = piece.picture {
      let offset = end + picture.lowerBound
      state.pictures.append(Recording.Place(offset: offset, line: 1, at: time))
    }
    state.lines.wrote(piece)
    state.last = time
  }
}

extension SessionPast {
  /// What is kept so far; nil where that is nothing.
  package var recording: Recording? {
    state.withLock { state in
      if state.pictures.isEmpty { return nil }
      return Recording(self, pictures: state.pictures, last: state.last)
    }
  }

  /// The number of bytes that are kept.
  package var bytes: Int { state.withLock { $0.halves.reduce(0) { $0 + $1.bytes } } }

  package func read(at offset: Int, count: Int) -> [UInt8] {
    state.withLock { state in
      guard let half = state.halves.last(where: { $0.base <= offset }) else { return [] }
      let rest = half.base + half.bytes - offset
      return rest > 0 ? half.store.read(at: offset - half.base, count: min(count, rest)) : []
    }
  }
}
