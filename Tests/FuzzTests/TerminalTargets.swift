import CellGrid

@testable import TerminalScreen

extension FuzzTarget {
  /// What a terminal sends.
  static func terminals() -> [FuzzTarget] {
    let texts = [
      "qDy\r\t", "\u{1B}[A\u{1B}OP\u{1B}[5~", "\u{1B}[<0;3;4M", "\u{1B}]11;rgb:D/E/X\u{7}y",
      "\u{1B}P1$r0m\u{1B}\\", "\u{1B}[200~AOS01\r\ny\u{1B}[201~", "\u{1B}O5D", "\u{1B}\u{1B}[1;5D",
    ]
    return [
      FuzzTarget(name: "terminal input", corpus: texts.map { Array($0.utf8) }) { bytes in
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
        let keys = decoded(scalars)
        try promise(keys.count <= scalars.count, "there are more keys than characters")
        let end = PasteReports.marks[1].unicodeScalars.map(\.value)
        guard !scalars.contains(end) else { return !keys.isEmpty }
        // Whatever is pasted, it is one key, and what comes after it is a key again.
        let start = PasteReports.marks[0].unicodeScalars.map(\.value)
        let pasted = decoded(start + scalars + end + [0x71])
        guard case .paste? = pasted.first, pasted.count == 2, pasted[1] == .character("q") else {
          throw BrokenPromise("a paste became keys: \(pasted)")
        }
        return !keys.isEmpty
      }
    ]
  }

  private static func decoded(_ scalars: [UInt32]) -> [Key] {
    var rest = scalars.map(CursesInput.scalar)[...]
    var decoder = KeyDecoder(usesMouse: true)
    var keys: [Key] = []
    while let input = rest.popFirst() {
      decoder.decode(input, at: 0, more: { _ in rest.popFirst() }, into: &keys)
    }
    return keys
  }
}
