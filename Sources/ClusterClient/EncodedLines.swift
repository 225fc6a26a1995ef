/// The lines of a text file as Windows or anybody else wrote it: UTF-8, or UTF-16 with or without
/// a byte order mark; ended by CRLF, LF or CR.
///
/// A line that breaks the encoding is faulty and its neighbours are not.
struct EncodedLines {
  enum Line: Equatable {
    case text(String)
    case faulty(String)
  }

  let lines: [Line]

  init(_ bytes: [UInt8]) {
    switch bytes.prefix(2) {
    case [0xFF, 0xFE]: lines = Self.wide(bytes.dropFirst(2), isBigEndian: false)
    case [0xFE, 0xFF]: lines = Self.wide(bytes.dropFirst(2), isBigEndian: true)
    case let start where start.count == 2 && start.last == 0 && start.first != 0:
      lines = Self.wide(bytes[...], isBigEndian: false)
    case let start where start.count == 2 && start.first == 0 && start.last != 0:
      lines = Self.wide(bytes[...], isBigEndian: true)
    default:
      let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
      lines = Self.split(body).map { line in
        String(validating: line, as: UTF8.self).map(Line.text) ?? .faulty("is not UTF-8")
      }
    }
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
      String(validating: line, as: UTF16.self).map(Line.text) ?? .faulty("is not UTF-16")
    }
    if !bytes.count.isMultiple(of: 2) {
      lines[lines.count - 1] = .faulty("ends in the middle of a character")
    }
    return lines
  }

  /// Never empty. The end of the last line does not begin another one.
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
