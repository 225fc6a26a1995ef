internal import ClusterModel
internal import Testing

@testable internal import ClusterTrust

@Suite("An access token is 256 random bits, and only its hash is kept")
struct AccessSecretTests {
  @Test("what is shown is read again, and matches its own hash alone")
  func roundTrip() throws {
    var random = SystemRandomNumberGenerator()
    let secret = AccessSecret(using: &random)
    let other = AccessSecret(using: &random)
    let read = try #require(AccessSecret(secret.text))
    #expect(read == secret)
    #expect(secret.hash.count == 32)
    #expect(read.matches(secret.hash))
    #expect(!read.matches(other.hash))
    #expect(!read.matches([]))
    #expect(!read.matches(Array(secret.hash.dropLast())))
    #expect(other.id != secret.id)
  }

  @Test("a token with another id or another secret has another hash")
  func parts() throws {
    var random = SystemRandomNumberGenerator()
    let secret = AccessSecret(using: &random)
    for place in [4, 13, 15, 40] {
      var bytes = Array(secret.text.utf8)
      bytes[place] = bytes[place] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
      let altered = try #require(AccessSecret(String(decoding: bytes, as: UTF8.self)))
      #expect(!altered.matches(secret.hash))
    }
  }

  @Test("a text that does not look like a token is refused")
  func refused() {
    var random = SystemRandomNumberGenerator()
    let text = AccessSecret(using: &random).text
    let wrong = [
      "", "aos_", "Bearer \(text)", text + "A", String(text.dropLast()), text + "\n",
      text.replacing("aos_", with: "AOS_"), text.replacing("_", with: "-"),
      String(text.dropLast()) + "=", String(text.dropLast()) + "é",
      String(repeating: "a", count: 1 << 20),
      String(text.prefix(15))
        + String(
          repeating: "!", count: 43),
    ]
    for candidate in wrong { #expect(AccessSecret(candidate) == nil, "\(candidate.prefix(60))") }
  }

  @Test("its description holds no secret")
  func description() {
    var random = SystemRandomNumberGenerator()
    let secret = AccessSecret(using: &random)
    #expect("\(secret)" == "aos_\(secret.id)_…")
    #expect(!"\(secret)".contains(secret.text.suffix(8)))
  }

  @Test("an id never steers the terminal that shows it")
  func shownID() {
    var random = SystemRandomNumberGenerator()
    let text = AccessSecret(using: &random).text
    for part in ["\u{1B}[2J", "ABCDEFGH", "\u{202E}abc"] {
      let id = part + String(repeating: "0", count: 10 - part.utf8.count)
      #expect(AccessSecret("aos_" + id + text.suffix(44)) == nil)
    }
  }
}
