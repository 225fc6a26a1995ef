import ClusterModel

/// Makes broken inputs of whole ones: bytes are turned, taken out, put in and doubled, and words
/// that parsers stumble over take the place of others.
struct Mutator {
  var random: SplitMix64
  let corpus: [[UInt8]]

  /// What numbers, texts and encodings have gone wrong with before.
  static let words: [String] = [
    "0", "-1", "1", "65535", "65536", "1000000001", "2147483648", "9223372036854775807",
    "-9223372036854775808", "9223372036854775808", "1e400", "-0", "1.5", "1e-7", "0x10",
    "null", "true", "false", "\"\"", "\"x\"", "[]", "{}", "[[]]", "{\"a\":1}", ",", ":", "\"",
    "\\u0000", "\\ud800", "\\u202e", "\u{202E}", "\u{1B}[2J", "\u{7F}", "\u{FEFF}", "\u{2028}",
    "e\u{301}\u{301}\u{301}", "😀", "\r\n", "\r", "\n\n", "\u{0}", ";", "@", "[::1]", "[", "]",
    "%2F", "%zz", "../", "//", "-", ".", "2026-02-30T00:00:00.000Z", "0000-01-01T00:00:00.000Z",
    "9999-12-31T23:59:60.999Z", "2026-01-01T00:00:00+23:59", "data:", "id:", "event:", ": ",
    "aos2,Text,", "Configuration:", "eyJhbGciOiJub25lIn0",
  ]
  /// No text at all, in one encoding or the other.
  static let brokenBytes: [[UInt8]] = [
    [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF, 0xFE], [0xFE, 0xFF],
    [0xEF, 0xBB, 0xBF], [0x80], [0x00, 0xD8],
  ]

  /// The next input: one in sixteen is whole.
  mutating func next() -> [UInt8] {
    guard var bytes = corpus.randomElement(using: &random) else { return [] }
    let steps = [0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 6, 9][Int(random.next() & 15)]
    for _ in 0..<steps { mutate(&bytes) }
    return bytes.count > 1 << 16 ? Array(bytes.prefix(1 << 16)) : bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let place = below(bytes.count + 1)
    switch random.next() % 10 {
    case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.next() & 7)
    case 1 where place < bytes.count: bytes[place] = UInt8(random.next() & 0xFF)
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
    case 3: bytes.removeSubrange(place...)
    case 4:
      let part = bytes[place..<min(bytes.count, place + 1 + below(64))]
      bytes.insert(contentsOf: part, at: below(bytes.count + 1))
    case 5:
      guard let other = corpus.randomElement(using: &random) else { return }
      bytes = Array(bytes[..<place]) + other.suffix(below(other.count + 1))
    case 6: bytes.insert(contentsOf: anyBrokenBytes(), at: place)
    case 7: bytes.insert(contentsOf: anyWord(), at: place)
    default: replaceToken(&bytes, near: place)
    }
  }

  /// A number, a name or a quoted text becomes another.
  private mutating func replaceToken(_ bytes: inout [UInt8], near place: Int) {
    let isInToken: (UInt8) -> Bool = { byte in
      byte > 0x7F || byte == 0x2D || byte == 0x2E || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    guard let start = bytes[place...].firstIndex(where: isInToken) else { return }
    var end = bytes[start...].firstIndex { !isInToken($0) } ?? bytes.endIndex
    var first = start
    // With its quotes, half of the time: another type and not only another text.
    if first > 0, bytes[first - 1] == 0x22, end < bytes.count, bytes[end] == 0x22,
      random.next() & 1 == 0
    {
      first -= 1
      end += 1
    }
    bytes.replaceSubrange(first..<end, with: anyWord())
  }

  private mutating func anyWord() -> [UInt8] {
    Array((Self.words.randomElement(using: &random) ?? "").utf8)
  }

  private mutating func anyBrokenBytes() -> [UInt8] {
    Self.brokenBytes.randomElement(using: &random) ?? []
  }

  private mutating func below(_ count: Int) -> Int {
    count > 0 ? Int(random.next() % UInt64(count)) : 0
  }
}
