/// The lines of a text file in any usual form: UTF-8, or UTF-16 with or without a byte order mark,
/// and ended by CRLF, LF or CR.
///
/// A line with a wrong encoding has a complaint, and is read as well as possible.
struct EncodedLines {
  struct Line: Equatable {
    /// The line without its end, and without a byte order mark in front, which an appended file
    /// has.
    var text: String
    /// What is wrong with its characters; nil where nothing is wrong.
    var complaint: String?
  }

  let lines: [Line]

  init(_ bytes: [UInt8]) {
    let bytes = Self.withoutEndMark(bytes)
    switch bytes.prefix(2) {
    case [0xFF, 0xFE]: lines = Self.wide(bytes.dropFirst(2), isBigEndian: false)
    case [0xFE, 0xFF]: lines = Self.wide(bytes.dropFirst(2), isBigEndian: true)
    case let start where start.count == 2 && start.last == 0 && start.first != 0:
      lines = Self.wide(bytes[...], isBigEndian: false)
    case let start where start.count == 2 && start.first == 0 && start.last != 0:
      lines = Self.wide(bytes[...], isBigEndian: true)
    default: lines = Self.split(bytes[...]).map(Self.line)
    }
  }

  /// Old tools of DOS end a text with Ctrl-Z, and some fill the rest of the file with zeros.
  private static func withoutEndMark(_ bytes: [UInt8]) -> [UInt8] {
    let end = bytes.lastIndex { $0 != 0 } ?? 0
    guard bytes.count > 1, bytes[end] == 0x1A else { return bytes }
    if bytes.starts(with: [0xFE, 0xFF]) || bytes[0] == 0 {
      return bytes[end - 1] == 0 ? Array(bytes[..<(end - 1)]) : bytes
    }
    // In UTF-16 the second byte of a character belongs to the same character.
    let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes[1] == 0
    return isWide && !end.isMultiple(of: 2) ? bytes : Array(bytes[..<end])
  }

  private static func line(_ bytes: ArraySlice<UInt8>) -> Line {
    if let text = String(validating: bytes, as: UTF8.self) { return Line(withoutMark(text), nil) }
    return Line(withoutMark(WindowsText.text(bytes)), "is not UTF-8")
  }

  private static func wide(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> [Line] {
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var rest = bytes
    while let first = rest.popFirst(), let second = rest.popFirst() {
      units.append(
        isBigEndian
          ? UInt16(first) << 8 | UInt16(second) : UInt16(second) << 8 | UInt16(first))
    }
    var lines = split(units[...]).map { line in
      let complaint = String(validating: line, as: UTF16.self) == nil ? "is not UTF-16" : nil
      return Line(withoutMark(String(decoding: line, as: UTF16.self)), complaint)
    }
    if !bytes.count.isMultiple(of: 2) {
      lines[lines.count - 1].complaint = "ends in the middle of a character"
    }
    return lines
  }

  private static func withoutMark(_ text: String) -> String {
    text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
  }

  /// The lines; never empty. The end of the last line does not begin another line.
  private static func split<Unit: FixedWidthInteger>(
    _ units: ArraySlice<Unit>
  ) -> [ArraySlice<Unit>] {
    var lines: [ArraySlice<Unit>] = []
    var start = units.startIndex
    var place = start
    while place < units.endIndex {
      let unit = units[place]
      guard unit == 10 || unit == 13 else {
        place += 1
        continue
      }
      lines.append(units[start..<place])
      let next = place + 1
      place = unit == 13 && next < units.endIndex && units[next] == 10 ? next + 1 : next
      start = place
    }
    if start < units.endIndex || lines.isEmpty { lines.append(units[start...]) }
    return lines
  }
}

extension EncodedLines.Line {
  fileprivate init(_ text: String, _ complaint: String?) {
    (self.text, self.complaint) = (text, complaint)
  }
}

/// Text in the Windows code page for western Europe, number 1252.
enum WindowsText {
  /// The code points of the bytes 0x80 to 0x9F; 0xFFFD where the code page has none (the table of
  /// unicode.org, CP1252.TXT). All other bytes are as in Latin-1.
  private static let special: [UInt32] = [
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
  ]

  static func text(_ bytes: some Sequence<UInt8>) -> String {
    var scalars = String.UnicodeScalarView()
    for byte in bytes {
      let value = (0x80...0x9F).contains(byte) ? special[Int(byte) - 0x80] : UInt32(byte)
      scalars.append(Unicode.Scalar(value) ?? "\u{FFFD}")
    }
    return String(scalars)
  }
}
