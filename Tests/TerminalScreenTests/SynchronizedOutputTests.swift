import CellGrid
import Foundation
import Testing

@testable import TerminalScreen

@Suite("Pictures that a terminal shows in one piece")
struct SynchronizedOutputTests {
  @Test(
    "only terminals that are known to take it get the mode, and none behind tmux or screen",
    arguments: [
      (["TERM": "xterm-kitty"], true), (["TERM": "alacritty"], true),
      (["TERM": "foot-extra"], true),
      (["TERM": "xterm-256color"], false), (["TERM": "linux"], false), (["TERM": "vt100"], false),
      (["TERM": "screen"], false), (["TERM": "tmux-256color"], false), ([:], false),
      (["TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"], true),
      (["TERM": "xterm-256color", "TERM_PROGRAM": "tmux"], false),
      (["TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0"], false),
      (["TERM": "alacritty", "STY": "4711.pts-1"], false),
      (["TERM": "vt100", "TERM_PROGRAM": "WezTerm"], false),
    ])
  func terminals(environment: [String: String], isKnown: Bool) {
    #expect(SynchronizedOutput.isKnown(to: environment) == isKnown)
  }

  @Test("each picture is sent between begin and end; an unchanged picture sends nothing")
  func framed() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm")
      for name in ["TMUX", "STY"] { unsetenv(name) }
      setenv("TERM_PROGRAM", "ghostty", 1)
      var screen = try TerminalScreen()
      var grid = Grid(size: screen.size)
      screen.show(grid)
      _ = terminal.output()
      for text in ["one", "two"] {
        grid.put(text, row: 0, column: 0)
        screen.show(grid)
        let output = terminal.output()
        #expect(output.hasPrefix("\u{1B}[?2026h"))
        #expect(output.hasSuffix("\u{1B}[?2026l"))
        #expect(output.contains(text))
        screen.show(grid)
        #expect(terminal.output() == "")
      }
    }
  }

  @Test(
    "elsewhere nothing of it is sent, from the first byte to the last",
    arguments: ["xterm-256color", "screen", "tmux-256color", "linux", "vt100"])
  func elsewhere(type: String) async {
    await #expect(processExitsWith: .success) { [type] in
      let terminal = try Terminal(type: type)
      for name in SynchronizedOutput.variables where name != "TERM" { unsetenv(name) }
      var output = ""
      do {
        var screen = try TerminalScreen()
        screen.show(Grid(size: screen.size))
        screen.redraw()
        output = terminal.output()
      }
      output += terminal.output()
      #expect(!output.isEmpty)
      #expect(!output.contains("2026"))
    }
  }

  @Test("Esc is a key soon: what could still follow is waited for 25 ms, unless told otherwise")
  func escape() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm")
      unsetenv("ESCDELAY")
      var screen = try TerminalScreen()
      #expect(screen.escapeMilliseconds == 25)
      terminal.type("\u{1B}")
      #expect(!screen.wait(for: [], milliseconds: nil).mustEnd)
      #expect(screen.keys() == [.escape])
    }
  }
}
