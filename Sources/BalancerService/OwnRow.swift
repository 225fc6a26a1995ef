internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

/// Why a running balancer must not continue: it is no longer a member of the cluster.
package struct BalancerExpelled: PlainError {
  package var description: String
}

/// What happened to a balancer's own row. While a process hangs or cannot reach the registry, it
/// may be removed, and another one may take its name. If it continued, it would be in nobody's list
/// of balancers, and would overwrite the other's row.
enum OwnRow {
  case there
  /// This registry has never known it.
  case missing
  case lost(BalancerExpelled)

  init(of id: InstanceID, at address: Address, in contents: RegistryContents) {
    guard let row = contents.instances[id] else {
      self = .missing
      return
    }
    if let removedAt = row.removedAt {
      self = .lost(
        BalancerExpelled(
          description: "\(id) was removed from the cluster at \(removedAt); a start adds it again"))
    } else if row.address != address {
      self = .lost(
        BalancerExpelled(description: "another balancer is \(id) now, at \(row.address)"))
    } else {
      self = .there
    }
  }
}

extension LiveView {
  /// Which of these rows belongs to another program. It compares the balancer's own address, and
  /// not theirs: a name that leads elsewhere proves nothing.
  init(
    answeringAt address: Address, among rows: [RegisteredInstance], _ transport: HTTPTransport
  ) async {
    self.init()
    for tls in Set(rows.map(\.tls)) {
      let connection = ClusterConnection(Endpoint(address, tls: tls), transport: transport)
      guard let answer = try? await connection.livez(timeoutMilliseconds: 2_000),
        rows.contains(where: { $0.id == answer.id })
      else { continue }
      instances[answer.id] = Instance(
        health: .alive, connected: 0, isCounted: false, ownMaximum: 0)
    }
  }
}
