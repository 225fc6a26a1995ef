import CellGrid
import Foundation
import Testing

@testable import TerminalScreen

/// Each test runs in a process of its own, whose standard descriptors are a pseudo-terminal.
@Suite("Pastes are marked by the terminal")
struct PasteMarkTests {
  @Test(
    "marks are asked for at the beginning, and no more at the end",
    arguments: ["xterm", "vt100", "linux", "screen"])
  func modes(type: String) async {
    await #expect(processExitsWith: .success) { [type] in
      let terminal = try Terminal(type: type)
      do {
        let screen = try TerminalScreen()
        #expect(screen.size.rows == 5)
        let begun = terminal.output()
        #expect(begun.contains("\u{1B}[?2004h") && !begun.contains("\u{1B}[?2004l"))
      }
      let ended = terminal.output()
      #expect(ended.contains("\u{1B}[?2004l") && !ended.contains("\u{1B}[?2004h"))
    }
  }

  @Test("a paste is one key, through curses as well")
  func keys() async {
    await #expect(processExitsWith: .success) {
      let terminal = try Terminal(type: "xterm-256color")
      var screen = try TerminalScreen()
      screen.show(Grid(size: screen.size))
      let text = "D\r\ry é漢\u{1B}[A AOS01"
      terminal.type("\u{1B}[200~\(text)\u{1B}[201~q")
      var keys: [Key] = []
      while keys.last != .character("q") {
        #expect(!screen.wait(for: [], milliseconds: nil).mustEnd)
        keys += screen.keys()
      }
      #expect(keys.count == 2)
      guard case .paste(let pasted)? = keys.first else { return }
      #expect(pasted.hasPrefix("D\r\ry é漢") && pasted.hasSuffix(" AOS01"))
    }
  }

  @Test(
    "no sequence that curses passes on becomes a letter",
    arguments: [
      "\u{1B}O5D", "\u{1B}D", "\u{1B}[1;5D", "\u{1B}[D", "\u{1B}OD", "\u{1B}]11;rgb:D/E/X\u{7}",
      "\u{1B}[27;5;68~", "\u{1B}\u{1B}[D",
    ])
  func sequences(text: String) async {
    await #expect(processExitsWith: .success) { [text] in
      let terminal = try Terminal(type: "xterm-256color")
      var screen = try TerminalScreen()
      screen.show(Grid(size: screen.size))
      terminal.type(text)
      #expect(!screen.wait(for: [], milliseconds: nil).mustEnd)
      var keys = screen.keys()
      terminal.type("q")
      while keys.last != .character("q") {
        #expect(!screen.wait(for: [], milliseconds: nil).mustEnd)
        keys += screen.keys()
      }
      #expect(keys.dropLast().allSatisfy { $0 == .left || $0 == .escape }, "\(keys)")
    }
  }
}
