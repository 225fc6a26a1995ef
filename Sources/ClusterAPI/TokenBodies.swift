public import ClusterModel

/// `POST /v1/tokens`.
public struct TokenRequest: OperatorRequest, Equatable, Sendable, Codable {
  /// The rights of the token.
  public var role: TokenRole
  /// The name; nil: made of the role and the token's id.
  public var name: String?
  /// When the token expires; nil: never.
  public var expiresAt: Timestamp?
  /// How many ids the token may own, 1 to 10,000; nil: as many as the token that it replaces, or
  /// else 64. This and the next two fields are only for the role instance.
  public var instances: Int?
  /// The id of a token whose instances the new token takes over.
  public var replaces: String?
  /// Instances that the new token takes over, even from another token.
  public var owns: [InstanceID]

  public init(
    role: TokenRole, name: String? = nil, expiresAt: Timestamp? = nil, instances: Int? = nil,
    replaces: String? = nil, owns: [InstanceID] = []
  ) {
    self.role = role
    self.name = name
    self.expiresAt = expiresAt
    self.instances = instances
    self.replaces = replaces
    self.owns = owns
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case role, name, expiresAt, instances, replaces, owns
  }

  /// The names of the fields, for the strict reader.
  public static let fields = names(of: CodingKeys.self)

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    guard let known: TokenRole = try values.decodeName(forKey: .role) else {
      throw InvalidValue(field: "role", complaint: "is missing")
    }
    role = known
    name = try values.decodeText(forKey: .name, limit: AccessToken.longestName)
    if name?.isEmpty == true { throw InvalidValue(field: "name", complaint: "is empty") }
    expiresAt = try values.decodeIfPresent(Timestamp.self, forKey: .expiresAt)
    instances = try values.decodeNumber(forKey: .instances, in: 1...Limits.members)
    replaces = try values.decodeText(forKey: .replaces)
    owns = try values.decodeIfPresent([InstanceID].self, forKey: .owns) ?? []
    guard role == .instance || instances == nil && replaces == nil && owns.isEmpty else {
      let field = instances != nil ? "instances" : replaces != nil ? "replaces" : "owns"
      throw InvalidValue(field: field, complaint: "is only for tokens of the role instance")
    }
  }
}

/// `PUT /v1/tokens/{id}/instances`: instances that the token will own, besides its present ones.
public struct AssignRequest: OperatorRequest, Equatable, Sendable, Codable {
  /// The instances that change their owner.
  public var ids: [InstanceID]

  private enum CodingKeys: String, CodingKey, CaseIterable { case ids }

  /// The names of the fields, for the strict reader.
  public static let fields = names(of: CodingKeys.self)

  public init(ids: [InstanceID]) {
    self.ids = ids
  }
}

/// The public part of a token.
public struct TokenInfo: Equatable, Sendable {
  /// The id of the token, which is not secret.
  public var id: String
  /// The name that the action log shows.
  public var name: String
  /// The rights of the token; a role of a later release stays as text.
  public var role: OpenEnum<TokenRole>
  /// When it was created.
  public var createdAt: Timestamp
  /// The operator who created it.
  public var createdBy: String
  /// When it was revoked; nil while it is in force.
  public var revokedAt: Timestamp?
  /// When the token expires; nil: never.
  public var expiresAt: Timestamp?
  /// How many ids it may own; nil where the role is not instance.
  public var instances: Int?
  /// How many ids it owns; nil where the role is not instance.
  public var owned: Int?
  /// The token itself: only in the answer to the request that made it.
  public var token: String?

  public init(_ kept: AccessToken, owned: Int, token: String? = nil) {
    (id, name, role) = (kept.id, kept.name, .known(kept.role))
    (createdAt, createdBy, revokedAt) = (kept.createdAt, kept.createdBy, kept.revokedAt)
    expiresAt = kept.expiresAt
    if role == .instance { (instances, self.owned) = (kept.mostInstances, owned) }
    self.token = token
  }
}

extension TokenInfo: Codable {
  private enum CodingKeys: String, CodingKey {
    case id, name, role, createdAt, createdBy, revokedAt, expiresAt, instances, owned, token
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(String.self, forKey: .id)
    name = PlainText.cut(try values.decode(String.self, forKey: .name))
    role = try values.decode(OpenEnum<TokenRole>.self, forKey: .role)
    createdAt = try values.decode(Timestamp.self, forKey: .createdAt)
    createdBy = PlainText.cut(try values.decode(String.self, forKey: .createdBy))
    revokedAt = try values.decodeIfPresent(Timestamp.self, forKey: .revokedAt)
    expiresAt = try values.decodeIfPresent(Timestamp.self, forKey: .expiresAt)
    instances = try values.decodeCountIfPresent(forKey: .instances)
    owned = try values.decodeCountIfPresent(forKey: .owned)
    token = try values.decodeIfPresent(String.self, forKey: .token)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(id, forKey: .id)
    try values.encode(name, forKey: .name)
    try values.encode(role, forKey: .role)
    try values.encode(createdAt, forKey: .createdAt)
    try values.encode(createdBy, forKey: .createdBy)
    try values.encode(revokedAt, forKey: .revokedAt)
    try values.encode(expiresAt, forKey: .expiresAt)
    try values.encode(instances, forKey: .instances)
    try values.encode(owned, forKey: .owned)
    try values.encodeIfPresent(token, forKey: .token)
  }
}

/// `GET /v1/access`: the name of the caller, and what the caller may do over this connection.
public struct AccessAnswer: Equatable, Sendable, Codable {
  /// The caller's name in the log of actions.
  public var actor: String
  /// Why the caller may change nothing; nil where changes are allowed.
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
  /// All tokens, including revoked ones.
  public var tokens: [TokenInfo]

  public init(tokens: [TokenInfo]) {
    self.tokens = tokens
  }
}
