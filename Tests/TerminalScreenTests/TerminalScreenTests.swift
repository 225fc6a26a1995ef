import CellGrid
import Foundation
import Testing

@testable import TerminalScreen

/// Each test runs in a process of its own, whose standard descriptors are a pseudo-terminal.
@Suite("The screen on a terminal")
struct TerminalScreenTests {
  @Test("the terminal is as before when the screen is gone")
  func restores() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm-256color")
      do {
        let screen = try TerminalScreen()
        #expect(!terminal.isCooked)
        #expect(screen.size == Size(columns: 20, rows: 5))
        #expect(terminal.output().contains("\u{1B}[?1049h"))
      }
      #expect(terminal.isCooked)
      #expect(terminal.output().contains("\u{1B}[?1049l"))
    }
  }

  @Test(
    "every kind of terminal gets a picture",
    arguments: ["xterm", "xterm-256color", "screen", "tmux-256color", "linux", "vt100", "vt220"])
  func everyTerminal(type: String) async {
    await #expect(processExitsWith: .success) { [type] in
      let terminal = try Terminal(type: type)
      var screen = try TerminalScreen()
      var grid = Grid(size: screen.size)
      let style = Style(foreground: .green, background: .blue, isBold: true, isDim: true)
      grid.put("AOS01", row: 1, column: 2, style: style)
      screen.show(grid)
      #expect(terminal.output().contains("AOS01"))
    }
  }

  @Test("of a terminal larger than any screen a corner is used, from the start and later")
  func endless() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm", rows: 65_535, columns: 65_535)
      var screen = try TerminalScreen()
      #expect(screen.size == TerminalSize.most)
      for (rows, columns, size) in [
        (30, 90, Size(columns: 90, rows: 30)), (10, 60_000, Size(columns: 1_000, rows: 10)),
        (501, 80, Size(columns: 80, rows: 500)), (5, 20, Size(columns: 20, rows: 5)),
      ] as [(Int, Int, Size)] {
        terminal.resize(rows: rows, columns: columns)
        kill(getpid(), SIGWINCH)
        _ = screen.wait(for: [], milliseconds: nil)
        #expect(screen.keys() == [])
        #expect(screen.size == size)
      }
    }
  }

  @Test("where there is no colour, or none is wanted, none is sent", arguments: [true, false])
  func withoutColor(isWanted: Bool) async {
    await #expect(processExitsWith: .success) { [isWanted] in
      let terminal = try Terminal(type: isWanted ? "vt220" : "xterm")
      var screen = try TerminalScreen(usesColor: isWanted)
      var grid = Grid(size: screen.size)
      grid.put("red", row: 0, column: 0, style: .colored(.red))
      screen.show(grid)
      let output = terminal.output()
      #expect(output.contains("red"))
      #expect(!output.contains("[31m"))
    }
  }

  @Test("only what differs from the last picture is sent")
  func differences() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm")
      var screen = try TerminalScreen()
      var grid = Grid(size: screen.size)
      for row in 0..<5 { grid.put("row \(row) of five", row: row, column: 0) }
      screen.show(grid)
      _ = terminal.output()
      screen.show(grid)
      #expect(terminal.output() == "")
      grid.put("X", row: 3, column: 4)
      screen.show(grid)
      let update = terminal.output()
      #expect(update.contains("X"))
      #expect(update.utf8.count < 16)
      screen.redraw()
      #expect(terminal.output().contains("row 4 of five"))
    }
  }

  @Test("wide characters keep the columns after them in their places")
  func wideCharacters() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm")
      var screen = try TerminalScreen()
      var grid = Grid(size: screen.size)
      grid.put("漢é|e\u{301}|█", row: 0, column: 0)
      screen.show(grid)
      #expect(terminal.output().contains("漢é|e\u{301}|█"))
    }
  }

  @Test("outside of UTF-8 what cannot be shown is a question mark")
  func plainLocale() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm")
      setenv("LC_ALL", "C", 1)
      var screen = try TerminalScreen()
      var grid = Grid(size: screen.size)
      grid.put("漢é|AOS01", row: 0, column: 0)
      screen.show(grid)
      #expect(terminal.output().contains("? ?|AOS01"))
    }
  }

  @Test("a new size of the terminal is taken up, tiny and large again")
  func resize() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm")
      var screen = try TerminalScreen()
      for (rows, columns) in [(1, 1), (2, 3), (60, 200), (24, 80)] {
        terminal.resize(rows: rows, columns: columns)
        kill(getpid(), SIGWINCH)
        #expect(screen.wait(for: [], milliseconds: nil) == TerminalScreen.Wake())
        #expect(screen.keys() == [])
        #expect(screen.size == Size(columns: columns, rows: rows))
        var grid = Grid(size: screen.size)
        grid.put("size \(rows)", row: 0, column: 0)
        screen.show(grid)
        #expect(terminal.output().contains(columns == 1 ? "s" : "siz"))
      }
      // A picture of an older size does no harm.
      screen.show(Grid(size: Size(columns: 500, rows: 500)))
    }
  }

  @Test("SIGWINCH sends the whole picture again, even where the size is the same")
  func redrawOnSizeSignal() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm")
      var screen = try TerminalScreen()
      var grid = Grid(size: screen.size)
      for row in 0..<5 { grid.put("row \(row) of five", row: row, column: 0) }
      screen.show(grid)
      _ = terminal.output()
      for _ in 0..<3 {
        // However often it comes at once, the picture is sent once.
        for _ in 0..<10 { kill(getpid(), SIGWINCH) }
        #expect(screen.wait(for: [], milliseconds: nil) == TerminalScreen.Wake())
        #expect(screen.keys() == [])
        let output = terminal.output()
        for row in 0..<5 { #expect(output.ranges(of: "row \(row) of five").count == 1) }
      }
    }
  }

  @Test(
    "a locale that names UTF-8 and is not installed is UTF-8 all the same",
    arguments: ["LC_ALL", "LC_CTYPE", "LANG"])
  func missingLocale(variable: String) async {
    await #expect(processExitsWith: .success) { [variable] in
      let terminal = try Terminal(type: "xterm")
      for name in ["LC_ALL", "LC_CTYPE", "LANG"] { unsetenv(name) }
      setenv(variable, "xx_YY.utf8", 1)
      #expect(TerminalLocale.adopt())
      var screen = try TerminalScreen()
      var grid = Grid(size: screen.size)
      grid.put("漢é█", row: 0, column: 0)
      screen.show(grid)
      #expect(terminal.output().contains("漢é█"))
    }
  }

  @Test(
    "only a name with UTF-8 in it is taken for UTF-8",
    arguments: [
      ("de_DE.UTF-8", true), ("de_DE.utf8", true), ("sr_RS.UTF-8@latin", true), ("UTF-8", true),
      ("C.utf_8", true), ("de_DE", false), ("de_DE.ISO-8859-1", false), ("C", false), ("", false),
      ("POSIX", false), ("de_DE@UTF-8", false), ("ja_JP.eucJP", false),
    ])
  func localeNames(name: String, isUTF8: Bool) {
    #expect(TerminalLocale.namesUTF8(name) == isUTF8)
  }

  @Test(
    "a signal that asks for the end ends the wait", arguments: [SIGHUP, SIGINT, SIGTERM])
  func signals(signal: Int32) async {
    await #expect(processExitsWith: .success) { [signal] in
      _ = try Terminal(type: "xterm")
      var screen = try TerminalScreen()
      kill(getpid(), signal)
      #expect(screen.wait(for: [], milliseconds: nil).mustEnd)
    }
  }

  @Test("a terminal that is closed ends the wait")
  func hangUp() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm")
      var screen = try TerminalScreen()
      close(terminal.master)
      #expect(screen.wait(for: [], milliseconds: nil).mustEnd)
    }
  }

  @Test("a terminal that takes nothing cannot keep the program from ending")
  func stalled() async {
    await #expect(processExitsWith: .exitCode(128 + SIGTERM)) {
      _ = try Terminal(type: "xterm", rows: 200, columns: 400)
      var screen = try TerminalScreen()
      Thread.detachNewThread { kill(getpid(), SIGTERM) }
      // Nobody reads the other side, so one of these pictures waits forever.
      for round in 0... {
        var grid = Grid(size: screen.size)
        let text = String(repeating: "\(round % 10)", count: 400)
        for row in 0..<200 { grid.put(text, row: row, column: 0) }
        screen.show(grid)
      }
    }
  }

  @Test("without a screen it says why, and changes nothing")
  func unavailable() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm")
      unsetenv("TERM")
      #expect(Self.reasonForNoScreen() == "TERM is not set")
      setenv("TERM", "dumb", 1)
      #expect(Self.reasonForNoScreen() == #"TERM is "dumb", a terminal for text alone"#)
      #expect(terminal.isCooked)
      setenv("TERM", "xterm", 1)
      let null = open("/dev/null", O_RDWR)
      dup2(null, STDIN_FILENO)
      #expect(Self.reasonForNoScreen() == "standard input is not a terminal")
      dup2(null, STDOUT_FILENO)
      #expect(Self.reasonForNoScreen() == "standard output is not a terminal")
    }
  }

  @Test(
    "an unknown terminal is treated as the nearest known one, with a message",
    arguments: [
      ("xterm-nobody", "xterm-256color"), ("alacritty-nobody", "xterm-256color"),
      ("screen.nobody", "screen-256color"), ("linux-nobody", "linux"), ("nonsense", "xterm"),
    ])
  func standIn(type: String, entry: String) async {
    await #expect(processExitsWith: .success) { [type, entry] in
      let terminal = try Terminal(type: type)
      // A folder without any description: those of the system count.
      setenv("TERMINFO", NSTemporaryDirectory(), 1)
      do {
        var screen = try TerminalScreen()
        #expect(screen.notice == "TERM=\(type) is not known here; it is taken for \(entry)")
        var grid = Grid(size: screen.size)
        grid.put("AOS01", row: 1, column: 2)
        screen.show(grid)
        #expect(terminal.output().contains("AOS01"))
      }
      #expect(terminal.isCooked)
      #expect(getenv("TERM").map { String(cString: $0) } == type)
    }
  }

  @Test("a known terminal causes no message")
  func known() async {
    await #expect(processExitsWith: .success) {
      _ = try Terminal(type: "xterm")
      let screen = try TerminalScreen()
      #expect(screen.notice == nil)
    }
  }

  @Test("names of one kind are looked for under the best known of it, then the plainest")
  func entries() {
    #expect(TerminalType(name: "foot").entries == ["foot", "xterm-256color", "xterm", "vt100"])
    #expect(TerminalType(name: "xterm").entries == ["xterm", "xterm-256color", "vt100"])
    #expect(TerminalType(name: "vt420").entries == ["vt420", "vt220", "xterm", "vt100"])
    #expect(TerminalType(name: "other").entries == ["other", "xterm", "vt100"])
  }

  @Test(
    "faint text is sent to every terminal but the Linux console, where it is dark grey",
    arguments: [("xterm", true), ("linux", false), ("linux-16color", false)])
  func dim(type: String, isSent: Bool) async {
    await #expect(processExitsWith: .success) { [type, isSent] in
      let terminal = try Terminal(type: type)
      var screen = try TerminalScreen()
      var grid = Grid(size: screen.size)
      grid.put("faint", row: 0, column: 0, style: Style(isDim: true))
      grid.put("bold", row: 1, column: 0, style: Style(isBold: true, isDim: true))
      screen.show(grid)
      let output = terminal.output()
      #expect(output.contains("faint") && output.contains("bold"))
      let codes = output.split(separator: "\u{1B}").flatMap { part in
        part.hasPrefix("[") && part.contains("m")
          ? part.dropFirst().prefix { $0 != "m" }.split(separator: ";") : []
      }
      #expect(codes.contains("2") == isSent)
      #expect(codes.contains("1"))
    }
  }

  @Test("a colour is an attribute where there is none: a ground of its own becomes bold")
  func groundWithoutColor() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "vt100")
      var screen = try TerminalScreen()
      var grid = Grid(size: screen.size)
      grid.put("full", row: 0, column: 0, style: .warning)
      screen.show(grid)
      let output = terminal.output()
      #expect(output.contains("[1m") || output.contains(";1m"))
      #expect(!output.contains("43"))
    }
  }

  @Test(
    "the shell goes on in an empty line, where there is no other screen as well",
    arguments: ["vt100", "linux", "xterm"])
  func lastLine(type: String) async {
    await #expect(processExitsWith: .success) { [type] in
      let terminal = try Terminal(type: type)
      do {
        var screen = try TerminalScreen()
        var grid = Grid(size: screen.size)
        grid.put("q Quit", row: 4, column: 0)
        screen.show(grid)
        _ = terminal.output()
      }
      let end = terminal.output()
      // From the last line's beginning, to its end; and the cursor ends up there.
      let erased = ["\u{1B}[K", "\u{1B}[J"].contains { end.contains($0) }
      #expect(erased, "\(end.debugDescription)")
      #expect(!end.contains("Quit"))
    }
  }

  private static func reasonForNoScreen() -> String {
    do throws(TerminalScreen.Unavailable) {
      _ = try TerminalScreen()
      return "there is a screen"
    } catch {
      return error.description
    }
  }
}
