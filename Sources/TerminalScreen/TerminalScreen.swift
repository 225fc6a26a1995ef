package import CellGrid
internal import CNcurses
internal import CTerminalGuard
internal import Glibc

/// Owns the terminal: exists exactly as long as the alternate screen does.
///
/// It cannot be copied, and no detached task can capture it, so only one thread ever draws.
/// Bind it to a name: `let _ = try TerminalScreen()` gives the terminal back at once.
package struct TerminalScreen: ~Copyable {
  /// Why there is no screen.
  package struct Unavailable: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
  }

  private var shown: Grid?
  private var painter: CellPainter
  private var decoder: KeyDecoder
  private var reader = CursesReader()
  private let signals: Int32
  private let isSynchronized: Bool
  private let output: LineOutput
  private let clipboard: Clipboard
  /// Something about the terminal that its operator should know; nil: nothing.
  package let notice: String?
  /// The terminal may have changed its size, or what it shows: all of it is sent again.
  private var mustRedraw = false
  /// `poll` has said that there is something to read.
  private var expectsInput = false
  private var bounds = TerminalSize()
  /// Reads in a row for which `poll` promised something and nothing came.
  private var emptyReads = 0
  private var isGone = false
  /// The terminal was given back for a stop, and not taken again.
  private var isGivenBack = false

  /// A terminal that says so often that there is something to read, and has nothing, is dead.
  private static let mostEmptyReads = 20
  /// Keys of one batch. More stay in the kernel until the next one.
  private static let longestBatch = 1_024

  /// Milliseconds for which Esc may still become another key.
  var escapeMilliseconds: Int32 { get_escdelay() }

  /// Takes the terminal that standard input and output are.
  ///
  /// - Parameters:
  ///   - usesColor: False: attributes alone, whatever the terminal can do.
  ///   - usesMouse: False: the mouse stays the terminal's, as it was.
  package init(usesColor: Bool = true, usesMouse: Bool = false) throws(Unavailable) {
    TerminalLocale.adopt()
    signals = terminal_signals_watch()
    let type = TerminalType(name: Self.surroundings["TERM"] ?? "")
    bounds.bound()
    do throws(Unavailable) {
      let entry = try Self.open(type)
      notice =
        entry == type.name
        ? nil : "TERM=\(type.name) is not known here; it is taken for \(entry)"
    } catch {
      terminal_signals_ignore()
      throw error
    }
    terminal_signals_watch_size()
    // Raw: Ctrl-C and Ctrl-Z are keys like others, and Ctrl-S does not freeze the screen.
    raw()
    noecho()
    nonl()
    intrflush(cncurses_window(), false)
    keypad(cncurses_window(), true)
    nodelay(cncurses_window(), true)
    leaveok(cncurses_window(), true)
    typeahead(-1)  // whole frames, even while keys come
    if getenv("ESCDELAY") == nil { set_escdelay(25) }
    curs_set(0)  // may fail; then the cursor stays to be seen
    // Curses would take two reports that come together for one; the decoder reads each.
    for start in MouseReports.starts + PasteReports.marks { define_key(start, 0) }
    decoder = KeyDecoder(usesMouse: usesMouse)
    if usesMouse { terminal_guard_mouse() }
    output = LineOutput()
    output.write(Self.modes(isOn: true, usesMouse: usesMouse))
    isSynchronized = SynchronizedOutput.isKnown(to: Self.surroundings)
    clipboard = Clipboard(Self.surroundings)
    painter = CellPainter(usesColor: usesColor, usesDim: type.hasReadableDim)
  }

  /// Opens curses, or says why it cannot be opened, with everything as it was.
  ///
  /// - Returns: The description of the terminal that is gone by.
  private static func open(_ type: TerminalType) throws(Unavailable) -> String {
    guard isatty(STDOUT_FILENO) == 1 else {
      throw Unavailable(description: "standard output is not a terminal")
    }
    switch terminal_guard_arm() {
    case 0: break
    case -1: throw Unavailable(description: "standard input is not a terminal")
    default: throw Unavailable(description: "standard error cannot be held back")
    }
    let name = type.name.debugDescription
    var reason =
      type.name.isEmpty ? "TERM is not set" : "TERM is \(name), a terminal for text alone"
    if !type.name.isEmpty, !type.isText {
      if let entry = type.entries.first(where: { cncurses_open($0) != nil }) {
        if isCapable("cup") { return entry }
        endwin()
        reason = "the terminal of TERM \(name) cannot place its cursor"
      } else {
        reason = "the terminal type of TERM is not known: \(name)"
      }
    }
    terminal_guard_disarm()
    throw Unavailable(description: reason)
  }

  private static func isCapable(_ capability: String) -> Bool {
    guard let text = tigetstr(capability) else { return false }
    return Int(bitPattern: text) != -1
  }

  deinit {
    terminal_signals_leaving()
    output.drop()
    // Another job's terminal is left alone.
    if !isGivenBack, terminal_guard_is_away() == 0 {
      output.write(Self.modes(isOn: false, usesMouse: decoder.usesMouse))
      leave()
    }
    terminal_guard_disarm()
    terminal_signals_ignore()
  }

  /// What is switched on and off beside curses. The guard switches the same off when the
  /// process dies.
  private static func modes(isOn: Bool, usesMouse: Bool) -> [UInt8] {
    let mouse = isOn ? MouseReports.begin : MouseReports.end
    return (isOn ? PasteReports.begin : PasteReports.end) + (usesMouse ? mouse : [])
  }

  /// Leaves curses. Where there is no alternate screen, or none is wanted (GNU screen without
  /// `altscreen`), the picture stays and the shell goes on in its last line, so that is emptied.
  private borrowing func leave() {
    wmove(cncurses_window(), Int32(cncurses_rows()) - 1, 0)
    wclrtoeol(cncurses_window())
    wnoutrefresh(cncurses_window())
    doupdate()
    endwin()
  }
}

@available(*, unavailable) extension TerminalScreen: Sendable {}

// MARK: - Showing

extension TerminalScreen {
  /// What the terminal holds now. It changes in `keys()` alone.
  package var size: Size {
    Size(columns: Int(cncurses_columns()), rows: Int(cncurses_rows()))
  }

  /// Monotonic milliseconds at which the next grid can be shown; nil: not before the line has
  /// taken more of the last one, which ends a `wait`. Until then grids should be skipped: the
  /// newest is shown, and no line that is slow has more than it can carry.
  package func nextFrameAt(_ now: Int64) -> Int64? { output.dueAt(now) }

  /// Shows the grid. Only what differs from the last one is sent, in one piece.
  package mutating func show(_ grid: Grid) {
    if let shown, shown.size == grid.size {
      var isOther = false
      for row in 0..<grid.size.rows {
        let columns = grid.columns(ofRow: row, otherThanIn: shown)
        if columns.isEmpty { continue }
        painter.paint(grid.row(row), columns, row: row)
        isOther = true
      }
      guard isOther else { return }
    } else {
      werase(cncurses_window())
      for row in 0..<grid.size.rows { painter.paint(grid.row(row), row: row) }
    }
    shown = grid
    flush()
  }

  /// Sends the whole screen again, for when something else has written on it.
  package mutating func redraw() {
    output.drop()
    clearok(cncurses_terminal(), true)
    flush()
  }

  /// One piece; where the terminal can, it shows the piece only when all of it is there.
  private func flush() {
    guard !isGivenBack else { return }
    wnoutrefresh(cncurses_window())
    let marks = SynchronizedOutput.self
    output.send(isSynchronized ? marks.begin : [], isSynchronized ? marks.end : []) { doupdate() }
  }

  private static var surroundings: [String: String] {
    var values: [String: String] = [:]
    for name in Set(SynchronizedOutput.variables + Clipboard.variables) {
      if let value = getenv(name) { values[name] = String(cString: value) }
    }
    return values
  }

  package func bell() {
    if !isGivenBack { output.send { beep() } }
  }

  /// Puts the text into the clipboard of the person at the terminal (OSC 52), over ssh as well.
  ///
  /// - Returns: Who was given it.
  @discardableResult
  package func copy(_ text: String) -> ClipboardReach {
    output.write(clipboard.request(text)) ? clipboard.reach : .none
  }

  /// Gives the terminal back, stops as Ctrl-Z does in a shell, and takes it again afterwards.
  package mutating func suspend() {
    output.drop()
    output.write(Self.modes(isOn: false, usesMouse: decoder.usesMouse))
    leave()
    terminal_guard_disarm()
    terminal_signals_stop()
    guard terminal_signals_await_terminal() == 0, terminal_guard_arm() == 0 else {
      (isGone, isGivenBack) = (true, true)
      return
    }
    resume()
  }

  /// Takes the modes and the picture up again after a stop.
  private mutating func resume() {
    reset_prog_mode()
    curs_set(0)
    output.drop()
    output.write(Self.modes(isOn: true, usesMouse: decoder.usesMouse))
    terminal_signals_check_size()  // it may have changed meanwhile
    if let shown, shown.size.rows > 0 {
      let last = shown.size.rows - 1  // it was emptied for the shell
      painter.paint(shown.row(last), row: last)
    }
    redraw()
  }
}

// MARK: - Waiting

extension TerminalScreen {
  /// What ended a wait.
  package struct Wake: Equatable, Sendable {
    /// The terminal is gone, or a signal asks the program to end.
    package var mustEnd = false
    /// Ctrl-Z came as a signal. (As a key it is one of `keys()`.)
    package var mustSuspend = false
  }

  /// Sleeps until there is a key, a signal or something in one of the descriptors.
  ///
  /// - Parameter milliseconds: The longest sleep; nil: forever.
  package mutating func wait(for descriptors: [Int32], milliseconds: Int64?) -> Wake {
    var wanted = ([STDIN_FILENO, signals] + descriptors).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    if let line = output.waitingDescriptor {
      wanted.append(pollfd(fd: line, events: Int16(POLLOUT), revents: 0))
    }
    let limit = milliseconds.map { Int32(clamping: max(0, $0)) } ?? -1
    var wake = Wake(mustEnd: isGone)
    guard !isGone, poll(&wanted, nfds_t(wanted.count), limit) > 0 else { return wake }
    if wanted[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { wake.mustEnd = true }
    if wanted[1].revents != 0 { takeSignals(&wake) }
    if output.isBehind { output.flush() }
    if wanted[0].revents & Int16(POLLIN) != 0 { expectsInput = true }
    return wake
  }

  private mutating func takeSignals(_ wake: inout Wake) {
    var bytes = [UInt8](repeating: 0, count: 64)
    var goesOn = false
    while true {
      let count = read(signals, &bytes, bytes.count)
      guard count > 0 else { break }
      for signal in bytes[..<count].map(Int32.init) {
        switch signal {
        case SIGHUP, SIGINT, SIGTERM: wake.mustEnd = true
        case SIGTSTP: wake.mustSuspend = true
        case SIGCONT: goesOn = true
        // A new size shows itself in keys(); some terminals garble the picture without one.
        case SIGWINCH: mustRedraw = true
        default: break
        }
      }
    }
    guard goesOn, !wake.mustEnd else { return }
    // After SIGSTOP the modes are as the shell has them, and it may have them still.
    if terminal_signals_await_terminal() == 0 { resume() } else { wake.mustEnd = true }
  }

  /// Every key that has come, in order. A new size of the terminal is taken up here. After
  /// SIGWINCH the whole screen is sent again, even where the size is the same.
  package mutating func keys() -> [Key] {
    guard !isGivenBack else { return [] }
    let expected = expectsInput
    expectsInput = false
    var keys: [Key] = []
    var reads = 0
    let before = size
    bounds.bound()
    var reader = reader
    defer { self.reader = reader }
    while keys.count < Self.longestBatch, let input = reader.next() {
      reads += 1
      decoder.decode(
        input, at: LineOutput.monotonicMilliseconds, more: { reader.next(within: $0) },
        into: &keys)
    }
    if mustRedraw {
      mustRedraw = false
      // With a new size the next picture is drawn whole.
      if size == before { redraw() } else { clearok(cncurses_terminal(), true) }
    }
    if reads > 0 {
      emptyReads = 0
    } else if expected {
      emptyReads += 1
      var modes = termios()
      if emptyReads >= Self.mostEmptyReads || tcgetattr(STDIN_FILENO, &modes) != 0 {
        isGone = true
      }
    }
    return keys
  }
}
