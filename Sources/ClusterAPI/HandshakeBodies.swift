public import ClusterModel

/// `POST /v1/handshake`: what a client says of itself.
public struct HandshakeRequest: Equatable, Sendable, Codable {
  public var kind: ClientKind
  public var user: String?
  public var computer: String?

  public init(kind: ClientKind = .client, user: String? = nil, computer: String? = nil) {
    self.kind = kind
    self.user = user
    self.computer = computer
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    kind = try values.decodeName(forKey: .kind) ?? .client
    user = try values.decodeText(forKey: .user)
    computer = try values.decodeText(forKey: .computer)
  }
}

/// The answer to a handshake: where to go, in this order.
public struct HandshakeAnswer: Equatable, Sendable, Codable {
  public var cluster: String
  /// Who answered: a balancer, or an instance that names itself alone.
  public var balancer: InstanceID
  public var issuedAt: Timestamp
  public var sequence: Int64
  /// To be shown at the session's opening; ends the reservation. Nil where none was made.
  public var ticket: String?
  public var servers: [HandshakeServer]

  public init(
    cluster: String, balancer: InstanceID, issuedAt: Timestamp, sequence: Int64,
    ticket: String?, servers: [HandshakeServer]
  ) {
    self.cluster = cluster
    self.balancer = balancer
    self.issuedAt = issuedAt
    self.sequence = sequence
    self.ticket = ticket
    self.servers = servers
  }
}

/// One server of a handshake list.
public struct HandshakeServer: Hashable, Sendable {
  public var id: InstanceID
  public var address: Address
  public var load: Load
  /// It speaks TLS at its address, and nothing else. On the wire only where it does.
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
