import CellGrid
import Foundation
import Testing

@testable import TerminalScreen

@Suite("The clipboard of the person at the terminal")
struct ClipboardTests {
  @Test("the text travels as base64", arguments: ["", "A", "LB1", "AOS1", "AOS01", "Größe"])
  func sequence(text: String) {
    let encoded = Data(text.utf8).base64EncodedString()
    let request = Clipboard(["TERM": "xterm-256color"]).request(text)
    #expect(request == Array("\u{1B}]52;c;\(encoded)\u{7}".utf8))
  }

  @Test(
    "a terminal that would print the request does not get it",
    arguments: ["vt100", "vt220", "linux", "linux-16color", "screen.linux", "dumb", ""])
  func without(name: String) {
    let clipboard = Clipboard(["TERM": name, "TMUX": "/tmp/x", "STY": "1.pts"])
    #expect(clipboard.reach == .none)
    #expect(clipboard.request("AOS01").isEmpty)
  }

  /// What is sent for `A`, in both forms.
  private static let plain = "\u{1B}]52;c;QQ==\u{7}"
  private static let wrapped = "\u{1B}P\u{1B}]52;c;QQ==\u{7}\u{1B}\\"

  @Test(
    "tmux gets the plain form, GNU screen a wrapped one, and where both may be there both are sent",
    arguments: [
      (["TERM": "xterm-256color"], plain), (["TERM": "vte-256color"], plain),
      (["TERM": "tmux-256color", "TMUX": "/tmp/x"], plain),
      (["TERM": "screen", "TMUX": "/tmp/x"], plain),
      (["TERM": "screen.xterm-256color", "STY": "1.pts"], wrapped),
      (["TERM": "screen", "STY": "1.pts"], wrapped),
      // Over ssh, and one within the other.
      (["TERM": "screen-256color"], plain + wrapped),
      (["TERM": "screen", "TMUX": "/tmp/x", "STY": "1.pts"], plain + wrapped),
      // Another terminal that was opened from within screen, or screen with a name of its own.
      (["TERM": "xterm", "STY": "1.pts"], plain + wrapped),
    ])
  func between(environment: [String: String], sent: String) {
    let clipboard = Clipboard(environment)
    #expect(String(decoding: clipboard.request("A"), as: UTF8.self) == sent)
    #expect(clipboard.reach == (environment["TMUX"] == nil ? .terminal : .tmux))
  }

  @Test("what GNU screen would cut off goes in pieces that it puts together")
  func pieces() {
    let text = String(repeating: "AOS01 ", count: 400)
    let request = Clipboard(["TERM": "screen", "STY": "1.pts"]).request(text)
    let pieces = String(decoding: request, as: UTF8.self).components(separatedBy: "\u{1B}\\")
    #expect(pieces.last == "")
    #expect(pieces.dropLast().allSatisfy { $0.hasPrefix("\u{1B}P") && $0.utf8.count < 768 })
    let together = pieces.dropLast().map { $0.dropFirst(2) }.joined()
    #expect(together == "\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{7}")
  }
}
