import Foundation
import Testing

@testable import TerminalScreen

@Suite("The clipboard of the person at the terminal")
struct ClipboardTests {
  @Test("the text travels as base64", arguments: ["", "A", "LB1", "AOS1", "AOS01", "Größe"])
  func sequence(text: String) {
    let encoded = Data(text.utf8).base64EncodedString()
    #expect(Clipboard.sequence(text) == Array("\u{1B}]52;c;\(encoded)\u{7}".utf8))
  }

  @Test(
    "a terminal that would print the sequence does not get it",
    arguments: [
      ("xterm-256color", true), ("tmux", true), ("vte-256color", true), ("vt100", false),
      ("linux", false), ("", false),
    ])
  func terminals(name: String, takes: Bool) {
    #expect(Clipboard.isTaken(by: name) == takes)
  }
}
