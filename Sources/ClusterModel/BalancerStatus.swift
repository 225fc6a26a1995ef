/// What a balancer reports about itself in its feed.
public struct BalancerStatus: Hashable, Codable, Sendable {
  /// The database of the cluster, as this balancer sees it.
  public struct Registry: Hashable, Codable, Sendable {
    /// Whether the balancer can read and write it.
    public enum State: String, Hashable, Codable, Sendable {
      case available
      /// Handshakes and feed go on from memory; changes are refused.
      case unavailable
    }

    /// `sqlite` or `postgres`.
    public var kind: String
    /// Whether the balancer can use it now.
    public var state: OpenEnum<State>
    /// What operators should know about the way to the database; nil, and not on the wire, where
    /// there is nothing to know.
    public var remark: String?

    public init(kind: String, state: State, remark: String? = nil) {
      self.kind = kind
      self.state = .known(state)
      self.remark = remark
    }
  }

  /// The balancer's id.
  public var id: InstanceID
  /// The version of its program.
  public var version: String
  /// When its process started.
  public var startedAt: Timestamp
  /// The registry, as the balancer sees it.
  public var registry: Registry
  /// How many times the balancer counts its own reservations in the order of its list: once, plus
  /// once for each living balancer whose reservations it does not hear. Nil, and not on the wire,
  /// where it hears no other balancer: then once for each living balancer.
  public var reservationWeight: Int?

  public init(id: InstanceID, version: String, startedAt: Timestamp, registry: Registry) {
    self.id = id
    self.version = version
    self.startedAt = startedAt
    self.registry = registry
  }
}

extension BalancerStatus {
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(InstanceID.self, forKey: .id)
    version = PlainText.cut(
      try values.decode(String.self, forKey: .version), to: Limits.versionCharacters)
    startedAt = try values.decode(Timestamp.self, forKey: .startedAt)
    registry = try values.decode(Registry.self, forKey: .registry)
    reservationWeight = try values.decodeNumber(
      forKey: .reservationWeight, in: 1...Limits.members)
  }
}

/// The cluster's license as one line.
public struct LicenseSummary: Hashable, Codable, Sendable {
  /// What the license allows now.
  public enum State: String, Hashable, Codable, Sendable {
    /// There is no license; the cluster's `seats` setting applies.
    case none
    case valid
    /// The license expires within 30 days.
    case expiring
    /// The license expired up to 14 days ago; everything still works.
    case grace
    /// No new sessions are taken; open ones stay.
    case expired
    /// The balancer cannot trust the license: servers keep their seats, and no server gets a new
    /// one.
    case invalid
  }

  /// What the license allows now.
  public var state: OpenEnum<State>
  /// The holder of the license; nil without a license.
  public var holder: String?
  /// The number of seats; nil: unlimited.
  public var seats: Int?
  /// The number of servers that have a seat.
  public var seatsUsed: Int
  /// When the license expires; nil without a license.
  public var expiresAt: Timestamp?
  /// Why the license is invalid; nil, and not on the wire, where it is valid.
  public var reason: String?

  public init(
    state: State, holder: String? = nil, seats: Int?, seatsUsed: Int,
    expiresAt: Timestamp? = nil, reason: String? = nil
  ) {
    self.state = .known(state)
    self.holder = holder
    self.seats = seats
    self.seatsUsed = seatsUsed
    self.expiresAt = expiresAt
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case state, holder, seats, seatsUsed, expiresAt, reason
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    state = try values.decode(OpenEnum<State>.self, forKey: .state)
    holder = try values.decodeCut(forKey: .holder)
    seats = try values.decodeCountIfPresent(forKey: .seats)
    seatsUsed = try values.decodeCount(forKey: .seatsUsed)
    expiresAt = try values.decodeIfPresent(Timestamp.self, forKey: .expiresAt)
    reason = try values.decodeCut(forKey: .reason, to: PlainText.longestSentence)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(state, forKey: .state)
    try values.encode(holder, forKey: .holder)
    try values.encode(seats, forKey: .seats)
    try values.encode(seatsUsed, forKey: .seatsUsed)
    try values.encode(expiresAt, forKey: .expiresAt)
    try values.encodeIfPresent(reason, forKey: .reason)
  }
}
