package import Hummingbird

/// Who sent a request that came over TCP with a token that holds.
package struct TokenBearer: Hashable, Sendable {
  /// For the log of actions: a token's name.
  package var name: String
  /// The token's id, where one was shown that can be revoked.
  package var tokenID: String?
  /// Why they may change nothing; nil where they may.
  package var refusal: String?

  package init(name: String, tokenID: String? = nil, refusal: String? = nil) {
    self.name = name
    self.tokenID = tokenID
    self.refusal = refusal
  }
}

extension Request {
  /// The token of the header `Authorization: Bearer`; nil for no header and for another scheme.
  /// The scheme is read in any case, with any number of spaces behind it (RFC 9110, section 11).
  package var bearer: String? {
    guard let header = headers[.authorization] else { return nil }
    let parts = header.split(separator: " ")
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }
}
