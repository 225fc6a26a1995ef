internal import Glibc

/// Small files as text.
package enum FileText {
  /// Empty where it cannot be read.
  package static func read(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(file, &part, part.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += part[..<count]
    }
  }

  /// - Throws: `ProgramFailure`.
  package static func write(_ text: String, to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw ProgramFailure(path, errno) }
    defer { close(file) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw ProgramFailure(path, errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// The whole number that follows a label.
  package static func number(after label: String, in text: String) -> Int? {
    guard let place = place(after: label, in: text) else { return nil }
    return Int(text[place...].drop { $0 == " " || $0 == "\t" }.prefix { $0.isNumber })
  }

  /// The word that follows a label.
  package static func word(after label: String, in text: String) -> String? {
    guard let place = place(after: label, in: text) else { return nil }
    return String(text[place...].drop { $0 == " " || $0 == "\t" }.prefix { !$0.isWhitespace })
  }

  private static func place(after label: String, in text: String) -> String.Index? {
    let (text, label) = (text.utf8, label.utf8)
    var start = text.startIndex
    while let first = text[start...].firstIndex(of: label.first ?? 0) {
      if text[first...].starts(with: label) { return text.index(first, offsetBy: label.count) }
      start = text.index(after: first)
    }
    return nil
  }
}

/// What folders hold.
package enum Folder {
  /// What is in it; nothing where it cannot be read.
  package static func names(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.filter { $0 != "." && $0 != ".." }
  }
}
