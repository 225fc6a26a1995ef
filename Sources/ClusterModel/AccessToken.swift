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
  /// Stands in the token, in lists and in the log: not secret.
  public var id: String
  /// Who uses it; the actor of what is done with it.
  public var name: String
  /// What its bearer may do.
  public var role: TokenRole
  /// Of the whole token: 32 bytes of SHA-256.
  public var hash: [UInt8]
  /// When it was made.
  public var createdAt: Timestamp
  /// The user who made it.
  public var createdBy: String
  /// When it ended; nil while it is in force.
  public var revokedAt: Timestamp?
  /// When it ends by itself, by the wall clock of the balancer that is asked; nil: never.
  public var expiresAt: Timestamp?
  /// How many ids it may own at one time; means something for the role instance alone.
  public var mostInstances: Int

  /// Longest name, in characters.
  public static let longestName = Limits.tokenNameCharacters
  /// How many ids a token may own where nobody said another number.
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

  /// Its time is over, by this clock.
  public func isExpired(at now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }

  /// It was neither revoked nor has it expired.
  public func isInForce(at now: Timestamp) -> Bool { revokedAt == nil && !isExpired(at: now) }

  /// When it ended; nil while it is in force.
  public func endedAt(by now: Timestamp) -> Timestamp? {
    [revokedAt, isExpired(at: now) ? expiresAt : nil].compactMap { $0 }.min()
  }
}
