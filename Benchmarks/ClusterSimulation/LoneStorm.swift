internal import Balancing
internal import ClusterModel
internal import Hosting

/// A cluster whose balancers are all gone: clients find the last entry of their configuration, one
/// of the servers, over a network that loses and delays messages.
package enum LoneStorm {
  package struct Report: Equatable, Sendable {
    /// Sessions of each server at the end, in the order of their names.
    package var sessions: [Int]
    /// Points between the largest and the smallest of their shares of the new clients.
    package var spread: Double
    package var faults: FaultCounts
  }

  /// 1,000 clients with the configuration `LB1;LB2;AOS01` arrive within 30 s at four servers.
  ///
  /// - Parameter knowsServers: The balancers told the servers of each other before they died.
  package static func run(seed: UInt64, knowsServers: Bool = true) -> Report {
    let world = World(seed: seed, sabotage: nil, keepsTrace: false)
    (world.isCalm, world.isWatched) = (true, false)
    world.settleStorm(balancers: 2, servers: 4)
    world.run(until: 20_000)
    for balancer in world.balancers { balancer.kill() }
    if !knowsServers { for instance in world.instances { instance.directory = nil } }
    world.isCalm = false
    let crowd = LoneCrowd(world: world, node: 900)
    crowd.come(1_000, overMilliseconds: 30_000)
    world.run(until: 80_000)
    defer { world.letGo() }
    let sessions = world.instances.map { $0.hosting?.connected ?? 0 }
    let shares = sessions.map { Double($0) / 10 }
    return Report(
      sessions: sessions, spread: (shares.max() ?? 0) - (shares.min() ?? 0), faults: world.faults)
  }
}

/// Clients that each open one session and keep it.
private final class LoneCrowd: SimulatedProcess {
  func come(_ count: Int, overMilliseconds span: Int64) {
    begin()
    for number in 0..<count {
      after(Int64(number) * span / Int64(count)) { self.ask(isAnswered: Answered()) }
    }
  }

  /// One attempt of one client.
  private final class Answered {
    var isOver = false
  }

  /// Both balancers refuse the connection, so the first server of the configuration is asked, and
  /// again where nothing is heard for two seconds.
  private func ask(isAnswered answered: Answered) {
    let server = world.instances[0]
    after(2_000) {
      guard !answered.isOver else { return }
      answered.isOver = true
      self.ask(isAnswered: Answered())
    }
    world.send(from: self, to: server) {
      server.list(for: .client) { list in
        self.world.send(from: server, to: self) {
          guard !answered.isOver else { return }
          answered.isOver = true
          self.after(self.world.pick(1...150)) { self.open(list[...]) }
        }
      }
    }
  }

  private func open(_ list: ArraySlice<HandshakeEntry>) {
    guard let first = list.first, let server = world.instance(at: first.address) else { return }
    let caller = Caller(kind: .client, user: "user", computer: "pc", ticket: nil)
    let link = Link(world: world, client: self, server: server)
    if server.letIn(caller, over: link) == nil { open(list.dropFirst()) }
  }
}
