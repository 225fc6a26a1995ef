package import Hummingbird

/// The sender of a request over TCP with a valid token.
package struct TokenBearer: Hashable, Sendable {
  /// The name for the log of actions: that of the token.
  package var name: String
  /// The id of the token, if it can be revoked.
  package var tokenID: String?
  /// Why the bearer may change nothing; nil where changes are allowed.
  package var refusal: String?

  package init(name: String, tokenID: String? = nil, refusal: String? = nil) {
    self.name = name
    self.tokenID = tokenID
    self.refusal = refusal
  }
}

extension Request {
  /// The token of the header `Authorization: Bearer`; nil without the header and for another
  /// scheme. The case of the scheme does not matter, and any number of spaces may follow it (RFC
  /// 9110, section 11).
  package var bearer: String? {
    guard let header = headers[.authorization] else { return nil }
    let parts = header.split(separator: " ")
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }
}
