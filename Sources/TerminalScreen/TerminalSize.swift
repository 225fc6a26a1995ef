internal import CellGrid
internal import Glibc

/// How much of a terminal is used. Its other end names its size, up to 65,535 rows and columns, and
/// curses would keep three pictures of this many cells.
struct TerminalSize: Equatable, Sendable {
  /// Beyond every screen; a larger terminal has the picture in its upper left corner.
  static let most = Size(columns: 1_000, rows: 500)
  /// Of a terminal that does not say how high or wide it is, as curses takes it.
  private static let usual = Size(columns: 80, rows: 24)

  /// Curses does not ask the terminal now.
  private var isBounded = true

  /// Has curses take no more, now and with the next change of the size: it reads these two
  /// variables before it asks the terminal. Otherwise the terminal's own size counts: shells that
  /// export them would fix it forever.
  ///
  /// The environment is touched at the start and with a terminal too large alone, since other
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
