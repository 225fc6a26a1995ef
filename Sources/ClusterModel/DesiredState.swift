/// What one instance must do, as the registry has it. Sent whole and signed; an instance obeys
/// the highest revision of an epoch that it has seen.
public struct DesiredState: Hashable, Codable, Sendable {
  /// The name of the cluster.
  public var cluster: String
  /// The instance that must obey.
  public var instance: InstanceID
  /// Names one registry: random, made with it.
  public var epoch: String
  /// The registry's number of the last change that concerns this instance.
  public var revision: Int64
  /// Whether it takes new clients.
  public var admission: Admission
  /// Nil: the instance's own maximum holds.
  public var limit: Int?
  /// Why no license seat is held; nil where one is, or none is needed.
  public var unlicensedReason: String?
  /// Taken out of the cluster; refuses sessions until an operator adds it again.
  public var removed: Bool
  /// The drain under way; nil while accepting.
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
