package import ClusterModel

extension Balancer {
  /// What another balancer of the cluster said when it was asked who it is.
  package enum PeerAnswer: Equatable, Sendable {
    case here(id: InstanceID, cluster: String, isLoadBalancer: Bool, version: String)
    case nothing(reason: String)
  }

  /// The other balancers, to be asked every second.
  package var peers: [(id: InstanceID, address: Address, tls: Bool)] {
    contents.members.filter { $0.role.isLoadBalancer && $0.id != settings.id }
      .map { ($0.id, $0.address, $0.tls) }
  }

  /// Another balancer answered, or did not.
  package mutating func peer(_ id: InstanceID, _ answer: PeerAnswer, now: Moment) {
    guard let instance = instances[id], instance.registered.role.isLoadBalancer,
      id != settings.id
    else { return }
    switch answer {
    case .here(let other, let cluster, let isLoadBalancer, let version):
      if other == id, cluster == contents.cluster, isLoadBalancer {
        instances[id]?.becomes(.alive, at: now.wall)
        instances[id]?.version = version
      } else {
        instances[id]?.becomes(
          .unreachable, at: now.wall, reason: "\(other) answers at its address")
      }
    case .nothing(let reason):
      instances[id]?.becomes(.unreachable, at: now.wall, reason: reason)
    }
    if instances[id]?.health != .alive { peerRates[id] = nil }
    if instances[id] != instance { touch(id) }
    weighReservations()
  }

  /// Another balancer told its figures: its handshakes a second are shown in its row and counted
  /// with those of the cluster. Forgotten when it does not answer any more.
  package mutating func addFigures(of id: InstanceID, handshakesPerSecond: Double) {
    guard let instance = instances[id], instance.registered.role.isLoadBalancer,
      id != settings.id, instance.health == .alive,
      (0...Double(Limits.count)).contains(handshakesPerSecond)
    else { return }
    peerRates[id] = (handshakesPerSecond * 10).rounded() / 10
  }
}
