internal import CTerminalGuard

/// Receives SIGHUP, SIGINT and SIGTERM for a program without a screen that must finish something
/// before it ends. It has two seconds for that after the signal.
package struct EndSignals: ~Copyable {
  /// Readable after one of the signals came.
  package let descriptor: Int32

  package init() { descriptor = terminal_signals_watch_end() }

  deinit { terminal_signals_ignore() }
}
