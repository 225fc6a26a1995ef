public import ClusterModel
internal import FileRights
internal import SmallFiles

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
  /// A file that everybody on the machine can read is refused.
  ///
  /// - Throws: `InvalidValue` naming the option and the file.
  public func read() throws(InvalidValue) -> String {
    try FileRights.check(path, as: .token, field: field)
    let file: SmallFile
    do throws(SmallFile.Fault) {
      file = try SmallFile(path, atMost: Self.longest, isSecret: true)
    } catch {
      throw complaint(error.description)
    }
    let token = try? file.word()
    guard let token, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw complaint("\(path) does not hold one access token")
    }
    return token
  }

  private func complaint(_ words: String) -> InvalidValue {
    InvalidValue(field: field, complaint: words)
  }
}
