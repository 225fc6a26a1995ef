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
        terminal.resize(rows: UInt16(rows), columns: UInt16(columns))
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
      // Nobody reads the other side, so one of these pictures waits for ever.
      for round in 0... {
        var grid = Grid(size: screen.size)
        let text = String(repeating: "\(round % 10)", count: 400)
        for row in 0..<200 { grid.put(text, row: row, column: 0) }
        screen.show(grid)
      }
    }
  }

  @Test("where there is no screen the reason is said, and nothing is changed")
  func unavailable() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "nonsense")
      #expect(Self.reasonForNoScreen() == #"the terminal type of TERM is not known: "nonsense""#)
      unsetenv("TERM")
      #expect(Self.reasonForNoScreen() == "TERM is not set")
      setenv("TERM", "dumb", 1)
      #expect(Self.reasonForNoScreen() == "the terminal cannot place its cursor")
      #expect(terminal.isCooked)
      setenv("TERM", "xterm", 1)
      let null = open("/dev/null", O_RDWR)
      dup2(null, STDIN_FILENO)
      #expect(Self.reasonForNoScreen() == "standard input is no terminal")
      dup2(null, STDOUT_FILENO)
      #expect(Self.reasonForNoScreen() == "standard output is no terminal")
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
