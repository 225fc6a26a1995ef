/// One row of the registry.
///
/// The fields of its parts can be read directly: `row.address` is `row.reach.address`. All copies
/// share one place in memory until one of them changes: a balancer has every row in several tables,
/// and makes new tables of all rows with every change.
@dynamicMemberLookup
public struct RegisteredInstance: Hashable, Sendable {
  private struct Fields: Hashable, Sendable {
    var id: InstanceID
    var owner: InstanceOwner
    var reach: InstanceReach
    var profile: InstanceProfile
    var record: AdmissionRecord<Admission>
    var registration: Int64
    var seat: Int?
    var unlicensedReason: String?
    var removedAt: Timestamp?
    var askedAt: Timestamp?
    var revision: Int64
  }

  /// Always one. An array is shared, and two of one place are equal without a look at what they
  /// hold.
  private var shared: [Fields]

  /// Its name in the cluster.
  public var id: InstanceID {
    get { shared[0].id }
    set { shared[0].id = newValue }
  }
  /// Who may join it, besides the Unix socket.
  public var owner: InstanceOwner {
    get { shared[0].owner }
    set { shared[0].owner = newValue }
  }
  /// Its addresses.
  public var reach: InstanceReach {
    get { shared[0].reach }
    set { shared[0].reach = newValue }
  }
  /// What the instance said of itself last.
  public var profile: InstanceProfile {
    get { shared[0].profile }
    set { shared[0].profile = newValue }
  }
  /// What operators ordered for it.
  public var record: AdmissionRecord<Admission> {
    get { shared[0].record }
    set { shared[0].record = newValue }
  }
  /// The order of registration, in which license seats are given.
  public var registration: Int64 {
    get { shared[0].registration }
    set { shared[0].registration = newValue }
  }
  /// The license seat; nil for balancers and for servers without one.
  public var seat: Int? {
    get { shared[0].seat }
    set { shared[0].seat = newValue }
  }
  /// Why it may not serve, even with a seat; nil: only the seat decides.
  public var unlicensedReason: String? {
    get { shared[0].unlicensedReason }
    set { shared[0].unlicensedReason = newValue }
  }
  /// When it was removed from the cluster; nil while it is a member.
  public var removedAt: Timestamp? {
    get { shared[0].removedAt }
    set { shared[0].removedAt = newValue }
  }
  /// When it last asked to join although it was removed, to the day; nil: not since.
  public var askedAt: Timestamp? {
    get { shared[0].askedAt }
    set { shared[0].askedAt = newValue }
  }
  /// The number of the last change of what this instance must do.
  public var revision: Int64 {
    get { shared[0].revision }
    set { shared[0].revision = newValue }
  }

  public init(
    id: InstanceID, owner: InstanceOwner = .local, reach: InstanceReach,
    profile: InstanceProfile, record: AdmissionRecord<Admission>, registration: Int64 = 0,
    seat: Int? = nil, revision: Int64 = 0
  ) {
    shared = [
      Fields(
        id: id, owner: owner, reach: reach, profile: profile, record: record,
        registration: registration, seat: seat, revision: revision)
    ]
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
  public var isRemoved: Bool { shared[0].removedAt != nil }

  /// Where clients and balancers connect.
  public var address: Address {
    get { shared[0].reach.address }
    set { shared[0].reach.address = newValue }
  }

  /// Whether it balances or serves, and whom.
  public var role: Role {
    get { shared[0].profile.role }
    set { shared[0].profile.role = newValue }
  }

  /// The maximum of sessions.
  public var maximum: Int { shared[0].record.limit ?? shared[0].profile.ownMaximum }

  /// Whether it may serve, by its seat and the license.
  public var license: LicenseStatus {
    if role.isLoadBalancer { return .notRequired }
    if let unlicensedReason { return .unlicensed(reason: unlicensedReason) }
    if let seat { return .licensed(seat: seat) }
    return .unlicensed(reason: "no seat is free")
  }
}
