package import ClusterModel

/// Why a token was not made, changed or revoked. Nothing was changed.
package enum TokenRefusal: Error, Equatable, Sendable {
  /// A valid token has this name.
  case nameTaken(String)
  case tooMany(Int)
  case unknown
  /// The token that should be replaced, or should get ids, has ended.
  case ended(String)
  /// Only a token of the role instance owns ids.
  case ownsNothing(TokenRole)
  /// No server has this id.
  case unknownInstance(InstanceID)
  /// More ids than the token may own.
  case tooManyInstances(Int, most: Int)
}

/// Decisions about access tokens. They run inside the registry's transaction, as `Decision` does.
extension RegistryContents {
  /// The most valid tokens at one time.
  package static let mostTokens = 1_000
  /// How many ended tokens are still listed; the oldest are forgotten first.
  package static let revokedTokensKept = 100

  /// Adds a new token.
  ///
  /// - Parameters:
  ///   - replaced: The id of a token whose instances it takes over, and whose limit if `token` has
  ///     none.
  ///   - owned: Instances that it takes over, even from another token.
  /// - Returns: The words for the log.
  package mutating func create(
    _ token: AccessToken, replacing replaced: String? = nil, owning owned: [InstanceID] = [],
    at: Timestamp
  ) throws(TokenRefusal) -> [ActionDraft] {
    let inForce = tokens.values.filter { $0.isInForce(at: at) }
    guard tokens[token.id] == nil, !inForce.contains(where: { $0.name == token.name }) else {
      throw .nameTaken(token.name)
    }
    guard inForce.count < Self.mostTokens else { throw .tooMany(Self.mostTokens) }
    var ids = owned
    if let replaced {
      guard let old = tokens[replaced] else { throw .unknown }
      // The ids of a revoked token have no owner any more.
      guard old.revokedAt == nil else { throw .ended(replaced) }
      guard old.role == .instance else { throw .ownsNothing(old.role) }
      ids += self.owned(by: replaced).map(\.id)
    }
    tokens[token.id] = token
    let made = ActionDraft(
      .createToken, result: "\(token.role.rawValue) token \(token.id) for \(token.name)")
    let handed = ids.isEmpty ? [] : [try give(ids, to: token.id, at: at)]
    forgetEndedTokens(at: at)
    return [made] + handed
  }

  /// Makes a token the owner of instances, even of those that another token owns.
  ///
  /// - Returns: The words for the log.
  package mutating func give(
    _ ids: [InstanceID], to id: String, at: Timestamp
  ) throws(TokenRefusal) -> ActionDraft {
    guard let token = tokens[id] else { throw .unknown }
    guard token.isInForce(at: at) else { throw .ended(id) }
    guard token.role == .instance else { throw .ownsNothing(token.role) }
    for id in ids {
      guard let row = instances[id], !row.role.isLoadBalancer else { throw .unknownInstance(id) }
      instances[row.id]?.owner = .token(id: token.id, name: token.name)
    }
    let count = owned(by: id).count { !$0.isRemoved }
    guard count <= token.mostInstances else {
      throw .tooManyInstances(count, most: token.mostInstances)
    }
    // A line of the log stays readable even with ten thousand ids.
    let names = ids.prefix(8).map(\.text).joined(separator: ", ")
    let more = ids.count > 8 ? " and \(ids.count - 8) more" : ""
    return ActionDraft(
      .assign, instance: ids.count == 1 ? ids[0] : nil,
      result: "token \(id) of \(token.name) owns \(names)\(more)")
  }

  /// Revokes a token. Its ids become `local`.
  ///
  /// - Returns: The words for the log; nil where it was revoked before.
  package mutating func revokeToken(
    _ id: String, at: Timestamp
  ) throws(TokenRefusal) -> ActionDraft? {
    guard let token = tokens[id] else { throw .unknown }
    guard token.revokedAt == nil else { return nil }
    tokens[id]?.revokedAt = at
    release(id)
    forgetEndedTokens(at: at)
    return ActionDraft(
      .revokeToken, result: "revoked \(token.role.rawValue) token \(id) of \(token.name)")
  }

  /// Forgets the oldest ended tokens. An expired token keeps its instances until then, so that a
  /// new token can replace it.
  private mutating func forgetEndedTokens(at: Timestamp) {
    let ended = tokens.values.compactMap { token in
      token.endedAt(by: at).map { (at: $0, id: token.id) }
    }
    for old in ended.sorted(by: { $0 > $1 }).dropFirst(Self.revokedTokensKept) {
      tokens[old.id] = nil
      release(old.id)
    }
  }

  private mutating func release(_ token: String) {
    for row in owned(by: token) { instances[row.id]?.owner = .local }
  }
}
