internal import Crypto
internal import FoundationEssentials

/// An access token as its bearer has it: `aos_ID_SECRET`, with ten hexadecimal digits of id and
/// 32 random bytes in base64url.
///
/// The registry keeps its SHA-256. A password would need salt and a slow function, since it can
/// be guessed; 256 random bits can be neither guessed nor stood in any table, so the fast function
/// gives nothing away, and a flood of wrong tokens costs the balancer little.
package struct AccessSecret: Equatable, Sendable {
  /// Public: finds the row that the hash stands in.
  package let id: String
  /// The whole token. For its bearer alone.
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

  /// Reads what somebody shows; nil for what no token looks like.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    let idEnd = Self.prefix.utf8.count + Self.idLength
    guard bytes.count == idEnd + 1 + 43, text.hasPrefix(Self.prefix),
      bytes[idEnd] == UInt8(ascii: "_"),
      let secret = Base64URL.decode(String(decoding: bytes[(idEnd + 1)...], as: UTF8.self)),
      secret.count == Self.secretBytes
    else { return nil }
    let id = bytes[Self.prefix.utf8.count..<idEnd]
    // It is shown and looked up: nothing but what a token is made with.
    guard id.allSatisfy("0123456789abcdef".utf8.contains) else { return nil }
    self.id = String(decoding: id, as: UTF8.self)
    self.text = text
  }

  /// 32 bytes, for the registry.
  package var hash: [UInt8] { Array(digest) }

  /// Whether the registry's hash is this token's; takes as long wherever they differ.
  package func matches(_ hash: [UInt8]) -> Bool { digest == Data(hash) }

  private var digest: SHA256.Digest { SHA256.hash(data: Data(text.utf8)) }
}

extension AccessSecret: CustomStringConvertible {
  /// Without the secret, so that no log and no error ever holds it.
  package var description: String { "\(Self.prefix)\(id)_…" }
}
