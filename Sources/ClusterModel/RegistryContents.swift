/// Everything that is configured of a cluster: what the registry keeps.
///
/// A value: decisions are functions from one of these to the next, and the database's part is to
/// run such a function in a transaction and to keep what comes out.
public struct RegistryContents: Equatable, Sendable {
  /// The name of the cluster.
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

  /// Ids of rows that are other ones in later contents, or are in one of both alone.
  package func rowsThatDiffer(from later: Self) -> [InstanceID] {
    later.instances.compactMap { instances[$0.key] == $0.value ? nil : $0.key }
      + instances.keys.filter { later.instances[$0] == nil }
  }

  /// The members of the cluster, ascending by id.
  public var members: [RegisteredInstance] {
    // Ids are sorted, and not rows: a row is twenty times as large.
    instances.values.lazy.filter { !$0.isRemoved }.map(\.id).sorted().compactMap { instances[$0] }
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
