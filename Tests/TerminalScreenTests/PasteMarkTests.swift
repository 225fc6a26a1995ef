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
    "a paste ends where its mark stands, whatever bytes are before it",
    arguments: [
      [0x80], [0x9B], [0xFF], [0xC3], [0xE2, 0x80], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80],
      Array(1...31), [0, 0x7F], Array("\u{1B}[20".utf8), Array("\u{1B}]0;".utf8),
    ] as [[UInt8]])
  func anyBytes(bytes: [UInt8]) async {
    await #expect(processExitsWith: .success) { [bytes] in
      let terminal = try Terminal(type: "xterm-256color")
      var screen = try TerminalScreen()
      screen.show(Grid(size: screen.size))
      terminal.type(Array("\u{1B}[200~ab".utf8) + bytes + Array("\u{1B}[201~q".utf8))
      var keys: [Key] = []
      while keys.last != .character("q") {
        #expect(!screen.wait(for: [], milliseconds: nil).mustEnd)
        keys += screen.keys()
      }
      #expect(keys.count == 2)
      guard case .paste(let text)? = keys.first else { return #expect(Bool(false), "\(keys)") }
      #expect(text.hasPrefix("ab"))
    }
  }

  @Test("bytes that are not text take no key with them", arguments: [0x80, 0xC3, 0xFF] as [UInt8])
  func keysBehind(byte: UInt8) async {
    await #expect(processExitsWith: .success) { [byte] in
      let terminal = try Terminal(type: "xterm-256color")
      var screen = try TerminalScreen()
      screen.show(Grid(size: screen.size))
      terminal.type([byte] + Array("wq".utf8))
      var keys: [Key] = []
      while keys.last != .character("q") {
        #expect(!screen.wait(for: [], milliseconds: nil).mustEnd)
        keys += screen.keys()
      }
      #expect(keys == [.character("\u{FFFD}"), .character("w"), .character("q")])
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
