internal import ClusterModel

/// One seeded run of a cluster: production machines, and everything around them simulated.
///
///     Simulation.run(seed: 42)  →  what happened, and the invariant that did not hold, if any
package enum Simulation {
  /// Runs to the end, or to the first invariant that does not hold.
  ///
  /// - Parameters:
  ///   - sabotage: A mistake to be made on purpose.
  ///   - keepsTrace: Writes down what happens, line by line.
  package static func run(
    seed: UInt64, sabotage: Sabotage? = nil, keepsTrace: Bool = false
  ) -> SimulationReport {
    let world = World(seed: seed, sabotage: sabotage, keepsTrace: keepsTrace)
    world.buildCluster()
    let trouble = world.chance(0.3) ? world.pick(90_000...200_000) : world.pick(15_000...60_000)
    world.beginChaos()
    world.run(until: trouble)
    world.calm()
    world.run(until: world.now + 10_000)
    world.sendHome()
    world.run(until: world.now + 50_000)
    // A clock that was set last minute is trusted now, and may end a license at this moment.
    while world.violation == nil, world.now - world.registry.changedAt < 5_000 {
      world.run(until: world.now + 5_000)
    }
    world.checkAgreement()
    defer { world.letGo() }
    return SimulationReport(
      seed: seed, events: world.events, milliseconds: world.now, sessions: world.sessions.count,
      changes: Int(world.registry.contents.revision), faults: world.faults,
      violation: world.violation, trace: world.trace ?? [])
  }
}

/// The result of one run.
package struct SimulationReport: Equatable, Sendable {
  package var seed: UInt64
  package var events: Int
  /// Simulated time.
  package var milliseconds: Int64
  /// Sessions that were opened.
  package var sessions: Int
  /// Changes that were committed.
  package var changes: Int
  package var faults: FaultCounts
  package var violation: Violation?
  package var trace: [String]
}

extension World {
  /// Builds a small cluster: two balancers, some servers with few places, and many clients.
  func buildCluster() {
    for number in 1...2 {
      guard let id = try? InstanceID("LB\(number)"), let address = newAddress() else { continue }
      balancers.append(
        BalancerProcess(world: self, node: 10 + number, id: id, address: address))
    }
    let kinds: [ServerServices] = [.application, .both, .both, .batch]
    for number in 1...Int(pick(2...5)) {
      guard let id = try? InstanceID("AOS0\(number)"), let address = newAddress(),
        let services = number == 1 ? .both : pick(of: kinds)
      else { continue }
      instances.append(
        InstanceProcess(
          world: self, node: 20 + number, id: id, address: address, services: services,
          maximum: Int(pick(1...4))))
      if chance(0.7) { instances.last?.application = .up }
    }
    // In one run of four.
    if lying.next() % 4 == 0 || sabotage == .believesLies, let id = try? InstanceID("AOS09"),
      let address = newAddress()
    {
      liar = id
      instances.append(
        InstanceProcess(
          world: self, node: 29, id: id, address: address, services: .application, maximum: 2))
    }
    for number in 1...Int(pick(4...14)) {
      let kind: ClientKind = chance(0.2) ? .batch : .client
      clients.append(ClientProcess(world: self, node: 100 + number, kind: kind))
    }
    for number in 1...2 {
      readers.append(FeedReader(world: self, node: 40 + number))
      operators.append(
        OperatorProcess(world: self, node: SimulatedNetwork.operators, name: "op\(number)"))
    }
    isLicensed = chance(0.5)
    for balancer in balancers { balancer.start() }
    for instance in instances { instance.start() }
    for client in clients { client.start() }
    for reader in readers { reader.start() }
    for one in operators { one.start() }
  }
}
