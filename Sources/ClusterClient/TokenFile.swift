public import ClusterModel
internal import SmallFiles

/// A file with an access token in it.
public struct TokenFile: Hashable, Sendable {
  /// As it was named.
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
  /// A file that everybody on the machine can read is refused.
  ///
  /// - Throws: `InvalidValue` naming the option and the file.
  public func read() throws(InvalidValue) -> String {
    let file = try SmallFile(path, as: .token, field: field, atMost: Self.longest)
    let token = try? file.word()
    guard let token, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw InvalidValue(field: field, complaint: "\(path) does not hold one access token")
    }
    return token
  }
}
