import Balancing
import ClusterModel

/// A balancer with servers under it, for tests: time stands still unless a test moves it.
struct Cluster {
  var balancer: Balancer
  var contents: RegistryContents
  var now = Moment(
    monotonicMilliseconds: 1_000_000, wall: Timestamp(milliseconds: 1_800_000_000_000))
  /// The effects of the last event.
  var effects: [Balancer.Effect] = []
  private var feedNumbers: [InstanceID: Int] = [:]

  init(
    reservationMilliseconds: Int64 = 10_000, slowStartMilliseconds: Int64 = 0, seats: Int? = nil,
    ticketMark: String = ""
  ) throws {
    contents = RegistryContents(cluster: "TEST", epoch: "e1", revision: 1, seats: seats)
    balancer = Balancer(
      settings: BalancerSettings(
        id: try InstanceID("LB1"), version: "0", startedAt: now.wall, registryKind: "sqlite",
        reservationMilliseconds: reservationMilliseconds,
        slowStartMilliseconds: slowStartMilliseconds, ticketMark: ticketMark),
      contents: contents, actions: [], seed: 1, now: now)
    try change(
      .join(
        InstanceID("LB1"),
        Joining(
          reach: InstanceReach(Address("127.0.0.1:2700")),
          profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0))))
  }

  /// Lets time pass on both clocks.
  mutating func pass(milliseconds: Int64) {
    now.monotonicMilliseconds += milliseconds
    now.wall = now.wall.adding(milliseconds: milliseconds)
  }

  /// A mutation, as the registry's transaction runs it.
  @discardableResult
  mutating func change(
    _ mutation: Mutation, acknowledged: Set<ImpactWarning> = []
  ) throws -> Decision {
    let decision = try Decision(
      mutation, on: contents, live: balancer.liveView, actor: "ana", at: now.wall,
      acknowledged: acknowledged, verdict: balancer.licenseVerdict)
    let before = contents
    contents = decision.contents
    contents.revision += 1
    let isRaised = decision.contents.revision > before.revision
    for id in contents.instances.keys {
      var (old, new) = (before.desiredState(of: id), contents.desiredState(of: id))
      old?.revision = 0
      new?.revision = 0
      if isRaised || old != new { contents.instances[id]?.revision = contents.revision }
    }
    note(balancer.registryChanged(to: contents, now: now))
    return decision
  }

  /// What an operator orders.
  @discardableResult
  mutating func change(
    _ command: OperatorCommand, acknowledged: Set<ImpactWarning> = []
  ) throws -> Decision {
    try change(.command(command), acknowledged: acknowledged)
  }

  /// A server that joins, says hello and tells its load.
  mutating func join(
    _ name: String, connected: Int = 0, maximum: Int = 10, _ services: ServerServices = .both
  ) throws {
    let id = try InstanceID(name)
    let port = 3_000 + contents.instances.count
    try change(
      .join(
        id,
        Joining(
          reach: InstanceReach(Address("127.0.0.1:\(port)")),
          profile: InstanceProfile(role: .server(services), ownMaximum: maximum))))
    try hello(name, maximum: maximum, services)
    try feed(name, .load(connected: connected, tickets: []))
  }

  mutating func hello(
    _ name: String, maximum: Int = 10, _ services: ServerServices = .both,
    cluster: String = "TEST", revision: Int64? = nil, id: String? = nil,
    endedDrain: Timestamp? = nil, digest: String? = nil, proof: ObeyClaim.Proof = .none,
    startedAt: Timestamp? = nil
  ) throws {
    let obeyed = try contents.instances[InstanceID(name)]?.revision ?? 0
    try feed(
      name,
      .hello(
        LoadFeedHello(
          id: InstanceID(id ?? name), cluster: cluster,
          profile: InstanceProfile(role: .server(services), ownMaximum: maximum),
          startedAt: startedAt ?? now.wall, version: "0",
          claim: ObeyClaim(revision: revision ?? obeyed, digest: digest, proof: proof),
          endedDrain: endedDrain)))
  }

  mutating func feed(_ name: String, _ event: LoadFeedEvent) throws {
    let id = try InstanceID(name)
    note(balancer.feed(id, number: feedNumbers[id] ?? 0, event, now: now))
  }

  /// - Parameter heartbeat: When the feed of this number last beat without being read.
  mutating func tick(heartbeat: (Int) -> Int64? = { _ in nil }) {
    note(balancer.tick(now: now, heartbeat: heartbeat))
  }

  /// Of the load feed that was opened last.
  func feedNumber(of name: String) -> Int? {
    feedNumbers.first { $0.key.text == name }?.value
  }

  /// Another balancer of the cluster, which is alive.
  mutating func addBalancer(_ name: String) throws {
    let id = try InstanceID(name)
    try change(
      .join(
        id,
        Joining(
          reach: InstanceReach(Address("127.0.0.1:\(2_701 + contents.instances.count)")),
          profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0))))
    balancer.peer(
      id, .here(id: id, cluster: "TEST", isLoadBalancer: true, version: "0"), now: now)
  }

  mutating func list(_ kind: ClientKind = .client) -> [String] {
    balancer.handshake(kind, nil, now: now).entries.map(\.id.text)
  }

  mutating func handshake(ticket: String) -> [String] {
    given(ticket: ticket).entries.map(\.id.text)
  }

  /// - Parameter network: A number for each network of clients.
  mutating func given(ticket: String, from network: UInt32 = 1) -> HandshakeList {
    let wish = ReservationWish(ticket: ticket, network: NetworkKey(v4: network))
    return balancer.handshake(.client, wish, now: now)
  }

  func status(_ name: String) throws -> InstanceStatus {
    guard let status = balancer.status(of: try InstanceID(name)) else {
      throw InvalidValue(field: name, complaint: "is missing")
    }
    return status
  }

  private mutating func note(_ effects: [Balancer.Effect]) {
    self.effects = effects
    for case .openFeed(let id, _, let number, _) in effects { feedNumbers[id] = number }
  }
}

extension Balancer {
  /// An answer to a document, without a proof.
  mutating func obeys(_ id: InstanceID, revision: Int64, digest: String? = nil) {
    obeys(id, ObeyClaim(revision: revision, digest: digest))
  }
}

extension Cluster {
  /// What the registry orders, under another number.
  func order(_ name: String, revision: Int64) throws -> DesiredState {
    guard var order = try contents.desiredState(of: InstanceID(name)) else {
      throw InvalidValue(field: name, complaint: "is missing")
    }
    order.revision = revision
    return order
  }

  /// How often the registry is asked to go past something.
  var passes: Int { effects.count { if case .write(.pass, _) = $0 { true } else { false } } }
}
