package import ClusterModel

/// Why a token is not made or not revoked. Nothing was changed.
package enum TokenRefusal: Error, Equatable, Sendable {
  /// A token of this name is in force.
  case nameTaken(String)
  case tooMany(Int)
  case unknown
}

/// Decisions about access tokens; they run inside the registry's transaction, as `Decision` does.
extension RegistryContents {
  /// Most tokens in force at one time.
  package static let mostTokens = 1_000
  /// How many revoked tokens are still listed; the oldest are forgotten first.
  package static let revokedTokensKept = 100

  /// Takes a new token in.
  ///
  /// - Returns: What the log says of it.
  package mutating func create(_ token: AccessToken) throws(TokenRefusal) -> ActionDraft {
    let inForce = tokens.values.filter(\.isInForce)
    guard tokens[token.id] == nil, !inForce.contains(where: { $0.name == token.name }) else {
      throw .nameTaken(token.name)
    }
    guard inForce.count < Self.mostTokens else { throw .tooMany(Self.mostTokens) }
    tokens[token.id] = token
    return ActionDraft(
      .createToken, result: "\(token.role.rawValue) token \(token.id) for \(token.name)")
  }

  /// Ends a token for good.
  ///
  /// - Returns: What the log says of it; nil where it had ended before.
  package mutating func revokeToken(
    _ id: String, at: Timestamp
  ) throws(TokenRefusal) -> ActionDraft? {
    guard let token = tokens[id] else { throw .unknown }
    guard token.isInForce else { return nil }
    tokens[id]?.revokedAt = at
    let ended = tokens.values.filter { !$0.isInForce }.sorted {
      ($0.revokedAt ?? at, $0.id) > ($1.revokedAt ?? at, $1.id)
    }
    for old in ended.dropFirst(Self.revokedTokensKept) { tokens[old.id] = nil }
    return ActionDraft(
      .revokeToken, result: "revoked \(token.role.rawValue) token \(id) of \(token.name)")
  }
}
