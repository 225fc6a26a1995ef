/// The list of servers that balancers tell each server, so that it can send clients on while no
/// balancer answers. It gives no orders.
public struct ServerDirectory: Hashable, Sendable, Codable {
  /// One server.
  public struct Entry: Hashable, Sendable, Codable {
    /// Its name in the cluster.
    public var id: InstanceID
    /// Where clients reach it.
    public var address: Address
    /// Whether it speaks only TLS there.
    public var tls: Bool

    public init(id: InstanceID, address: Address, tls: Bool) {
      self.id = id
      self.address = address
      self.tls = tls
    }
  }

  /// The name of the cluster.
  public var cluster: String
  /// The random name of the registry.
  public var epoch: String
  /// The revision of the registry when the list was made; 0 or more.
  public var revision: Int64
  /// The servers, ascending by id; at most `Limits.members`.
  public var servers: [Entry]

  public init(cluster: String, epoch: String, revision: Int64, servers: [Entry]) {
    self.cluster = cluster
    self.epoch = epoch
    self.revision = revision
    self.servers = servers
  }
}
