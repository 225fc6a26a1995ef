/// A text that is looked for in many others, whatever the case of its letters.
struct SearchedText: Equatable, Sendable {
  private let lowered: String
  private let bytes: [UInt8]
  /// Only ASCII letters have another case that is found byte by byte.
  private let isASCII: Bool

  init(_ text: String) {
    lowered = text.lowercased()
    bytes = Array(lowered.utf8)
    isASCII = bytes.allSatisfy { $0 < 0x80 }
  }

  /// Whatever this is found in, the other one is found in as well.
  func holds(_ other: SearchedText) -> Bool { lowered.hasPrefix(other.lowered) }

  func isWhole(_ text: String) -> Bool { text.lowercased() == lowered }

  func isPart(of text: String) -> Bool {
    guard isASCII else { return text.lowercased().contains(lowered) }
    guard let first = bytes.first else { return true }
    var text = text
    return text.withUTF8 { said in
      guard said.count >= bytes.count else { return false }
      for start in 0...(said.count - bytes.count)
      where Self.lowered(said[start]) == first
        && bytes.indices.allSatisfy({ Self.lowered(said[start + $0]) == bytes[$0] })
      {
        return true
      }
      return false
    }
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }
}
