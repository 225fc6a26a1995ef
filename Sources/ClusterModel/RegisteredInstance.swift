/// One row of the registry.
///
/// The fields of its parts can be read directly: `row.address` is `row.reach.address`.
@dynamicMemberLookup
public struct RegisteredInstance: Hashable, Sendable {
  /// Its name in the cluster.
  public var id: InstanceID
  /// Who may join it, besides the Unix socket.
  public var owner: InstanceOwner
  /// Its addresses.
  public var reach: InstanceReach
  /// What the instance said of itself last.
  public var profile: InstanceProfile
  /// What operators ordered for it.
  public var record: AdmissionRecord<Admission>
  /// The order of registration, in which license seats are given.
  public var registration: Int64
  /// The license seat; nil for balancers and for servers without one.
  public var seat: Int?
  /// Why it may not serve, even with a seat; nil: only the seat decides.
  public var unlicensedReason: String?
  /// When it was removed from the cluster; nil while it is a member.
  public var removedAt: Timestamp?
  /// The last day on which it asked to join although it was removed; nil where it has not asked.
  public var askedAt: Timestamp?
  /// The number of the last change of what this instance must do.
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

  /// Whether an operator removed it from the cluster.
  public var isRemoved: Bool { removedAt != nil }

  /// The maximum of sessions.
  public var maximum: Int { record.limit ?? profile.ownMaximum }

  /// Whether it may serve, by its seat and the license.
  public var license: LicenseStatus {
    if profile.role.isLoadBalancer { return .notRequired }
    if let unlicensedReason { return .unlicensed(reason: unlicensedReason) }
    if let seat { return .licensed(seat: seat) }
    return .unlicensed(reason: "no seat is free")
  }
}
