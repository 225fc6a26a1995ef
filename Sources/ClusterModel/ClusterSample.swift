/// The cluster as a whole at one moment: what a chart of the last hour shows.
public struct ClusterSample: Hashable, Codable, Sendable {
  /// Open sessions of all servers that answer.
  public var sessions: Int
  /// The maximums of all servers that take new sessions, or would if they were not full.
  public var capacity: Int
  /// Handshakes a second at all balancers whose figures are known; the mean of ten seconds.
  public var handshakesPerSecond: Double
  /// The difference between the fullest and the emptiest server that takes clients, in points of
  /// workload (0.66 and 0.30 are 36 points apart); nil where no server takes clients. Servers for
  /// batch alone do not count, since they get no clients.
  public var spread: Int?

  public init(sessions: Int, capacity: Int, handshakesPerSecond: Double, spread: Int?) {
    self.sessions = sessions
    self.capacity = capacity
    self.handshakesPerSecond = handshakesPerSecond
    self.spread = spread
  }

  /// The cluster as a balancer sees it.
  public init(_ snapshot: ClusterSnapshot) {
    let servers = snapshot.instances.filter { !$0.role.isLoadBalancer }
    let open = servers.filter(\.takesSessions)
    sessions = servers.reduce(0) { $0 + ($1.health == .alive ? $1.load.connected : 0) }
    capacity = open.reduce(0) { $0 + $1.load.maximum }
    handshakesPerSecond = snapshot.handshakes.perSecondOfAll
    let workloads = open.filter { $0.derivedExclusion(for: .client) == nil }
      .compactMap(\.load.workload)
    spread = workloads.max().flatMap { fullest in
      workloads.min().map { emptiest in
        // Bounded: an operator may have lowered a maximum far below the number of open sessions.
        Int(min((fullest - emptiest) * 100, Double(Limits.count)).rounded())
      }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case sessions, capacity, handshakesPerSecond, spread
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    sessions = try values.decodeCount(forKey: .sessions)
    capacity = try values.decodeCount(forKey: .capacity)
    handshakesPerSecond = try values.decodeRate(forKey: .handshakesPerSecond)
    spread = try values.decodeCountIfPresent(forKey: .spread)
  }

  /// Every field is written; an absent one is null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(sessions, forKey: .sessions)
    try values.encode(capacity, forKey: .capacity)
    try values.encode(handshakesPerSecond, forKey: .handshakesPerSecond)
    try values.encode(spread, forKey: .spread)
  }
}

extension InstanceStatus {
  /// Whether it is in the list for clients or in the one for batch, full or not.
  public var takesSessions: Bool {
    derivedExclusion(for: .client) == nil || derivedExclusion(for: .batch) == nil
  }
}
