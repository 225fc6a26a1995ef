internal import CellGrid
internal import Glibc

/// How much of a terminal is used. The other end of the terminal reports its size, up to 65,535
/// rows and columns, and curses would keep three pictures with this many cells.
struct TerminalSize: Equatable, Sendable {
  /// Larger than every screen. On a larger terminal the picture is in the upper left corner.
  static let most = Size(columns: 1_000, rows: 500)
  /// The size that curses uses for a terminal that does not report one.
  private static let usual = Size(columns: 80, rows: 24)

  /// Whether curses ignores the terminal's own size now.
  private var isBounded = true

  /// Limits curses, now and at the next change of the size: curses reads these two variables before
  /// it asks the terminal. Otherwise the terminal's own size counts, since shells that export the
  /// variables would fix the size forever.
  ///
  /// The environment is changed only at the start and while a terminal is too large, since other
  /// threads may read it.
  mutating func bound() {
    var size = winsize()
    let isLarge =
      ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
      && (size.ws_row > Self.most.rows || size.ws_col > Self.most.columns)
    if isLarge {
      let rows = size.ws_row == 0 ? Self.usual.rows : min(Int(size.ws_row), Self.most.rows)
      let columns =
        size.ws_col == 0 ? Self.usual.columns : min(Int(size.ws_col), Self.most.columns)
      setenv("LINES", "\(rows)", 1)
      setenv("COLUMNS", "\(columns)", 1)
    } else if isBounded {
      unsetenv("LINES")
      unsetenv("COLUMNS")
    }
    isBounded = isLarge
  }
}
