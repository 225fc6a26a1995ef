/// All that a balancer says of one instance.
///
/// The fields of its record are its own: `status.admission` is `status.record.admission`.
@dynamicMemberLookup
public struct InstanceStatus: Hashable, Sendable {
  /// Its name in the cluster.
  public var id: InstanceID
  /// Who may join it, besides the Unix socket; nil from a release before this field.
  public var owner: InstanceOwner?
  /// Where clients and balancers connect.
  public var address: Address
  /// Where its services (AIF) are reached; for show, never balanced.
  public var servicesAddress: Address?
  /// Where it answers network load balancers; nil where it does not.
  public var agentAddress: Address?
  /// Whether it balances or serves, and whom.
  public var role: OpenRole
  /// Where it stands: rack, data centre; nil where it does not say.
  public var zone: String?
  /// What operators want of it.
  public var record: AdmissionRecord<OpenEnum<Admission>>
  /// The instance is known to obey the newest desired state of the registry.
  public var delivered: Bool
  /// What it obeys meanwhile; nil where it obeys the newest, or where that is not known.
  public var obeys: OlderOrder?

  /// What the balancer observes of it.
  public var health: OpenEnum<Health>
  /// When its health last changed, by the balancer's clock.
  public var healthSince: Timestamp
  /// Why it is not alive, where that is known; of one that is alive, why what it says is ignored.
  public var healthReason: String?

  /// What it says of the application behind it; nil where it has none, or nothing is wrong.
  public var application: ApplicationStatus?

  /// Whether it has a license seat.
  public var license: LicenseStatus
  /// Its sessions and its maximum, as it last said.
  public var load: Load
  /// Until when its share of new clients rises, after it came back; nil: it has its plain one.
  public var slowStartUntil: Timestamp?
  /// Why it is not in the list for clients; nil while it is.
  public var exclusion: OpenEnum<Exclusion>?

  /// Version of the program; nil until it was seen.
  public var version: String?
  /// When the process started; nil until it was seen.
  public var startedAt: Timestamp?

  /// What is registered of it, and what is observed. Its exclusion follows from both.
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

  /// Every text that it holds, to count what it costs to keep.
  package var texts: [String?] {
    [
      id.text, owner?.text, owner?.name, address.host, servicesAddress?.host, agentAddress?.host,
      record.admission.unrecognized, record.admissionBy, record.admissionByKind?.rawValue,
      record.admissionReason, health.unrecognized, healthReason, license.reason,
      exclusion?.unrecognized, version, zone, application?.state.unrecognized,
      application?.reason,
    ]
  }

  /// What a person reads: health first, since nothing else matters of an instance that is away.
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

  /// The first reason that keeps it out of the list for this kind, by what this value says. A
  /// health that this release does not know counts as unreachable.
  public func derivedExclusion(for kind: ClientKind) -> Exclusion? {
    if role.isLoadBalancer { return .dedicatedLoadBalancer }
    switch health {
    case .known(.notYetSeen): return .notYetSeen
    case .known(.stopped): return .stopped
    case .known(.unreachable), .unrecognized: return .unreachable
    case .known(.alive): break
    }
    if application?.isDown == true { return .applicationDown }
    if license.isUnlicensed { return .unlicensed }
    if record.admission != .accepting { return .rejectingClients }
    if !role.serves(kind) { return kind == .batch ? .applicationOnly : .batchOnly }
    return load.maximum == 0 ? .noCapacity : nil
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

  /// Texts are cut where they are longer than any balancer sends: a picture of a later release or a
  /// recording of somebody's is read, whatever it holds.
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

  /// Every field is written, absent ones as null: readers see what there is to see. The zone, the
  /// agent's address, the application, sessions without notices and a slow start are left out where
  /// there are none.
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
  /// As workloads are written: 0.2167.
  public var roundedToFourDecimals: Double { (self * 10_000).rounded() / 10_000 }
}
