/// What the bearer of an access token may do over TCP.
public enum TokenRole: String, Hashable, Codable, Sendable, CaseIterable {
  /// Reads everything, and changes nothing.
  case viewer
  /// Reads everything and changes everything but tokens.
  case `operator`
  /// Lets an instance join, and nothing else.
  case instance
}

/// An access token as the registry keeps it: all of it but the secret.
public struct AccessToken: Hashable, Sendable {
  /// The public part of the token. It is in lists and in the log, and is not secret.
  public var id: String
  /// The name of its user, which is the actor of everything that is done with the token.
  public var name: String
  /// What its bearer may do.
  public var role: TokenRole
  /// The SHA-256 of the whole token: 32 bytes.
  public var hash: [UInt8]
  /// When the token was made.
  public var createdAt: Timestamp
  /// The user who made the token.
  public var createdBy: String
  /// When the token was revoked; nil while it is in force.
  public var revokedAt: Timestamp?
  /// When the token expires, by the wall clock of the balancer that checks it; nil: never.
  public var expiresAt: Timestamp?
  /// How many ids the token may own at one time. Only the role instance uses this.
  public var mostInstances: Int

  /// The longest name, in characters.
  public static let longestName = Limits.tokenNameCharacters
  /// How many ids a token may own by default.
  public static let usualInstances = Limits.tokenInstances

  public init(
    id: String, name: String, role: TokenRole, hash: [UInt8], createdAt: Timestamp,
    createdBy: String, revokedAt: Timestamp? = nil, expiresAt: Timestamp? = nil,
    mostInstances: Int = usualInstances
  ) {
    self.id = id
    self.name = name
    self.role = role
    self.hash = hash
    self.createdAt = createdAt
    self.createdBy = createdBy
    self.revokedAt = revokedAt
    self.expiresAt = expiresAt
    self.mostInstances = mostInstances
  }

  /// Whether the token has expired, by this clock.
  public func isExpired(at now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }

  /// Whether the token is neither revoked nor expired.
  public func isInForce(at now: Timestamp) -> Bool { revokedAt == nil && !isExpired(at: now) }

  /// When the token was revoked or expired; nil while it is in force.
  public func endedAt(by now: Timestamp) -> Timestamp? {
    [revokedAt, isExpired(at: now) ? expiresAt : nil].compactMap { $0 }.min()
  }
}
