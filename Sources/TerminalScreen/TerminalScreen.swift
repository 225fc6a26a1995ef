package import CellGrid
internal import CNcurses
internal import CTerminalGuard
internal import Glibc

/// Owns the terminal: it exists exactly as long as the alternate screen does.
///
/// It cannot be copied, and no detached task can capture it, so only one thread ever draws. Bind it
/// to a name: `let _ = try TerminalScreen()` would leave the screen at once.
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
  /// Whether everything must be sent again, since the terminal may have changed its size or its
  /// contents.
  private var mustRedraw = false
  /// Whether `poll` has reported input.
  private var expectsInput = false
  private var bounds = TerminalSize()
  /// How many times in a row `poll` reported input and there was none.
  private var emptyReads = 0
  private var isGone = false
  /// Whether the screen was left for a stop and not entered again.
  private var isGivenBack = false

  /// A terminal that reports input this many times without having any is dead.
  private static let mostEmptyReads = 20
  /// The most keys that are read at one time. More stay in the kernel until the next time.
  private static let longestBatch = 1_024

  /// How many milliseconds Esc may still become another key.
  var escapeMilliseconds: Int32 { get_escdelay() }

  /// Takes over the terminal of standard input and output.
  ///
  /// - Parameters:
  ///   - usesColor: False: only attributes, even if the terminal has colours.
  ///   - usesMouse: False: the terminal keeps its mouse.
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
    // Raw: Ctrl-C and Ctrl-Z are ordinary keys, and Ctrl-S does not freeze the screen.
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
    // Curses would read two reports that come together as one; the decoder reads each.
    for start in MouseReports.starts + PasteReports.marks { define_key(start, 0) }
    decoder = KeyDecoder(usesMouse: usesMouse)
    if usesMouse { terminal_guard_mouse() }
    output = LineOutput()
    output.write(Self.modes(isOn: true, usesMouse: usesMouse))
    isSynchronized = SynchronizedOutput.isKnown(to: Self.surroundings)
    clipboard = Clipboard(Self.surroundings)
    painter = CellPainter(usesColor: usesColor, usesDim: type.hasReadableDim)
  }

  /// Opens curses, or reports why it cannot be opened and leaves everything as it was.
  ///
  /// - Returns: The terminal description that is used.
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
    // The terminal of another job is left alone.
    if !isGivenBack, terminal_guard_is_away() == 0 {
      output.write(Self.modes(isOn: false, usesMouse: decoder.usesMouse))
      leave()
    }
    terminal_guard_disarm()
    terminal_signals_ignore()
  }

  /// What is switched on and off besides curses. The guard switches the same off when the process
  /// dies.
  private static func modes(isOn: Bool, usesMouse: Bool) -> [UInt8] {
    let mouse = isOn ? MouseReports.begin : MouseReports.end
    return (isOn ? PasteReports.begin : PasteReports.end) + (usesMouse ? mouse : [])
  }

  /// Leaves curses. If there is no alternate screen, or GNU screen has none (`altscreen`), the
  /// picture stays and the shell continues in its last line, so that line is emptied.
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
  /// The present size of the terminal. It changes only in `keys()`.
  package var size: Size {
    Size(columns: Int(cncurses_columns()), rows: Int(cncurses_rows()))
  }

  /// When the next grid can be shown, in monotonic milliseconds; nil: not before the line has taken
  /// more of the last one, which ends a `wait`. Skip grids until then: the newest one is shown, and
  /// a slow line never has more than it can carry.
  package func nextFrameAt(_ now: Int64) -> Int64? { output.dueAt(now) }

  /// Shows the grid. Only the differences from the last one are sent, in one piece.
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

  /// Sends the whole screen again, after something else has written on it.
  package mutating func redraw() {
    output.drop()
    clearok(cncurses_terminal(), true)
    flush()
  }

  /// Sends one piece. If the terminal can, it shows the piece only when it is complete.
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

  /// Puts the text into the clipboard of the person at the terminal (OSC 52), even over ssh.
  ///
  /// - Returns: Which program got the text.
  @discardableResult
  package func copy(_ text: String) -> ClipboardReach {
    output.write(clipboard.request(text)) ? clipboard.reach : .none
  }

  /// Leaves the screen, stops as Ctrl-Z does in a shell, and enters the screen again afterwards.
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

  /// Restores the modes and the picture after a stop.
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
  /// Why a wait ended.
  package struct Wake: Equatable, Sendable {
    /// Whether the terminal has gone, or a signal asks the program to end.
    package var mustEnd = false
    /// Whether Ctrl-Z came as a signal. (As a key it is in `keys()`.)
    package var mustSuspend = false
  }

  /// Sleeps until there is a key, a signal, or something in one of the descriptors.
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
        // keys() notices a new size. Some terminals garble the picture and keep their size.
        case SIGWINCH: mustRedraw = true
        default: break
        }
      }
    }
    guard goesOn, !wake.mustEnd else { return }
    // After SIGSTOP the shell has set the terminal's modes, and it may still own the terminal.
    if terminal_signals_await_terminal() == 0 { resume() } else { wake.mustEnd = true }
  }

  /// All keys that have come, in order. A new size of the terminal is noticed here. After SIGWINCH
  /// the whole screen is sent again, even if the size is the same.
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
      // After a new size the next picture is drawn as a whole.
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
