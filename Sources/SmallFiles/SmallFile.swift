package import ClusterModel
internal import Glibc

/// A small text file that a person or a tool wrote: a token, a key, a license, a certificate,
/// settings.
///
/// It is opened once, and the open file is checked and read. Windows tools put a byte order mark in
/// front, end lines with CRLF or write UTF-16; all of that can be read. Anything that is not text
/// is refused with its line.
///
/// The complaint of every `InvalidValue` thrown here is a sentence that begins with the path, or
/// with what cannot be done with it. It never repeats the contents of the file.
package struct SmallFile: Equatable, Sendable {
  /// The path that stands for standard input.
  package static let standardInput = "-"

  package let path: String
  /// The text in UTF-8, without a byte order mark.
  package let text: String
  private let field: String

  /// Checks a file and reads it to its end.
  ///
  /// - Parameters:
  ///   - kind: Its purpose, which decides who may have written it; nil: not checked.
  ///   - field: The option that names it, for messages.
  ///   - limit: The most bytes. At most one more is read, whatever the file is.
  ///   - takesInput: Whether `-` stands for standard input.
  package init(
    _ path: String, as kind: GuardedFile? = nil, field: String, atMost limit: Int,
    takesInput: Bool = false
  ) throws(InvalidValue) {
    let bytes = try Self.bytes(
      of: path, as: kind, field: field, atMost: limit, takesInput: takesInput)
    try self.init(bytes, path: path, field: field, atMost: limit)
  }

  /// Reads the contents of a file.
  package init(
    _ bytes: [UInt8], path: String, field: String, atMost limit: Int
  ) throws(InvalidValue) {
    guard bytes.count <= limit else {
      throw InvalidValue(field: field, complaint: "\(path) is longer than \(limit) bytes")
    }
    self.path = path
    self.field = field
    do throws(NoText) { text = try Self.text(bytes) } catch {
      throw InvalidValue(field: field, complaint: path + error.words)
    }
  }

  /// The only word of the file, without the blanks and line ends around it.
  package func word() throws(InvalidValue) -> String {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 1 else {
      throw InvalidValue(field: field, complaint: "\(path): must hold one word and nothing else")
    }
    return String(words[0])
  }

  /// How long a pipe such as a shell's `<(command)` may take until its first byte.
  private static let pipeMilliseconds: Int32 = 5_000

  /// The bytes of a file; one more than allowed if it is longer.
  package static func bytes(
    of path: String, as kind: GuardedFile? = nil, field: String, atMost limit: Int,
    takesInput: Bool = false
  ) throws(InvalidValue) -> [UInt8] {
    func systemFault() -> InvalidValue {
      InvalidValue(
        field: field, complaint: "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    guard !path.isEmpty else {
      throw InvalidValue(field: field, complaint: "an empty path names no file")
    }
    let isInput = takesInput && path == standardInput
    // A pipe that nobody writes to must not block this.
    let descriptor =
      isInput
      ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw systemFault() }
    defer { close(descriptor) }
    if let kind, !isInput {
      try FileRights.check(descriptor: descriptor, at: path, as: kind, field: field)
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(limit + 1, 65_536))
    while bytes.count <= limit {
      let count = read(descriptor, &chunk, min(chunk.count, limit + 1 - bytes.count))
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN, !isInput {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, pipeMilliseconds) == 0 else { continue }
        throw InvalidValue(field: field, complaint: "cannot read \(path): nothing came from it")
      }
      guard count >= 0 else { throw systemFault() }
      if count == 0 { break }
      bytes += chunk.prefix(count)
    }
    return bytes
  }
}

// MARK: - Characters

extension SmallFile {
  /// Why bytes are not text, as the end of a sentence that begins with the path.
  private struct NoText: Error {
    var words: String
  }

  private static func text(_ bytes: [UInt8]) throws(NoText) -> String {
    switch bytes.prefix(2) {
    case [0xFF, 0xFE]: return try wide(bytes.dropFirst(2), isBigEndian: false)
    case [0xFE, 0xFF]: return try wide(bytes.dropFirst(2), isBigEndian: true)
    default: break
    }
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    if let text = String(validating: body, as: UTF8.self) { return text }
    if isDER(body) {
      throw NoText(
        words: " is binary (DER or PKCS #12) and must be text: PEM for certificates and keys, "
          + "as openssl writes without -outform")
    }
    // Lines are checked one by one to find the one that is wrong.
    let lines = body.split(separator: 10, omittingEmptySubsequences: false)
    let place = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw NoText(words: ": line \(place + 1) is not UTF-8")
  }

  /// Whether the bytes are exactly one element of DER.
  private static func isDER(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    guard rest.popFirst() == 0x30, let first = rest.popFirst() else { return false }
    guard first & 0x80 != 0 else { return rest.count == Int(first) }
    let digits = rest.prefix(Int(first & 0x7F))
    guard (1...4).contains(digits.count), digits.count == Int(first & 0x7F) else { return false }
    let length = digits.reduce(0) { $0 << 8 | Int($1) }
    return rest.dropFirst(digits.count).count == length
  }

  private static func wide(
    _ bytes: ArraySlice<UInt8>, isBigEndian: Bool
  ) throws(NoText) -> String {
    var units: [UInt16] = []
    var rest = bytes
    while let first = rest.popFirst(), let second = rest.popFirst() {
      let (high, low) = isBigEndian ? (first, second) : (second, first)
      units.append(UInt16(high) << 8 | UInt16(low))
    }
    guard bytes.count.isMultiple(of: 2), let text = String(validating: units, as: UTF16.self)
    else { throw NoText(words: " is not UTF-16, as its byte order mark says") }
    return text
  }
}
