/// What an instance tells every balancer when it joins and at the start of its load feed. The
/// registry keeps it.
public struct InstanceProfile: Hashable, Sendable {
  /// Its role and its services.
  public var role: Role
  /// The instance's own maximum of sessions, 0 to 65,535. An operator's limit overrides it.
  public var ownMaximum: Int
  /// Its place, such as a rack or a data centre. It is shown and does not affect balancing.
  public var zone: String?

  /// - Parameter zone: An empty text means none.
  public init(role: Role, ownMaximum: Int, zone: String? = nil) {
    self.role = role
    self.ownMaximum = ownMaximum
    self.zone = zone?.isEmpty == true ? nil : zone
  }
}

/// The fields are written beside those of the enclosing value.
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

/// The addresses of an instance. The instance sends them when it joins, or an operator names them
/// when adding it.
public struct InstanceReach: Hashable, Sendable {
  /// Where clients and balancers connect.
  public var address: Address
  /// The address of its services (AIF). It is shown and does not affect balancing.
  public var servicesAddress: Address?
  /// Where it answers network load balancers (`aosd instance --agent-listen`); nil where it does
  /// not.
  public var agentAddress: Address?
  /// Whether it speaks only TLS at its address.
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

/// The fields are written beside those of the enclosing value.
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
