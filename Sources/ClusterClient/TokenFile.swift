public import ClusterModel
internal import Glibc

/// A file with an access token in it.
public struct TokenFile: Hashable, Sendable {
  public let path: String
  private let field: String

  /// Most bytes that are read.
  private static let longest = 4_096

  /// - Parameter field: The option that names it, for messages.
  public init(_ path: String, field: String = "--token-file") {
    (self.path, self.field) = (path, field)
  }

  /// The token, without the blanks and line ends around it. Whatever is wrong, the content is not
  /// repeated.
  ///
  /// A file that everybody on the machine can read is refused: a warning would be read once, and
  /// the token would stay open. A group may share one, as it may share the socket.
  ///
  /// - Throws: `InvalidValue` naming the option and the file.
  public func read() throws(InvalidValue) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw complaint("cannot read \(path): \(reason)") }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw complaint("cannot read \(path): \(reason)") }
    guard info.st_mode & 0o007 == 0 else {
      throw complaint("\(path) is open to everybody on this machine; chmod 600 \(path)")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: Self.longest)
    while bytes.count <= Self.longest {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw complaint("cannot read \(path): \(reason)") }
      if count == 0 { break }
      bytes += buffer.prefix(count)
    }
    let token = bytes.drop(while: Self.isBlank).reversed().drop(while: Self.isBlank).reversed()
    guard !token.isEmpty, bytes.count <= Self.longest,
      token.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw complaint("\(path) does not hold one access token") }
    return String(decoding: token, as: UTF8.self)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private var reason: String { String(cString: strerror(errno)) }

  private func complaint(_ words: String) -> InvalidValue {
    InvalidValue(field: field, complaint: words)
  }
}
