internal import CTerminalGuard

/// SIGHUP, SIGINT and SIGTERM for a program without a screen that has something to put in order
/// before it ends. From the signal on it has two seconds for that.
package struct EndSignals: ~Copyable {
  /// Readable once one of them came.
  package let descriptor: Int32

  package init() { descriptor = terminal_signals_watch_end() }

  deinit { terminal_signals_ignore() }
}
