internal import Dispatch
internal import Glibc
internal import Synchronization

/// Lines that a separate thread writes, so that no other thread waits for a stopped terminal, a
/// full pipe or a slow disk.
///
/// The queue is bounded. Lines that do not fit or cannot be written are dropped and counted. The
/// count is written as soon as a line can be written again.
package final class OutputQueue: Sendable {
  private struct State {
    var lines: [[UInt8]] = []
    var bytes = 0
    var dropped = 0
    var isWriting = false
    var hasThread = false
    /// Threads that wait until everything is written.
    var waiting: [DispatchSemaphore] = []
  }

  /// The most lines that wait.
  package static let mostLines = 4_096
  /// The most bytes that wait.
  package static let mostBytes = 1 << 20

  private let output: OutputDescriptor
  private let notice: @Sendable (Int) -> String?
  private let state = Mutex(State())
  private let news = DispatchSemaphore(value: 0)

  /// - Parameter notice: Makes the line that reports the number of dropped lines; nil: no such
  ///   line.
  package init(
    _ output: OutputDescriptor, notice: @escaping @Sendable (_ dropped: Int) -> String?
  ) {
    self.output = output
    self.notice = notice
  }

  /// Adds a line. Never waits.
  package func add(_ line: String) {
    let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
    let needsThread = state.withLock { state in
      guard state.lines.count < Self.mostLines, state.bytes + bytes.count <= Self.mostBytes
      else {
        state.dropped += 1
        return false
      }
      state.lines.append(bytes)
      state.bytes += bytes.count
      defer { state.hasThread = true }
      return !state.hasThread
    }
    if needsThread, !OwnThread.start({ [self] in run() }) {
      state.withLock { $0.hasThread = false }
    }
    news.signal()
  }

  /// Waits until everything is written, but no longer than this.
  package func flush(milliseconds: Int) {
    let done = DispatchSemaphore(value: 0)
    let mustWait = state.withLock { state in
      guard state.isWriting || !state.lines.isEmpty else { return false }
      state.waiting.append(done)
      return true
    }
    if mustWait { _ = done.wait(timeout: .now() + .milliseconds(milliseconds)) }
  }

  private func run() {
    while true {
      news.wait()
      writeAll()
    }
  }

  private func writeAll() {
    while let (lines, dropped) = waitingLines() {
      var lost = 0
      for line in lines where !isWritten(line) { lost += 1 }
      // This follows the lines that waited when the first one did not fit.
      let count = dropped + lost
      if count > 0, lost == lines.count || !isWritten(notice(count)) {
        state.withLock { $0.dropped += count }
      }
    }
  }

  /// Everything that waits; nil where nothing does.
  private func waitingLines() -> (lines: [[UInt8]], dropped: Int)? {
    state.withLock { state in
      guard !state.lines.isEmpty else {
        state.isWriting = false
        for done in state.waiting { done.signal() }
        state.waiting = []
        return nil
      }
      defer { (state.lines, state.bytes, state.dropped) = ([], 0, 0) }
      state.isWriting = true
      return (state.lines, state.dropped)
    }
  }

  private func isWritten(_ line: [UInt8]) -> Bool { (try? output.write(line)) != nil }

  private func isWritten(_ line: String?) -> Bool {
    line.map { isWritten(Array("\($0)\n".utf8)) } ?? true
  }
}
