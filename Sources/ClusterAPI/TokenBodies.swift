public import ClusterModel

/// `POST /v1/tokens`.
public struct TokenRequest: Equatable, Sendable, Codable {
  public var role: TokenRole
  /// Nil: made of the role and the token's id.
  public var name: String?

  public init(role: TokenRole, name: String? = nil) {
    self.role = role
    self.name = name
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    role = try values.decode(TokenRole.self, forKey: .role)
    name = try values.decodeText(forKey: .name, limit: AccessToken.longestName)
    if name?.isEmpty == true { throw InvalidValue(field: "name", complaint: "is empty") }
  }
}

/// What is public of a token.
public struct TokenInfo: Equatable, Sendable {
  public var id: String
  public var name: String
  public var role: TokenRole
  public var createdAt: Timestamp
  public var createdBy: String
  /// Nil while it is in force.
  public var revokedAt: Timestamp?
  /// The token itself: only in the answer to the request that made it.
  public var token: String?

  public init(_ kept: AccessToken, token: String? = nil) {
    (id, name, role) = (kept.id, kept.name, kept.role)
    (createdAt, createdBy, revokedAt) = (kept.createdAt, kept.createdBy, kept.revokedAt)
    self.token = token
  }
}

extension TokenInfo: Codable {
  private enum CodingKeys: String, CodingKey {
    case id, name, role, createdAt, createdBy, revokedAt, token
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(id, forKey: .id)
    try values.encode(name, forKey: .name)
    try values.encode(role, forKey: .role)
    try values.encode(createdAt, forKey: .createdAt)
    try values.encode(createdBy, forKey: .createdBy)
    try values.encode(revokedAt, forKey: .revokedAt)
    try values.encodeIfPresent(token, forKey: .token)
  }
}

/// `GET /v1/access`: who asks, and what he may do at this balancer over this connection.
public struct AccessAnswer: Equatable, Sendable, Codable {
  /// As the log of actions names him.
  public var actor: String
  /// Why no change is taken from him; nil where changes are.
  public var refusal: String?

  public init(actor: String, refusal: String?) {
    self.actor = actor
    self.refusal = refusal
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(actor, forKey: .actor)
    try values.encode(refusal, forKey: .refusal)
  }
}

/// `GET /v1/tokens`, oldest first.
public struct TokenList: Equatable, Sendable, Codable {
  public var tokens: [TokenInfo]

  public init(tokens: [TokenInfo]) {
    self.tokens = tokens
  }
}
