public import ClusterModel

/// Checks that bytes are one JSON value by RFC 8259, before a decoder reads them.
///
/// Of two members with the same name decoders take the first or the last one, and they ignore what
/// follows the value. So two programs may read the same request differently. A checked text means
/// the same to all: it is UTF-8 without a byte order mark, no object has a name twice, nothing
/// follows the value, and a decoder can represent all numbers.
public struct StrictJSON: Sendable {
  /// The kind of text, for error messages.
  public enum Source: Sendable {
    /// The body of a request: errors name the byte.
    case body
    /// A file that a person writes: errors name the line.
    case file
  }

  /// The names of all members, each once, in the order of the text. Those of an inner object are
  /// `outer.inner`, even within a list.
  public private(set) var names: [String] = []

  private let bytes: [UInt8]
  private let source: Source
  private var place = 0
  private var known: Set<String> = []

  /// - Throws: `InvalidValue` naming the member, `body`, or the line of a file.
  public init(_ bytes: [UInt8], from source: Source = .body) throws(InvalidValue) {
    self.bytes = bytes
    self.source = source
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw broken("begins with a byte order mark") }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw InvalidValue(field: "body", complaint: "is not UTF-8")
    }
    skipSpace()
    try value(in: "", depth: 0)
    skipSpace()
    guard place == bytes.count else { throw broken("continues after its JSON value") }
  }

  // MARK: Values

  private mutating func value(in path: String, depth: Int) throws(InvalidValue) {
    switch next ?? 0 {
    case UInt8(ascii: "{"): try object(in: path, depth: try deeper(depth))
    case UInt8(ascii: "["): try list(in: path, depth: try deeper(depth))
    case UInt8(ascii: "\""): _ = try text()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(in: path)
    default: throw broken("is not valid JSON")
    }
  }

  private func deeper(_ depth: Int) throws(InvalidValue) -> Int {
    guard depth < Limits.jsonDepth else {
      throw broken("is nested deeper than \(Limits.jsonDepth)")
    }
    return depth + 1
  }

  private mutating func object(in path: String, depth: Int) throws(InvalidValue) {
    place += 1
    skipSpace()
    if skip("}") { return }
    var own: Set<String> = []
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw broken("is not valid JSON") }
      let name = try text()
      let full = path.isEmpty ? name : "\(path).\(name)"
      guard own.insert(name).inserted else {
        throw InvalidValue(
          field: OpenName.shown(full),
          complaint: source == .file ? "is given twice, again in line \(line)" : "is given twice")
      }
      if known.insert(full).inserted { names.append(full) }
      skipSpace()
      guard skip(":") else { throw broken("is not valid JSON") }
      skipSpace()
      try value(in: full, depth: depth)
      skipSpace()
    } while skip(",")
    guard skip("}") else { throw broken("is not valid JSON") }
  }

  private mutating func list(in path: String, depth: Int) throws(InvalidValue) {
    place += 1
    skipSpace()
    if skip("]") { return }
    repeat {
      skipSpace()
      try value(in: path, depth: depth)
      skipSpace()
    } while skip(",")
    guard skip("]") else { throw broken("is not valid JSON") }
  }

  // MARK: Numbers and words

  private mutating func number(in path: String) throws(InvalidValue) {
    let start = place
    _ = skip("-")
    if !skip("0") { try digits() }
    if skip(".") { try digits() }
    if skip("e") || skip("E") {
      if !skip("+") { _ = skip("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    guard text.utf8.count <= Limits.jsonNumberCharacters, Double(text)?.isFinite == true else {
      throw InvalidValue(
        field: path.isEmpty ? "body" : OpenName.shown(path), complaint: "is a number out of range")
    }
  }

  private mutating func digits() throws(InvalidValue) {
    let start = place
    while let digit = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) { place += 1 }
    guard place > start else { throw broken("is not valid JSON") }
  }

  private mutating func word(_ word: String) throws(InvalidValue) {
    guard bytes[place...].starts(with: word.utf8) else { throw broken("is not valid JSON") }
    place += word.utf8.count
  }

  // MARK: Text

  /// Reads a string and decodes its escapes.
  private mutating func text() throws(InvalidValue) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        let scalar = try escape()
        text += String(scalar).utf8
      case 0..<0x20: throw broken("holds a control character in a string")
      default: text.append(byte)
      }
    }
    throw broken("ends within a string")
  }

  private static let escapes: [UInt8: Unicode.Scalar] = [
    UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
    UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n",
    UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
  ]

  private mutating func escape() throws(InvalidValue) -> Unicode.Scalar {
    guard let byte = next else { throw broken("ends within a string") }
    place += 1
    if let scalar = Self.escapes[byte] { return scalar }
    guard byte == UInt8(ascii: "u") else { throw broken("holds an unknown escape") }
    let first = try unit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // One half of a surrogate pair is not a character, and decoders treat it differently.
    guard (0xD800..<0xDC00).contains(first), skip("\\"), skip("u") else {
      throw broken("holds half of a surrogate pair")
    }
    let second = try unit()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(
        0x1_0000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
    else { throw broken("holds half of a surrogate pair") }
    return scalar
  }

  /// Reads four hexadecimal digits.
  private mutating func unit() throws(InvalidValue) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw broken("holds an unknown escape")
      }
      value = value << 4 | UInt16(digit)
      place += 1
    }
    return value
  }

  // MARK: Bytes

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      place += 1
    }
  }

  private func broken(_ complaint: String) -> InvalidValue {
    switch source {
    case .body: InvalidValue(field: "body", complaint: "\(complaint) (at byte \(place))")
    case .file: InvalidValue(field: "line \(line)", complaint: complaint)
    }
  }

  /// The line, counted from 1.
  private var line: Int { 1 + bytes[..<min(place, bytes.count)].count { $0 == 0x0A } }
}
