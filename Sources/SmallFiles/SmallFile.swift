internal import Glibc

/// A small text file that a person or a tool wrote: a token, a key, a license, a certificate,
/// settings.
///
/// Tools of Windows put a byte order mark in front, end lines in CRLF, or write UTF-16; all of that
/// is read. What is no text is refused with its line.
package struct SmallFile: Equatable, Sendable {
  /// Why a file cannot be used: a sentence that begins with its path. It never repeats what the
  /// file holds.
  package struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
  }

  /// The path of standard input.
  package static let standardInput = "-"

  package let path: String
  /// In UTF-8, without a byte order mark.
  package let text: String

  /// Reads a file to its end.
  ///
  /// - Parameters:
  ///   - limit: Most bytes. No more than one beyond them is read, whatever the file is.
  ///   - isSecret: A file that everybody on the machine can read is refused. A warning would be
  ///     read once, and the secret would stay open. A group may share one.
  ///   - takesInput: `-` is standard input.
  package init(
    _ path: String, atMost limit: Int, isSecret: Bool = false, takesInput: Bool = false
  ) throws(Fault) {
    let bytes = try Self.bytes(
      of: path, atMost: limit, isSecret: isSecret, takesInput: takesInput)
    try self.init(bytes, path: path, atMost: limit)
  }

  /// Takes what a file holds.
  package init(_ bytes: [UInt8], path: String, atMost limit: Int) throws(Fault) {
    guard bytes.count <= limit else {
      throw Fault(description: "\(path) is longer than \(limit) bytes")
    }
    self.path = path
    text = try Self.text(bytes, path)
  }

  /// The one word that the file holds, without the blanks and line ends around it.
  package func word() throws(Fault) -> String {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 1 else {
      throw Fault(description: "\(path): must hold one word and nothing else")
    }
    return String(words[0])
  }

  /// The bytes of a file, one more than allowed where it is longer.
  package static func bytes(
    of path: String, atMost limit: Int, isSecret: Bool = false, takesInput: Bool = false
  ) throws(Fault) -> [UInt8] {
    let isInput = takesInput && path == standardInput
    let descriptor = isInput ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemFault(path) }
    defer { close(descriptor) }
    if isSecret { try refuseOpen(descriptor, path) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(limit + 1, 65_536))
    while bytes.count <= limit {
      let count = read(descriptor, &chunk, min(chunk.count, limit + 1 - bytes.count))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw systemFault(path) }
      if count == 0 { break }
      bytes += chunk.prefix(count)
    }
    return bytes
  }

  private static func refuseOpen(_ descriptor: Int32, _ path: String) throws(Fault) {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw systemFault(path) }
    guard info.st_mode & 0o007 == 0 else {
      throw Fault(
        description: "\(path) is open to everybody on this machine; chmod 600 \(path)")
    }
  }

  private static func systemFault(_ path: String) -> Fault {
    Fault(description: "cannot read \(path): \(String(cString: strerror(errno)))")
  }
}

// MARK: - Characters

extension SmallFile {
  private static func text(_ bytes: [UInt8], _ path: String) throws(Fault) -> String {
    switch bytes.prefix(2) {
    case [0xFF, 0xFE]: return try wide(bytes.dropFirst(2), isBigEndian: false, path)
    case [0xFE, 0xFF]: return try wide(bytes.dropFirst(2), isBigEndian: true, path)
    default: break
    }
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    if let text = String(validating: body, as: UTF8.self) { return text }
    // Only a line that breaks the rule by itself is named, so lines are looked at one by one.
    let lines = body.split(separator: 10, omittingEmptySubsequences: false)
    let place = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw Fault(description: "\(path): line \(place + 1) is not UTF-8")
  }

  private static func wide(
    _ bytes: ArraySlice<UInt8>, isBigEndian: Bool, _ path: String
  ) throws(Fault) -> String {
    var units: [UInt16] = []
    var rest = bytes
    while let first = rest.popFirst(), let second = rest.popFirst() {
      let (high, low) = isBigEndian ? (first, second) : (second, first)
      units.append(UInt16(high) << 8 | UInt16(low))
    }
    guard bytes.count.isMultiple(of: 2), let text = String(validating: units, as: UTF16.self)
    else { throw Fault(description: "\(path) is not UTF-16, as its byte order mark says") }
    return text
  }
}
