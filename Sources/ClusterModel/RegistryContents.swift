/// Everything that is configured of a cluster: what the registry keeps.
///
/// A value: decisions are functions from one of these to the next, and the database's part is to
/// run such a function in a transaction and to keep what comes out.
public struct RegistryContents: Equatable, Sendable {
  public var cluster: String
  /// Names this registry: random, made with it.
  public var epoch: String
  /// Number of the last change.
  public var revision: Int64
  /// Seats without a license; nil: unlimited.
  public var seats: Int?
  /// The license; nil: `seats` holds.
  public var license: License?
  /// The balancer by whose clock the license and its grace are over; nil while it is in force.
  public var licenseEndedBy: InstanceID?
  /// Those removed lately included: they must stay away until they are added again.
  public var instances: [InstanceID: RegisteredInstance]
  /// Access tokens by their ids; those that were revoked lately included.
  public var tokens: [String: AccessToken]
  /// With which balancers sign; nil only where nobody does.
  public var signingSeed: SigningSeed?
  /// How the signing key came to be what it is: the last steps, oldest first.
  public var rotations: [KeyRotation] = []

  public init(
    cluster: String, epoch: String, revision: Int64 = 0, seats: Int? = nil,
    license: License? = nil, licenseEndedBy: InstanceID? = nil,
    instances: [InstanceID: RegisteredInstance] = [:], tokens: [String: AccessToken] = [:]
  ) {
    self.cluster = cluster
    self.epoch = epoch
    self.revision = revision
    self.seats = seats
    self.license = license
    self.licenseEndedBy = licenseEndedBy
    self.instances = instances
    self.tokens = tokens
  }

  /// They were read after `known` was, and still are not what can have followed it: the registry
  /// was restored from an older copy meanwhile.
  package func isOlder(than known: Self) -> Bool {
    guard epoch == known.epoch, revision <= known.revision else { return false }
    return revision < known.revision || self != known
  }

  /// The members of the cluster, ascending by id.
  public var members: [RegisteredInstance] {
    instances.values.filter { !$0.isRemoved }.sorted { $0.id < $1.id }
  }

  /// What the instance must do; nil for an id that was never registered.
  public func desiredState(of id: InstanceID) -> DesiredState? {
    guard let row = instances[id] else { return nil }
    return DesiredState(
      cluster: cluster, instance: id, epoch: epoch, revision: row.revision,
      admission: row.admission, limit: row.limit, unlicensedReason: row.license.reason,
      removed: row.isRemoved, drain: row.admission == .rejecting ? row.drain : nil)
  }
}

/// One row of the registry.
public struct RegisteredInstance: Hashable, Sendable {
  public var id: InstanceID
  /// Who may join it, besides the Unix socket.
  public var owner: InstanceOwner
  public var address: Address
  public var servicesAddress: Address?
  /// It speaks TLS at its address, and nothing else.
  public var tls: Bool
  public var role: Role
  /// The instance's own maximum, as it last said.
  public var ownMaximum: Int
  /// The operator's limit.
  public var limit: Int?
  public var admission: Admission
  public var admissionAt: Timestamp
  public var admissionBy: String
  /// Nil in what a release before this field wrote down.
  public var admissionByKind: ActorKind?
  public var admissionReason: String?
  public var drain: Drain?
  /// Order of registration, which is the order in which license seats are given.
  public var registration: Int64
  /// The license seat; nil for balancers and for those without one.
  public var seat: Int?
  /// Why it may not serve, seat or not; nil: having a seat decides.
  public var unlicensedReason: String?
  /// When it was taken out of the cluster; nil while it is a member.
  public var removedAt: Timestamp?
  /// When it last asked to join although it was removed, to the day; nil: not since.
  public var askedAt: Timestamp?
  /// Number of the last change of what this instance must do.
  public var revision: Int64

  public init(
    id: InstanceID, owner: InstanceOwner = .local, address: Address,
    servicesAddress: Address? = nil, tls: Bool = false, role: Role,
    ownMaximum: Int, limit: Int? = nil, admission: Admission, admissionAt: Timestamp,
    admissionBy: String, admissionByKind: ActorKind? = nil,
    admissionReason: String? = nil, drain: Drain? = nil,
    registration: Int64, seat: Int? = nil, unlicensedReason: String? = nil,
    removedAt: Timestamp? = nil, askedAt: Timestamp? = nil, revision: Int64
  ) {
    self.id = id
    self.owner = owner
    self.address = address
    self.servicesAddress = servicesAddress
    self.tls = tls
    self.role = role
    self.ownMaximum = ownMaximum
    self.limit = limit
    self.admission = admission
    self.admissionAt = admissionAt
    self.admissionBy = admissionBy
    self.admissionByKind = admissionByKind
    self.admissionReason = admissionReason
    self.drain = drain
    self.registration = registration
    self.seat = seat
    self.unlicensedReason = unlicensedReason
    self.removedAt = removedAt
    self.askedAt = askedAt
    self.revision = revision
  }

  public var isRemoved: Bool { removedAt != nil }

  /// Most sessions allowed.
  public var maximum: Int { limit ?? ownMaximum }

  public var license: LicenseStatus {
    if role.isLoadBalancer { return .notRequired }
    if let unlicensedReason { return .unlicensed(reason: unlicensedReason) }
    if let seat { return .licensed(seat: seat) }
    return .unlicensed(reason: "no seat is free")
  }
}
