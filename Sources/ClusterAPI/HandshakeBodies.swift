public import ClusterModel

/// `POST /v1/handshake`: what a client says about itself.
public struct HandshakeRequest: Equatable, Sendable, Codable {
  /// The kind of client: a client, a batch job or a service (never served).
  public var kind: ClientKind
  /// The user, for the reservation and the log.
  public var user: String?
  /// The client's computer.
  public var computer: String?
  /// How many servers of the list are enough, 1 to `Limits.members`; nil: all of them. A balancer
  /// of 0.2.0 ignores this field and returns all.
  public var limit: Int?
  /// Which servers an instance puts into its answer; nil: all of them. A balancer always answers
  /// with all.
  public var scope: HandshakeScope?

  /// The limit that clients use: 16 servers rarely refuse one after the other, and a list of a
  /// thousand is 100 kB.
  public static let usualLimit = 16

  public init(
    kind: ClientKind = .client, user: String? = nil, computer: String? = nil, limit: Int? = nil,
    scope: HandshakeScope? = nil
  ) {
    self.kind = kind
    self.user = user
    self.computer = computer
    self.limit = limit
    self.scope = scope
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    kind = try values.decodeName(forKey: .kind) ?? .client
    user = try values.decodeText(forKey: .user)
    computer = try values.decodeText(forKey: .computer)
    limit = try values.decodeNumber(forKey: .limit, in: 1...Limits.members)
    scope = try values.decodeName(forKey: .scope)
  }
}

/// Which servers an instance puts into its answer to a handshake.
public enum HandshakeScope: String, Hashable, Codable, Sendable, CaseIterable {
  /// Only itself; it asks nobody.
  case itself = "self"
}

/// The answer to a handshake: the servers to try, in this order.
public struct HandshakeAnswer: Equatable, Sendable {
  /// The name of the cluster.
  public var cluster: String
  /// The balancer that answered, or the instance where no balancer does.
  public var balancer: InstanceID
  /// The time of the answer, by the clock of its sender.
  public var issuedAt: Timestamp
  /// The number of the answer, counted by each balancer process.
  public var sequence: Int64
  /// The ticket of the reservation. The client sends it when it opens the session, which ends the
  /// reservation. Nil where nothing was reserved.
  public var ticket: String?
  /// The servers to try, in this order.
  public var servers: [HandshakeServer]
  /// Whether there are more servers: the list was cut at the request's limit. On the wire only
  /// where it is true.
  public var more: Bool

  public init(
    cluster: String, balancer: InstanceID, issuedAt: Timestamp, sequence: Int64,
    ticket: String?, servers: [HandshakeServer], more: Bool = false
  ) {
    self.cluster = cluster
    self.balancer = balancer
    self.issuedAt = issuedAt
    self.sequence = sequence
    self.ticket = ticket
    self.servers = servers
    self.more = more
  }
}

extension HandshakeAnswer: Codable {
  private enum Key: String, CodingKey {
    case cluster, balancer, issuedAt, sequence, ticket, servers, more
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    cluster = try values.decode(String.self, forKey: .cluster)
    balancer = try values.decode(InstanceID.self, forKey: .balancer)
    issuedAt = try values.decode(Timestamp.self, forKey: .issuedAt)
    sequence = try values.decodeRevision(forKey: .sequence)
    ticket = try values.decodeIfPresent(String.self, forKey: .ticket)
    servers = try values.decode([HandshakeServer].self, forKey: .servers)
    more = try values.decodeIfPresent(Bool.self, forKey: .more) ?? false
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(cluster, forKey: .cluster)
    try values.encode(balancer, forKey: .balancer)
    try values.encode(issuedAt, forKey: .issuedAt)
    try values.encode(sequence, forKey: .sequence)
    try values.encode(ticket, forKey: .ticket)
    try values.encode(servers, forKey: .servers)
    if more { try values.encode(more, forKey: .more) }
  }
}

/// One server of a handshake list.
public struct HandshakeServer: Hashable, Sendable {
  /// The id of the server.
  public var id: InstanceID
  /// Where clients reach it.
  public var address: Address
  /// Sessions, reservations and maximum at the time of the answer.
  public var load: Load
  /// Whether the server speaks only TLS at its address. On the wire only where it is true.
  public var tls: Bool

  public init(id: InstanceID, address: Address, load: Load, tls: Bool = false) {
    self.id = id
    self.address = address
    self.load = load
    self.tls = tls
  }
}

extension HandshakeServer: Codable {
  private enum Key: String, CodingKey {
    case id, address, connected, reserved, maximum, workload, tls
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    id = try values.decode(InstanceID.self, forKey: .id)
    address = try values.decode(Address.self, forKey: .address)
    load = Load(
      connected: try values.decodeCount(forKey: .connected),
      reserved: values.contains(.reserved) ? try values.decodeCount(forKey: .reserved) : 0,
      maximum: try values.decodeCount(forKey: .maximum))
    tls = try values.decodeIfPresent(Bool.self, forKey: .tls) ?? false
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(id, forKey: .id)
    try values.encode(address, forKey: .address)
    try values.encode(load.connected, forKey: .connected)
    try values.encode(load.reserved, forKey: .reserved)
    try values.encode(load.maximum, forKey: .maximum)
    try values.encode(load.workload?.roundedToFourDecimals, forKey: .workload)
    if tls { try values.encode(tls, forKey: .tls) }
  }
}
