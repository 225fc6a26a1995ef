/// The sequence with which a terminal is asked to fill its clipboard (OSC 52).
enum Clipboard {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Terminals that would print the sequence.
  private static let without = ["linux", "vt", "ansi", "cons", "dumb", "wsvt", "sun"]

  static func isTaken(by terminal: String) -> Bool {
    !terminal.isEmpty && !without.contains { terminal.hasPrefix($0) && !terminal.hasPrefix("vte") }
  }

  static func sequence(_ text: String) -> [UInt8] {
    Array("\u{1B}]52;c;".utf8) + base64(Array(text.utf8)) + [7]
  }

  private static func base64(_ bytes: [UInt8]) -> [UInt8] {
    var encoded: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = 0
      for place in 0..<3 {
        bits = bits << 8 | (place < group.count ? Int(group[start + place]) : 0)
      }
      for place in 0..<4 {
        encoded.append(
          place <= group.count
            ? digits[bits >> (18 - 6 * place) & 0x3F] : UInt8(ascii: "="))
      }
    }
    return encoded
  }
}
