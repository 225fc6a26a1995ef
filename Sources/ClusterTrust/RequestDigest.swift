internal import Crypto
internal import FoundationEssentials

/// What a request asks for, as 32 bytes: SHA-256 over method, path and body.
package enum RequestDigest {
  /// - Parameter path: With the query.
  package static func of(method: String, path: String, body: [UInt8]) -> [UInt8] {
    // Neither a method nor a path holds a space.
    var hash = SHA256()
    hash.update(data: Data("\(method) \(path) ".utf8))
    hash.update(data: Data(body))
    return Array(hash.finalize())
  }
}
