internal import CTerminalGuard
internal import Glibc

/// The output to the terminal. It writes as much as the line takes at once, and the rest when the
/// line takes more.
///
/// Nothing here waits. While a write is incomplete no further picture is sent, so that on a slow
/// line at most one picture is on its way.
final class LineOutput {
  /// The line to the terminal, which never blocks; −1: there is none, and curses writes by itself.
  private let line: Int32
  private var pending: [UInt8] = []
  private var pace = LinePace()

  init() {
    line = terminal_line_open()
  }

  deinit {
    if line >= 0 { terminal_line_close() }
  }

  /// Whether a write is incomplete.
  var isBehind: Bool { !pending.isEmpty }

  /// The descriptor to poll until it takes more; nil while nothing waits.
  var waitingDescriptor: Int32? { isBehind ? line : nil }

  /// When the next picture may be sent, in monotonic milliseconds; nil: not before the line takes
  /// more.
  func dueAt(_ now: Int64) -> Int64? { isBehind ? nil : pace.dueAt(now) }

  /// Sends what curses writes in `draw`, between `begin` and `end`.
  func send(_ begin: [UInt8] = [], _ end: [UInt8] = [], _ draw: () -> Void) {
    guard line >= 0 else {
      write(begin)
      draw()
      write(end)
      return
    }
    terminal_line_begin()
    draw()
    let count = Int(terminal_line_end())
    guard count > 0 else { return }
    var bytes = [UInt8](repeating: 0, count: count)
    let taken = bytes.withUnsafeMutableBytes { terminal_line_take($0.baseAddress, $0.count) }
    pending += begin + bytes.prefix(max(0, taken)) + end
    flush()
  }

  /// Sends bytes past curses, which has sent all of its own output before.
  ///
  /// - Returns: Whether the terminal takes them, now or later.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    if isBehind {
      pending += bytes
      return true
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { return false }
      rest = rest.dropFirst(max(0, count))
    }
    return true
  }

  /// Continues to write as much as the line takes.
  func flush() {
    while !pending.isEmpty {
      let count = pending.withUnsafeBytes { Glibc.write(line, $0.baseAddress, $0.count) }
      let now = Self.monotonicMilliseconds
      if count > 0 {
        pending.removeFirst(count)
        pace.took(count, isAll: pending.isEmpty, at: now)
      } else if errno == EAGAIN {
        return pace.blocked(at: now)
      } else if errno != EINTR {
        return pending = []  // the terminal is gone; `wait` tells
      }
    }
  }

  /// Forgets what was not written, because the whole screen is being left or drawn again.
  func drop() { pending = [] }

  static var monotonicMilliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
