import CellGrid
import Testing

@testable import TerminalScreen

@Suite("Keys from what a terminal sends")
struct KeyDecoderTests {
  @Test(
    "what is typed becomes keys",
    arguments: [
      ("q", [.character("q")]), ("é漢", [.character("é"), .character("漢")]),
      ("\u{3}\u{1A}\u{C}", [.control("c"), .control("z"), .control("l")]),
      ("\r\n\t", [.enter, .enter, .tab]), ("\u{7F}\u{8}", [.backspace, .backspace]),
      ("\u{1B}", [.escape]), ("\u{1B}\u{1B}", [.escape, .escape]),
      ("\u{1B}[A\u{1B}[B", [.up, .down]), ("\u{1B}OH\u{1B}OF", [.home, .end]),
      ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]), ("\u{1B}[Z", [.backTab]),
      ("\u{1B}OP\u{1B}[21~", [.function(1), .function(10)]),
      ("\u{1B}[1;5D", [.left]), ("\u{1B}[[B", [.function(2)]), ("\u{1B}OM", [.enter]),
    ] as [(String, [Key])])
  func typed(text: String, keys: [Key]) {
    #expect(decoded(text) == keys)
  }

  @Test(
    "a sequence that nobody knows never ends as letters",
    arguments: ["\u{1B}[99~", "\u{1B}[1;2;3X", "\u{1B}[?1;2c", "\u{1B}[<0;3;4M", "\u{1B}[I"])
  func unknownSequences(text: String) {
    let keys = decoded(text + "q")
    #expect(keys.last == .character("q"))
    #expect(keys.dropLast().allSatisfy { $0 == .enter })
  }

  /// What terminals send that nothing here knows.
  static let unknown = [
    "\u{1B}O5D", "\u{1B}O1;5D", "\u{1B}Od", "\u{1B}D", "\u{1B}y", "\u{1B}é", "\u{1B}[1;2;3X",
    "\u{1B}[" + String(repeating: "1;", count: 90) + "X", "\u{1B}[27;5;68~", "\u{1B}[68;5u",
    "\u{1B}[>1;10;0c", "\u{1B}[?62;4D", "\u{1B}[?2026;2$y",
    "\u{1B}\u{1B}[D", "\u{1B}\u{1B}OD", "\u{1B}\u{1B}D",
    "\u{1B}]11;rgb:DDDD/EEEE/AAAA\u{1B}\\", "\u{1B}]11;rgb:DDDD/EEEE/AAAA\u{7}",
    "\u{1B}P1$r0;1mDEX\u{1B}\\", "\u{1B}_ADEX\u{1B}\\", "\u{1B}^DEX\u{1B}\\",
    "\u{1B}XDEX\u{1B}\\", "\u{1B}(D", "\u{1B}[201~", "\u{1B}[1;5\u{1B}OD", "\u{1B}[1\u{1B}D",
  ]

  @Test(
    "a sequence or a letter with Alt is swallowed whole, unless it is a known key",
    arguments: unknown)
  func swallowed(text: String) {
    let keys = decoded(text)
    #expect(keys.allSatisfy { $0 == .left }, "\(keys)")
  }

  @Test("a sequence that comes in pieces is not letters either", arguments: unknown)
  func pieces(text: String) {
    // What curses hands over late: Esc by itself, then the rest at once.
    guard "[O".contains(text.dropFirst().first ?? " ") else { return }
    let first = [CursesInput.scalar(0x1B)][...]
    let rest = text.dropFirst().unicodeScalars.map { CursesInput.scalar($0.value) }[...]
    #expect(decoded([first, rest]).allSatisfy { [.escape, .left].contains($0) })
  }

  @Test("Esc and then a letter are two keys where they come one after the other")
  func escapeAndLetter() {
    let both = ["\u{1B}", "D"].map { $0.unicodeScalars.map { CursesInput.scalar($0.value) }[...] }
    #expect(decoded(both) == [.escape, .character("D")])
  }

  @Test(
    "what is pasted is one key, whatever is in it",
    arguments: [
      "q", "", "D\r\ry", "a\u{1B}[Bb", "\u{1B}[200~y", "\u{1B}[201", "\u{1B}\u{1B}[", "漢é\t",
    ])
  func pasted(text: String) {
    #expect(decoded("\u{1B}[200~\(text)\u{1B}[201~q") == [.paste(text), .character("q")])
    // In as many pieces as there are characters.
    let pieces = "\u{1B}[200~".unicodeScalars.map { CursesInput.scalar($0.value) }
    let rest = "\(text)\u{1B}[201~".unicodeScalars.map { [CursesInput.scalar($0.value)][...] }
    #expect(decoded([pieces[...]] + rest) == [.paste(text)])
  }

  @Test("a paste is kept up to a length, and its end is seen behind any other")
  func longPaste() {
    let text = String(repeating: "D", count: 100_000)
    let keys = decoded("\u{1B}[200~\(text)\u{1B}[201~q")
    #expect(keys == [.paste(String(text.prefix(PasteBuffer.longest))), .character("q")])
  }

  @Test("a paste whose end is lost is over after a silence, and the keys are keys again")
  func lostEnd() {
    var decoder = KeyDecoder()
    var keys: [Key] = []
    var rest = "[200~ab".unicodeScalars.map { CursesInput.scalar($0.value) }[...]
    decoder.decode(.scalar(0x1B), at: 0, more: { _ in rest.popFirst() }, into: &keys)
    while let input = rest.popFirst() {
      decoder.decode(input, at: 1, more: { _ in nil }, into: &keys)
    }
    let soon = PasteBuffer.patienceMilliseconds
    decoder.decode(.scalar(0x63), at: soon, more: { _ in nil }, into: &keys)
    #expect(keys == [])
    decoder.decode(.scalar(0x71), at: 2 * soon + 1, more: { _ in nil }, into: &keys)
    #expect(keys == [.paste("abc"), .character("q")])
  }

  @Test("Ctrl-C quits in a paste whose end is lost, and not in one that goes on")
  func quitInPaste() {
    for (pause, isKey) in [
      (PasteBuffer.pauseMilliseconds, false), (PasteBuffer.pauseMilliseconds + 1, true),
    ] {
      var decoder = KeyDecoder()
      var keys: [Key] = []
      var rest = "[200~ab".unicodeScalars.map { CursesInput.scalar($0.value) }[...]
      decoder.decode(.scalar(0x1B), at: 0, more: { _ in rest.popFirst() }, into: &keys)
      while let input = rest.popFirst() {
        decoder.decode(input, at: 0, more: { _ in nil }, into: &keys)
      }
      decoder.decode(.scalar(3), at: pause, more: { _ in nil }, into: &keys)
      #expect(keys == (isKey ? [.paste("ab"), .control("c")] : []))
    }
  }

  @Test(
    "what means nothing is skipped", arguments: ["\0", "\u{1C}\u{1F}", "\u{85}", "\u{1B}["])
  func nothing(text: String) {
    #expect(decoded(text) == [])
  }

  @Test("no input of any kind stops the decoder")
  func anything() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let inputs = (0..<20).map { _ -> CursesInput in
        Bool.random(using: &generator)
          ? .scalar(
            [0x1B, 0x5B, 0x4F, 0x3B, .random(in: 0...0x11_0000, using: &generator)]
              .randomElement(using: &generator)!)
          : .code(.random(in: 0...1_000, using: &generator))
      }
      #expect(decoded(inputs).count <= inputs.count)
    }
  }

  private func decoded(_ text: String) -> [Key] {
    decoded(text.unicodeScalars.map { CursesInput.scalar($0.value) })
  }

  private func decoded(_ inputs: [CursesInput]) -> [Key] { decoded([inputs[...]]) }

  /// - Parameter pieces: What is there at once, one piece after the other.
  private func decoded(_ pieces: [ArraySlice<CursesInput>]) -> [Key] {
    var decoder = KeyDecoder()
    var keys: [Key] = []
    for piece in pieces {
      var rest = piece
      while let input = rest.popFirst() {
        decoder.decode(input, at: 0, more: { _ in rest.popFirst() }, into: &keys)
      }
    }
    return keys
  }
}
