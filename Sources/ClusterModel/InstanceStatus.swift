/// Everything that a balancer reports about one instance.
///
/// The fields of its record can be read directly: `status.admission` is `status.record.admission`.
@dynamicMemberLookup
public struct InstanceStatus: Hashable, Sendable {
  /// Its name in the cluster.
  public var id: InstanceID
  /// Who may join it, besides the Unix socket; nil in what a release before this field wrote.
  public var owner: InstanceOwner?
  /// Where clients and balancers connect.
  public var address: Address
  /// The address of its services (AIF). It is shown and does not affect balancing.
  public var servicesAddress: Address?
  /// Where it answers network load balancers; nil where it does not.
  public var agentAddress: Address?
  /// Its role and its services.
  public var role: OpenRole
  /// Its place, such as a rack or a data centre; nil where it does not say.
  public var zone: String?
  /// What operators ordered for it.
  public var record: AdmissionRecord<OpenEnum<Admission>>
  /// Whether the instance is known to obey the registry's newest desired state.
  public var delivered: Bool
  /// What the instance obeys instead; nil where it obeys the newest order, or where this is not
  /// known.
  public var obeys: OlderOrder?

  /// What the balancer observes of it.
  public var health: OpenEnum<Health>
  /// When its health last changed, by the balancer's clock.
  public var healthSince: Timestamp
  /// Why the instance is not alive, where that is known. Where it is alive: why the balancer
  /// ignores what it says.
  public var healthReason: String?

  /// The state of the application behind it; nil where it has none, or nothing is wrong.
  public var application: ApplicationStatus?

  /// Whether it has a license seat.
  public var license: LicenseStatus
  /// Its sessions and its maximum, as it reported them last.
  public var load: Load
  /// When its slow start ends: until then its share of new clients rises. Nil where there is none.
  public var slowStartUntil: Timestamp?
  /// Why it is not in the list for clients; nil while it is in the list.
  public var exclusion: OpenEnum<Exclusion>?

  /// The version of its program; nil until a balancer has seen it.
  public var version: String?
  /// When its process started; nil until a balancer has seen it.
  public var startedAt: Timestamp?

  /// Makes the status of what is registered and what is observed. Its exclusion follows from both.
  public init(
    _ row: RegisteredInstance, delivered: Bool, health: Health, healthSince: Timestamp,
    load: Load, application: ApplicationStatus? = nil
  ) {
    id = row.id
    owner = row.owner
    address = row.reach.address
    servicesAddress = row.reach.servicesAddress
    agentAddress = row.reach.agentAddress
    role = .known(row.profile.role)
    zone = row.profile.zone
    record = row.record.shown
    self.delivered = delivered
    self.health = .known(health)
    self.healthSince = healthSince
    self.application = application
    license = row.license
    self.load = load
    exclusion = derivedExclusion(for: .client).map { .known($0) }
  }

  @inlinable
  public subscript<Value>(
    dynamicMember path: WritableKeyPath<AdmissionRecord<OpenEnum<Admission>>, Value>
  ) -> Value {
    get { record[keyPath: path] }
    set { record[keyPath: path] = newValue }
  }

  /// Every text of the status, to count the memory that it needs.
  package var texts: [String?] {
    [
      id.text, owner?.text, owner?.name, address.host, servicesAddress?.host, agentAddress?.host,
      record.admission.unrecognized, record.admissionBy, record.admissionByKind?.rawValue,
      record.admissionReason, health.unrecognized, healthReason, license.reason,
      exclusion?.unrecognized, version, zone, application?.state.unrecognized,
      application?.reason,
    ]
  }

  /// The state for a person. Health comes first: nothing else matters of an instance that is away.
  public var state: InstanceState {
    switch health {
    case .known(.notYetSeen): return .notYetSeen
    case .known(.stopped): return .stopped
    case .known(.unreachable): return .unreachable
    case .known(.alive): break
    case .unrecognized(let name): return .unrecognized(name)
    }
    if role.isLoadBalancer { return .balancing }
    if application?.isDown == true { return .applicationDown }
    if license.isUnlicensed { return .unlicensed }
    switch record.admission {
    case .known(.rejecting):
      return load.connected == 0 ? .drained : .draining(left: load.connected)
    case .known(.accepting): return load.isFull ? .full : .accepting
    case .unrecognized(let name): return .unrecognized(name)
    }
  }

  /// The first reason, by the fields of this value, that keeps it out of the list for this kind. A
  /// health that this release does not know counts as unreachable.
  public func derivedExclusion(for kind: ClientKind) -> Exclusion? {
    Exclusion(
      of: kind, from: role, health: health, isDown: application?.isDown == true,
      isUnlicensed: license.isUnlicensed, accepts: record.admission == .accepting,
      maximum: load.maximum)
  }
}

extension Exclusion {
  /// The first reason that keeps clients of this kind away from an instance; nil: there is none.
  package init?(
    of kind: ClientKind, from role: OpenRole, health: OpenEnum<Health>, isDown: Bool,
    isUnlicensed: Bool, accepts: Bool, maximum: Int
  ) {
    if role.isLoadBalancer {
      self = .dedicatedLoadBalancer
      return
    }
    switch health {
    case .known(.notYetSeen): self = .notYetSeen
    case .known(.stopped): self = .stopped
    case .known(.unreachable), .unrecognized: self = .unreachable
    case .known(.alive):
      if isDown {
        self = .applicationDown
      } else if isUnlicensed {
        self = .unlicensed
      } else if !accepts {
        self = .rejectingClients
      } else if !role.serves(kind) {
        self = kind == .batch ? .applicationOnly : .batchOnly
      } else if maximum == 0 {
        self = .noCapacity
      } else {
        return nil
      }
    }
  }
}

// MARK: - Wire

extension InstanceStatus: Codable {
  private enum Key: String, CodingKey {
    case id, owner, ownerName, address, servicesAddress, agentAddress, role, services, zone
    case delivered, obeys
    case health, healthSince, healthReason, application, license, licenseSeat, licenseReason
    case connected, withoutNotices, reserved, maximum, workload, slowStartUntil, exclusion, version,
      startedAt
  }

  /// Cuts texts that are longer than any that a balancer sends, so that a snapshot of a later
  /// release or a recording of unknown origin can be read.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    id = try values.decode(InstanceID.self, forKey: .id)
    let ownerName = try values.decodeCut(forKey: .ownerName)
    owner = try values.decodeCut(forKey: .owner)
      .map { InstanceOwner(text: $0, name: ownerName) }
    address = try values.decode(Address.self, forKey: .address)
    servicesAddress = try values.decodeIfPresent(Address.self, forKey: .servicesAddress)
    agentAddress = try values.decodeIfPresent(Address.self, forKey: .agentAddress)
    role = OpenRole(
      name: try values.decode(String.self, forKey: .role),
      services: try values.decodeIfPresent([String].self, forKey: .services) ?? [])
    zone = try values.decodeCut(forKey: .zone)
    record = try AdmissionRecord(from: decoder)
    delivered = try values.decode(Bool.self, forKey: .delivered)
    obeys = try values.decodeIfPresent(OlderOrder.self, forKey: .obeys)
    health = try values.decode(OpenEnum<Health>.self, forKey: .health)
    healthSince = try values.decode(Timestamp.self, forKey: .healthSince)
    healthReason = try values.decodeCut(forKey: .healthReason, to: PlainText.longestSentence)
    application = try values.decodeIfPresent(ApplicationStatus.self, forKey: .application)
    license = LicenseStatus(
      name: try values.decode(String.self, forKey: .license),
      seat: try values.decodeCountIfPresent(forKey: .licenseSeat),
      reason: try values.decodeCut(forKey: .licenseReason, to: PlainText.longestSentence))
    load = Load(
      connected: try values.decodeCount(forKey: .connected),
      withoutNotices: try values.decodeCountIfPresent(forKey: .withoutNotices) ?? 0,
      reserved: try values.decodeCount(forKey: .reserved),
      maximum: try values.decodeCount(forKey: .maximum))
    slowStartUntil = try values.decodeIfPresent(Timestamp.self, forKey: .slowStartUntil)
    exclusion = try values.decodeIfPresent(OpenEnum<Exclusion>.self, forKey: .exclusion)
    version = try values.decodeCut(forKey: .version)
    startedAt = try values.decodeIfPresent(Timestamp.self, forKey: .startedAt)
  }

  /// Every field is written, absent ones as null, so that readers know all fields. The zone, the
  /// address of the agent, the application, sessions without notices and a slow start are left out
  /// where there are none.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(id, forKey: .id)
    try values.encode(owner?.text, forKey: .owner)
    try values.encode(owner?.name, forKey: .ownerName)
    try values.encode(address, forKey: .address)
    try values.encode(servicesAddress, forKey: .servicesAddress)
    try values.encodeIfPresent(agentAddress, forKey: .agentAddress)
    try values.encode(role.name, forKey: .role)
    try values.encode(role.services, forKey: .services)
    try values.encodeIfPresent(zone, forKey: .zone)
    try record.encode(to: encoder)
    try values.encode(delivered, forKey: .delivered)
    try values.encode(obeys, forKey: .obeys)
    try values.encode(health, forKey: .health)
    try values.encode(healthSince, forKey: .healthSince)
    try values.encode(healthReason, forKey: .healthReason)
    try values.encodeIfPresent(application, forKey: .application)
    try values.encode(license.name, forKey: .license)
    try values.encode(license.seat, forKey: .licenseSeat)
    try values.encode(license.reason, forKey: .licenseReason)
    try values.encode(load.connected, forKey: .connected)
    if load.withoutNotices > 0 {
      try values.encode(load.withoutNotices, forKey: .withoutNotices)
    }
    try values.encode(load.reserved, forKey: .reserved)
    try values.encode(load.maximum, forKey: .maximum)
    try values.encode(load.workload?.roundedToFourDecimals, forKey: .workload)
    try values.encodeIfPresent(slowStartUntil, forKey: .slowStartUntil)
    try values.encode(exclusion, forKey: .exclusion)
    try values.encode(version, forKey: .version)
    try values.encode(startedAt, forKey: .startedAt)
  }
}

extension Double {
  /// The number with four decimals, as workloads are written: 0.2167.
  public var roundedToFourDecimals: Double { (self * 10_000).rounded() / 10_000 }
}
