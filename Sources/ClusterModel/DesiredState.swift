/// What one instance must do, as the registry has it. Balancers send it whole and signed. An
/// instance obeys the highest revision of an epoch that it has seen.
public struct DesiredState: Hashable, Codable, Sendable {
  /// The name of the cluster.
  public var cluster: String
  /// The instance that must obey.
  public var instance: InstanceID
  /// The random name of one registry, given when it was made.
  public var epoch: String
  /// The number of the registry's last change that concerns this instance.
  public var revision: Int64
  /// Whether it takes new clients.
  public var admission: Admission
  /// The operator's limit; nil: the instance uses its own maximum.
  public var limit: Int?
  /// Why the instance has no license seat; nil where it has one or needs none.
  public var unlicensedReason: String?
  /// Whether it was removed from the cluster. It then refuses sessions until an operator adds it
  /// again.
  public var removed: Bool
  /// The current drain; nil while the instance accepts clients.
  public var drain: Drain?

  public init(
    cluster: String, instance: InstanceID, epoch: String, revision: Int64,
    admission: Admission, limit: Int?, unlicensedReason: String?, removed: Bool, drain: Drain?
  ) {
    self.cluster = cluster
    self.instance = instance
    self.epoch = epoch
    self.revision = revision
    self.admission = admission
    self.limit = limit
    self.unlicensedReason = unlicensedReason
    self.removed = removed
    self.drain = drain
  }
}
