import CellGrid
import Foundation
import Testing

@testable import TerminalScreen

/// Each test runs in a process of its own, whose standard descriptors are a pseudo-terminal.
@Suite("The mouse is the terminal's unless it is asked for")
struct MouseTests {
  /// Every sequence with which a terminal is asked for its mouse, or to leave it.
  static let modes = ["[?9", "[?1000", "[?1002", "[?1003", "[?1005", "[?1006", "[?1015"]

  @Test("without the option no mouse sequence is sent, from the first byte to the last")
  func untouched() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm-256color")
      var output = ""
      do {
        var screen = try TerminalScreen()
        screen.show(Grid(size: screen.size))
        screen.redraw()
        output = terminal.output()
      }
      output += terminal.output()
      #expect(output.contains("\u{1B}[?1049h") && output.contains("\u{1B}[?1049l"))
      for mode in MouseTests.modes { #expect(!output.contains("\u{1B}\(mode)"), "\(mode)") }
    }
  }

  /// All keys up to `q`.
  private static func keys(of screen: inout TerminalScreen) -> [Key] {
    var keys: [Key] = []
    while keys.last != .character("q") {
      #expect(!screen.wait(for: [], milliseconds: nil).mustEnd)
      keys += screen.keys()
    }
    return keys
  }

  @Test("with it clicks and the wheel are keys with a place, and it is given back")
  func keys() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm-256color")
      do {
        var screen = try TerminalScreen(usesMouse: true)
        screen.show(Grid(size: screen.size))
        let begun = terminal.output()
        #expect(begun.contains("\u{1B}[?1000;1006h"))
        terminal.type("\u{1B}[<0;3;2M\u{1B}[<0;3;2m\u{1B}[<64;20;5M\u{1B}[<65;1;1Mq")
        #expect(
          Self.keys(of: &screen) == [
            .mouse(Mouse(.click, row: 1, column: 2)), .mouse(Mouse(.wheelUp, row: 4, column: 19)),
            .mouse(Mouse(.wheelDown, row: 0, column: 0)), .character("q"),
          ])
      }
      let ended = terminal.output()
      #expect(ended.contains("\u{1B}[?1006;1000l"))
    }
  }

  @Test(
    "a click outside of any screen does nothing",
    arguments: [
      "\u{1B}[<0;-9223372036854775808;1M", "\u{1B}[<0;1;-9223372036854775808M",
      "\u{1B}[<0;9223372036854775807;1M", "\u{1B}[<-9223372036854775808;0;0M",
      "\u{1B}[<0;99999999999999999999;1M", "\u{1B}[<0;32768;1M",
    ])
  func nowhere(report: String) async {
    await #expect(processExitsWith: .success) { [report] in
      let terminal = try Terminal(type: "xterm-256color")
      var screen = try TerminalScreen(usesMouse: true)
      terminal.type(report + "q")
      #expect(Self.keys(of: &screen) == [.character("q")])
    }
  }

  @Test("it is given back by a crash, too, and only where it was taken", arguments: [true, false])
  func crash(usesMouse: Bool) async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [usesMouse] in
      let terminal = try Terminal(type: "xterm-256color")
      try Witness.start(terminal)
      let screen = try TerminalScreen(usesMouse: usesMouse)
      let none = [Int]()
      print(none[screen.size.rows])
    }
    let error = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(Witness.sawOrder(error))
    #expect(error.contains("\u{1B}[?1000l") == usesMouse)
    #expect(error.contains("\u{1B}[?1006l") == usesMouse)
  }

  @Test(
    "a mouse that something else left on does not type",
    arguments: [
      "\u{1B}[<0;68;12M", "\u{1B}[M DA", "\u{1B}[M`XE", "\u{1B}[<65;1;1M",
    ])
  func foreign(report: String) async {
    await #expect(processExitsWith: .success) { [report] in
      let terminal = try Terminal(type: "vt100")
      var screen = try TerminalScreen()
      terminal.type(report + "q")
      #expect(Self.keys(of: &screen) == [.character("q")])
    }
  }
}
