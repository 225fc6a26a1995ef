internal import ClusterModel
internal import Glibc
internal import Logging
internal import ProgramSupport
internal import ServiceSupport

/// Standard output and standard error of a daemon. They never block the daemon: separate threads
/// write its lines while it runs.
enum DaemonOutput {
  private static let output = OutputQueue(.standardOutput) { _ in nil }
  private static let errors = OutputQueue(.standardError) { dropped in
    LineLogHandler.forThisProcess().line(
      .warning, "Log lines were dropped because nobody read them in time",
      ["lines": "\(dropped)"], at: SystemClock.now)
  }

  /// How long the end of the program waits for a reader, in milliseconds.
  private static let patience = 1_000

  /// Writes a line to standard error.
  static func log(_ text: String) { errors.add(PlainText.cleaned(text)) }

  /// Writes a line to standard output.
  static func line(_ text: String) { output.add(PlainText.cleaned(text)) }

  /// Gives the readers of both a last chance, but no more: a stopped terminal must not keep a
  /// daemon from ending.
  static func finish() {
    output.flush(milliseconds: patience)
    errors.flush(milliseconds: patience)
  }
}
