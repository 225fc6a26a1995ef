internal import Balancing
internal import ClusterModel
internal import Hosting

/// A logon storm at several balancers that tell each other of their reservations over a network
/// that loses, delays and repeats what they say.
package enum LogonStorm {
  /// The result of one storm, in points of workload between the fullest and the emptiest server.
  package struct Report: Equatable, Sendable {
    package var worst: Double
    package var atEnd: Double
    /// Clients that found no server.
    package var failures: Int
    package var faults: FaultCounts
  }

  /// 5,000 clients in a second at 10 servers of 1,000 places each, in turn at each balancer.
  package static func run(seed: UInt64, balancers: Int) -> Report {
    let world = World(seed: seed, sabotage: nil, keepsTrace: false)
    (world.isCalm, world.isWatched) = (true, false)
    world.settleStorm(balancers: balancers)
    world.run(until: 20_000)
    world.arePeersFaulty = true
    world.run(until: 25_000)
    let crowd = Crowd(world: world, node: 900)
    crowd.come(5_000, overMilliseconds: 1_000)
    world.run(until: 60_000)
    defer { world.letGo() }
    return Report(
      worst: crowd.worst, atEnd: world.spread, failures: crowd.failures, faults: world.faults)
  }
}

/// Clients that all come at once, each to open one session and keep it.
private final class Crowd: SimulatedProcess {
  private(set) var worst = 0.0
  private(set) var failures = 0

  func come(_ count: Int, overMilliseconds span: Int64) {
    begin()
    for number in 0..<count {
      let balancer = world.balancers[number % world.balancers.count]
      after(Int64(number) * span / Int64(count)) { self.shakeHands(number, at: balancer) }
    }
  }

  private func shakeHands(_ number: Int, at balancer: BalancerProcess) {
    let wish = ReservationWish(
      ticket: balancer.newTicket(), network: NetworkKey(v4: UInt32(number)))
    var given = HandshakeList()
    balancer.run { machine, now in
      given = machine.handshake(.client, wish, now: now)
      return []
    }
    after(world.pick(1...150)) { self.open(given.entries[...], given.ticket) }
  }

  private func open(_ list: ArraySlice<HandshakeEntry>, _ ticket: String?) {
    guard let first = list.first, let server = world.instance(at: first.address) else {
      failures += 1
      return
    }
    let caller = Caller(kind: .client, user: "user", computer: "pc", ticket: ticket)
    let link = Link(world: world, client: self, server: server)
    guard server.letIn(caller, over: link) != nil else { return open(list.dropFirst(), ticket) }
    worst = max(worst, world.spread)
  }
}

extension World {
  /// Points of workload between the fullest and the emptiest server.
  var spread: Double {
    let shares = instances.map { instance in
      Double(instance.hosting?.connected ?? 0) / Double(instance.ownMaximum) * 100
    }
    return (shares.max() ?? 0) - (shares.min() ?? 0)
  }

  func settleStorm(balancers count: Int, servers: Int = 10) {
    for number in 1...count {
      guard let id = try? InstanceID("LB\(number)"), let address = newAddress() else { continue }
      balancers.append(
        BalancerProcess(world: self, node: 10 + number, id: id, address: address))
    }
    for number in 1...servers {
      guard let id = try? InstanceID("AOS\(number)"), let address = newAddress() else { continue }
      instances.append(
        InstanceProcess(
          world: self, node: 20 + number, id: id, address: address, services: .both,
          maximum: 1_000))
    }
    for balancer in balancers { balancer.start() }
    for instance in instances { instance.start() }
  }
}
