/// A text that is searched in many others, ignoring case.
struct SearchedText: Equatable, Sendable {
  private let lowered: String
  private let bytes: [UInt8]
  /// Only the case of ASCII letters can be compared byte by byte.
  private let isASCII: Bool

  init(_ text: String) {
    lowered = text.lowercased()
    bytes = Array(lowered.utf8)
    isASCII = bytes.allSatisfy { $0 < 0x80 }
  }

  /// Whether every text that contains this one contains the other one, too.
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
