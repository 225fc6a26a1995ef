public import ClusterModel
internal import SmallFiles

/// A file that contains an access token.
public struct TokenFile: Hashable, Sendable {
  /// The path as it was given.
  public let path: String
  private let field: String

  /// The most bytes that are read.
  private static let longest = 4_096

  /// - Parameters:
  ///   - path: The path of the file.
  ///   - field: The option that names the file, for messages.
  public init(_ path: String, field: String = "--token-file") {
    (self.path, self.field) = (path, field)
  }

  /// Reads the token, without blanks and line ends around it. Errors never repeat the contents.
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
