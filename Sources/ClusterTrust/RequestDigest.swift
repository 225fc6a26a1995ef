internal import Crypto
internal import FoundationEssentials

/// A digest of a request: SHA-256 over method, path and body, 32 bytes.
package enum RequestDigest {
  /// - Parameter path: The path with its query.
  package static func of(method: String, path: String, body: [UInt8]) -> [UInt8] {
    // Neither a method nor a path contains a space.
    var hash = SHA256()
    hash.update(data: Data("\(method) \(path) ".utf8))
    hash.update(data: Data(body))
    return Array(hash.finalize())
  }
}
