/// One row of the registry.
///
/// The fields of its parts are its own: `row.address` is `row.reach.address`.
@dynamicMemberLookup
public struct RegisteredInstance: Hashable, Sendable {
  /// Its name in the cluster.
  public var id: InstanceID
  /// Who may join it, besides the Unix socket.
  public var owner: InstanceOwner
  /// Where it is reached.
  public var reach: InstanceReach
  /// As the instance last said.
  public var profile: InstanceProfile
  /// What operators want of it.
  public var record: AdmissionRecord<Admission>
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
    id: InstanceID, owner: InstanceOwner = .local, reach: InstanceReach,
    profile: InstanceProfile, record: AdmissionRecord<Admission>, registration: Int64 = 0,
    seat: Int? = nil, revision: Int64 = 0
  ) {
    self.id = id
    self.owner = owner
    self.reach = reach
    self.profile = profile
    self.record = record
    self.registration = registration
    self.seat = seat
    self.revision = revision
  }

  @inlinable
  public subscript<Value>(dynamicMember path: WritableKeyPath<InstanceReach, Value>) -> Value {
    get { reach[keyPath: path] }
    set { reach[keyPath: path] = newValue }
  }

  @inlinable
  public subscript<Value>(dynamicMember path: WritableKeyPath<InstanceProfile, Value>) -> Value {
    get { profile[keyPath: path] }
    set { profile[keyPath: path] = newValue }
  }

  @inlinable
  public subscript<Value>(
    dynamicMember path: WritableKeyPath<AdmissionRecord<Admission>, Value>
  ) -> Value {
    get { record[keyPath: path] }
    set { record[keyPath: path] = newValue }
  }

  /// An operator took it out of the cluster.
  public var isRemoved: Bool { removedAt != nil }

  /// Most sessions allowed.
  public var maximum: Int { record.limit ?? profile.ownMaximum }

  /// Whether it may serve, by seat and license.
  public var license: LicenseStatus {
    if profile.role.isLoadBalancer { return .notRequired }
    if let unlicensedReason { return .unlicensed(reason: unlicensedReason) }
    if let seat { return .licensed(seat: seat) }
    return .unlicensed(reason: "no seat is free")
  }
}
