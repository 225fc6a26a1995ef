@testable import ClusterModel

extension SplitMix64 {
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}

extension ClusterSnapshot {
  /// A balancer that has seen nothing yet.
  static func empty() -> ClusterSnapshot {
    ClusterSnapshot(
      cluster: "PROD", sequence: 0, at: Timestamp(milliseconds: 0),
      balancer: BalancerStatus(
        id: .named("LB1"), version: "0.1.0", startedAt: Timestamp(milliseconds: 0),
        registry: .init(kind: "sqlite", state: .available)),
      license: LicenseSummary(state: .none, seats: nil, seatsUsed: 0),
      handshakes: HandshakeCount(), instances: [], handshakeList: [], actions: [])
  }

  /// The next snapshot of a lively cluster of at most `ids`: each kind of change now and then.
  func followed(by ids: [InstanceID], using random: inout SplitMix64) -> ClusterSnapshot {
    var next = self
    next.sequence += Int64(1 + random.below(3))
    next.at = at.adding(milliseconds: Int64(random.below(100)))
    for id in ids where random.chance(30) { next.disturb(id, using: &random) }
    if random.chance(20) { next.balancer.registry.state = .known(.unavailable) }
    if random.chance(20) { next.license.seatsUsed = random.below(9) }
    if random.chance(50) { next.handshakes.total += random.below(50) }
    next.handshakeList = next.instances.filter { $0.exclusion == nil }
      .map { HandshakeRank(id: $0.id, load: $0.load) }.sorted().map(\.id)
    if random.chance(10) { next.handshakeList.shuffle(using: &random) }
    return next
  }

  private mutating func disturb(_ id: InstanceID, using random: inout SplitMix64) {
    guard var instance = self[id] else { return insert(.example(id.text)) }
    switch random.below(5) {
    case 0: return remove(id)
    case 1: instance.admission = .known(random.chance(50) ? .accepting : .rejecting)
    case 2: instance.health = .known(random.chance(50) ? .alive : .unreachable)
    default:
      instance.load = Load(
        connected: random.below(61), reserved: random.below(4), maximum: 60)
    }
    instance.exclusion = instance.derivedExclusion(for: .client).map { .known($0) }
    insert(instance)
  }
}
