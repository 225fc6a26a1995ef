/// What the balancer behind a feed says of itself.
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
    /// Whether it can be used now.
    public var state: OpenEnum<State>
    /// What operators should know of the way to the database, in words; nil, and not on the wire,
    /// where there is nothing.
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
  /// Its view of the registry.
  public var registry: Registry
  /// How many times it counts its own reservations in the order of its list: once, and once more
  /// for each balancer alive whose reservations it does not hear. Nil, and not on the wire, where
  /// it hears of none: once for each balancer alive.
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
    /// The cluster's `seats` setting holds.
    case none
    case valid
    /// Ends within 30 days.
    case expiring
    /// Expired up to 14 days ago; everything goes on.
    case grace
    /// No new sessions are taken; those that are open stay.
    case expired
    /// The balancer cannot trust it: seats that are held stay, and nobody gets a new one.
    case invalid
  }

  /// What the license allows now.
  public var state: OpenEnum<State>
  /// Who holds it; nil without a license.
  public var holder: String?
  /// Nil: unlimited.
  public var seats: Int?
  /// Servers that hold a seat.
  public var seatsUsed: Int
  /// When it expires; nil without a license.
  public var expiresAt: Timestamp?
  /// Why it is invalid; nil, and not on the wire, otherwise.
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
