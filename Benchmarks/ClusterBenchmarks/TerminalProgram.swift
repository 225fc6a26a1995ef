internal import Glibc
internal import RealPrograms

/// A program in a terminal, and the screen it has drawn there.
final class TerminalProgram {
  let child: Child
  let meter: Meter
  let startedAt: Int64
  private let terminal: PseudoTerminal
  private(set) var screen = TerminalPicture(
    columns: PseudoTerminal.columns, rows: PseudoTerminal.rows)
  private(set) var byteCount = 0

  /// Whole frames: bursts of output with nothing for some milliseconds after them.
  private(set) var frames: [Frame] = []
  private var frameBytes = 0
  private var lastOutputAt: Int64 = 0
  private var encoder: ReferenceEncoder

  struct Frame {
    var bytes: Int
    /// What a reference encoder takes for the same change of the screen.
    var reference: Int
  }

  /// - Throws: `ProgramFailure`.
  init(_ path: String, _ arguments: [String] = [], in folder: ScratchFolder) throws {
    terminal = try PseudoTerminal()
    encoder = ReferenceEncoder(screen)
    startedAt = SteadyClock.nanoseconds
    child = try Child(path, arguments, in: folder, terminal: terminal)
    meter = Meter(child)
  }

  func forgetFrames() {
    frames = []
    frameBytes = 0
    encoder = ReferenceEncoder(screen)
  }

  /// Presses a key and waits for what it changes.
  ///
  /// - Returns: Nanoseconds until the first output, or nil without any in three seconds.
  func press(_ key: String) -> Int64? {
    let start = SteadyClock.nanoseconds
    terminal.type(key)
    var entry = pollfd(fd: terminal.master, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, 3_000) > 0 else { return nil }
    let end = SteadyClock.nanoseconds
    readOutput()
    return end - start
  }

  /// Waits until the screen is as wanted.
  ///
  /// - Returns: When that was; nil if it is not within the seconds.
  func wait(
    seconds: Double = 40, until condition: (TerminalPicture) -> Bool
  ) -> Int64? {
    let end = SteadyClock.nanoseconds + Int64(seconds * 1e9)
    while !condition(screen) {
      guard SteadyClock.nanoseconds < end else { return nil }
      var entry = pollfd(fd: terminal.master, events: Int16(POLLIN), revents: 0)
      _ = poll(&entry, 1, 100)
      readOutput()
    }
    return lastOutputAt
  }

  /// Reads what programs write for this long, so that none ever waits for its terminal.
  static func attend(_ programs: [TerminalProgram], seconds: Double) {
    let end = SteadyClock.nanoseconds + Int64(seconds * 1e9)
    var entries = programs.map {
      pollfd(fd: $0.terminal.master, events: Int16(POLLIN), revents: 0)
    }
    while true {
      let left = end - SteadyClock.nanoseconds
      guard left > 0 else { return }
      _ = poll(&entries, nfds_t(entries.count), Int32(min(left / 1_000_000 + 1, 10)))
      for program in programs { program.readOutput() }
    }
  }

  /// Time without output after which a frame is whole.
  private static let pauseNanoseconds: Int64 = 8_000_000

  private func readOutput() {
    let bytes = terminal.read()
    let now = SteadyClock.nanoseconds
    if frameBytes > 0, now - lastOutputAt > Self.pauseNanoseconds {
      frames.append(Frame(bytes: frameBytes, reference: encoder.cost(of: screen)))
      frameBytes = 0
    }
    guard !bytes.isEmpty else { return }
    lastOutputAt = now
    frameBytes += bytes.count
    byteCount += bytes.count
    screen.write(bytes)
  }
}
