internal import FoundationEssentials

/// A name and a password, as in `Authorization: Basic` (RFC 7617).
public struct BasicCredentials: Equatable, Sendable {
  /// The name, which contains no colon.
  public var name: String
  /// The text after the first colon. It may be empty, and may contain colons.
  public var password: String

  public init(name: String, password: String) {
    (self.name, self.password) = (name, password)
  }

  /// Reads the value of a header field. Nil for anything that is not Basic or not UTF-8.
  public init?(field: String) {
    let words = field.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "basic" else { return nil }
    var base64 = String(words[1])
    // Some clients leave out the padding.
    if !base64.contains("=") {
      base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
    }
    guard let bytes = Data(base64Encoded: base64),
      let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
    else { return nil }
    name = String(text[..<colon])
    password = String(text[text.index(after: colon)...])
  }

  /// The value of a header field.
  public var field: String {
    "Basic " + Data("\(name):\(password)".utf8).base64EncodedString()
  }
}
