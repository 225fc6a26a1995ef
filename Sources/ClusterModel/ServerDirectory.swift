/// The servers of a cluster, as its balancers tell them to each of them: whom a client may be sent
/// to where no balancer answers. Orders nobody anything.
public struct ServerDirectory: Hashable, Sendable, Codable {
  /// One server.
  public struct Entry: Hashable, Sendable, Codable {
    /// Its name in the cluster.
    public var id: InstanceID
    /// Where clients reach it.
    public var address: Address
    /// It speaks TLS there, and nothing else.
    public var tls: Bool

    public init(id: InstanceID, address: Address, tls: Bool) {
      self.id = id
      self.address = address
      self.tls = tls
    }
  }

  /// The name of the cluster.
  public var cluster: String
  /// Names one registry.
  public var epoch: String
  /// The registry's, when the list was made; 0 or more.
  public var revision: Int64
  /// Ascending by id, `Limits.members` at most.
  public var servers: [Entry]

  public init(cluster: String, epoch: String, revision: Int64, servers: [Entry]) {
    self.cluster = cluster
    self.epoch = epoch
    self.revision = revision
    self.servers = servers
  }
}
