/// What an instance says of itself to every balancer alike, as it joins and at the start of its
/// load feed. The registry keeps it.
public struct InstanceProfile: Hashable, Sendable {
  /// Whether it balances or serves, and whom.
  public var role: Role
  /// Most sessions it takes by itself, 0 to 65,535; an operator's limit goes before it.
  public var ownMaximum: Int
  /// Where it stands: rack, data centre; for show, never balanced.
  public var zone: String?

  /// - Parameter zone: An empty one is none.
  public init(role: Role, ownMaximum: Int, zone: String? = nil) {
    self.role = role
    self.ownMaximum = ownMaximum
    self.zone = zone?.isEmpty == true ? nil : zone
  }
}

/// Flat, among the other fields of what it is a part of.
extension InstanceProfile: Codable {
  private enum Key: String, CodingKey {
    case role, services, maximum, zone
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    self.init(
      role: try Role(
        name: values.decode(String.self, forKey: .role),
        services: values.decodeIfPresent([Service].self, forKey: .services) ?? []),
      ownMaximum: try values.decodeNumber(forKey: .maximum, in: 0...Load.highestMaximum) ?? 0,
      zone: try values.decodeText(forKey: .zone))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(role.name, forKey: .role)
    try values.encode(role.services, forKey: .services)
    try values.encode(ownMaximum, forKey: .maximum)
    try values.encodeIfPresent(zone, forKey: .zone)
  }
}

/// Where an instance is reached, as it says when it joins, or as an operator says who adds it.
public struct InstanceReach: Hashable, Sendable {
  /// Where clients and balancers connect.
  public var address: Address
  /// Where its services (AIF) are reached; for show, never balanced.
  public var servicesAddress: Address?
  /// Where it answers network load balancers (`aosd instance --agent-listen`); nil: nowhere.
  public var agentAddress: Address?
  /// It speaks TLS at its address, and nothing else.
  public var tls: Bool

  public init(
    _ address: Address, servicesAddress: Address? = nil, agentAddress: Address? = nil,
    tls: Bool = false
  ) {
    self.address = address
    self.servicesAddress = servicesAddress
    self.agentAddress = agentAddress
    self.tls = tls
  }
}

/// Flat, among the other fields of what it is a part of.
extension InstanceReach: Codable {
  private enum Key: String, CodingKey {
    case address, servicesAddress, agentAddress, tls
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    address = try values.decode(Address.self, forKey: .address)
    servicesAddress = try values.decodeIfPresent(Address.self, forKey: .servicesAddress)
    agentAddress = try values.decodeIfPresent(Address.self, forKey: .agentAddress)
    tls = try values.decodeIfPresent(Bool.self, forKey: .tls) ?? false
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(address, forKey: .address)
    try values.encode(servicesAddress, forKey: .servicesAddress)
    try values.encodeIfPresent(agentAddress, forKey: .agentAddress)
    if tls { try values.encode(tls, forKey: .tls) }
  }
}
