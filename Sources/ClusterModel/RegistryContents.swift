/// Everything that is configured in a cluster: what the registry keeps.
///
/// It is a value: a decision is a function from one of these to the next. The database runs such a
/// function in a transaction and keeps the result.
public struct RegistryContents: Equatable, Sendable {
  /// The name of the cluster.
  public var cluster: String
  /// The random name of this registry, given when it was made.
  public var epoch: String
  /// The number of the last change.
  public var revision: Int64
  /// The number of seats without a license; nil: unlimited.
  public var seats: Int?
  /// The license; nil: `seats` applies.
  public var license: License?
  /// The balancer by whose clock the license and its grace period are over; nil while it is in
  /// force.
  public var licenseEndedBy: InstanceID?
  /// The instances, including those that were removed lately: they must stay away until they are
  /// added again.
  public var instances: [InstanceID: RegisteredInstance]
  /// The access tokens by their ids, including those that were revoked lately.
  public var tokens: [String: AccessToken]
  /// The key with which balancers sign; nil only where nothing is signed.
  public var signingSeed: SigningSeed?
  /// The last steps to the current signing key, oldest first.
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

  /// Whether these contents, read after `known`, cannot have followed it: meanwhile the registry
  /// was restored from an older copy.
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
    // Sorts ids and not rows: a row is twenty times as large.
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
