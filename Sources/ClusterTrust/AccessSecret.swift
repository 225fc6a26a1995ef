internal import Crypto
internal import FoundationEssentials

/// An access token as its bearer has it: `aos_ID_SECRET`, with an id of ten hexadecimal digits and
/// 32 random bytes in base64url.
///
/// The registry keeps its SHA-256. A password would need a salt and a slow function, because people
/// can guess it. Nobody can guess 256 random bits or find them in a table, so the fast function
/// reveals nothing, and a flood of wrong tokens costs the balancer little.
package struct AccessSecret: Equatable, Sendable {
  /// The public id, by which the balancer finds the hash.
  package let id: String
  /// The whole token. Only its bearer may know it.
  package let text: String

  private static let prefix = "aos_"
  private static let idLength = 10
  private static let secretBytes = 32

  /// A new token.
  package init(using random: inout some RandomNumberGenerator) {
    let digits = Array("0123456789abcdef")
    id = String((0..<Self.idLength).map { _ in digits[Int.random(in: 0..<16, using: &random)] })
    let secret = (0..<Self.secretBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
    text = "\(Self.prefix)\(id)_\(Base64URL.encode(secret))"
  }

  /// Reads a token; nil for a text that cannot be one.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    let idEnd = Self.prefix.utf8.count + Self.idLength
    guard bytes.count == idEnd + 1 + 43, text.hasPrefix(Self.prefix),
      bytes[idEnd] == UInt8(ascii: "_"),
      let secret = Base64URL.decode(String(decoding: bytes[(idEnd + 1)...], as: UTF8.self)),
      secret.count == Self.secretBytes
    else { return nil }
    let id = bytes[Self.prefix.utf8.count..<idEnd]
    // The id is shown and looked up, so it must consist of the characters of an id.
    guard id.allSatisfy("0123456789abcdef".utf8.contains) else { return nil }
    self.id = String(decoding: id, as: UTF8.self)
    self.text = text
  }

  /// The hash for the registry: 32 bytes.
  package var hash: [UInt8] { Array(digest) }

  /// Whether the registry's hash is that of this token. Takes the same time wherever they differ.
  package func matches(_ hash: [UInt8]) -> Bool { digest == Data(hash) }

  private var digest: SHA256.Digest { SHA256.hash(data: Data(text.utf8)) }
}

extension AccessSecret: CustomStringConvertible {
  /// The description has no secret, so that no log and no error contains it.
  package var description: String { "\(Self.prefix)\(id)_…" }
}
