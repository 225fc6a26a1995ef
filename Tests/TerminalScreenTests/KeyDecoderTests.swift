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
      ("\u{1B}[1;5D", [.left]), ("\u{1B}O", [.escape, .character("O")]),
      ("\u{1B}j", [.escape, .character("j")]),
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

  @Test("what means nothing is passed over", arguments: ["\0", "\u{1C}\u{1F}", "\u{85}", "\u{1B}["])
  func nothing(text: String) {
    #expect(decoded(text) == [])
  }

  @Test("no input of any kind stops the decoder")
  func anything() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let inputs = (0..<20).map { _ -> CursesInput in
        Bool.random(using: &generator)
          ? .scalar([0x1B, 0x5B, 0x4F, 0x3B, .random(in: 0...0x11_0000, using: &generator)]
            .randomElement(using: &generator)!)
          : .code(.random(in: 0...1_000, using: &generator))
      }
      #expect(decoded(inputs).count <= inputs.count)
    }
  }

  private func decoded(_ text: String) -> [Key] {
    decoded(text.unicodeScalars.map { CursesInput.scalar($0.value) })
  }

  private func decoded(_ inputs: [CursesInput]) -> [Key] {
    var rest = inputs[...]
    let decoder = KeyDecoder()
    var keys: [Key] = []
    while let input = rest.popFirst() {
      decoder.decode(input, more: { _ in rest.popFirst() }, into: &keys)
    }
    return keys
  }
}
