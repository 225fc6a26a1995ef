package import ClusterModel

/// The cluster in a few numbers.
package struct Totals: Equatable, Sendable {
  package var instances = 0
  package var servers = 0
  /// Living dedicated load balancers.
  package var balancers = 0
  /// Servers that take new clients: in the list and not full.
  package var accepting = 0
  /// Servers for interactive clients and for batch, and how many of them take new ones.
  package var clients = Share()
  package var batch = Share()
  /// Servers without a license seat.
  package var unlicensed = 0
  /// Sessions on the servers whose number is known.
  package var connected = 0
  /// Sessions that were open on lost servers in their last report.
  package var lost = 0
  /// The maximums of the servers in the list: what the cluster can carry now.
  package var maximum = 0
  /// Sessions on the servers of the list.
  package var connectedInList = 0
  /// Places reserved there for clients on their way.
  package var reservedInList = 0

  /// The maximums of the servers that take sessions of any kind, including full ones.
  package var places = 0
  /// The fullest and the emptiest server that takes clients; nil where there are none.
  package var extremes: (fullest: Extreme, emptiest: Extreme)? {
    fullest.flatMap { fullest in emptiest.map { (fullest, $0) } }
  }
  private var fullest: Extreme?
  private var emptiest: Extreme?

  /// A server and its workload.
  package struct Extreme: Equatable, Sendable {
    package var id: InstanceID
    package var workload: Double
  }

  /// The difference of their workloads, in points; nil where there are none.
  package var spread: Int? {
    extremes.map { fullest, emptiest in
      Int(min((fullest.workload - emptiest.workload) * 100, Double(Limits.count)).rounded())
    }
  }

  /// A part and the whole.
  package struct Share: Equatable, Sendable {
    package var accepting = 0
    package var all = 0
  }

  package init() {}

  package init(_ all: [InstanceStatus]) {
    instances = all.count
    for instance in all {
      guard !instance.role.isLoadBalancer else {
        if instance.health == .alive { balancers += 1 }
        continue
      }
      servers += 1
      if instance.license.isUnlicensed { unlicensed += 1 }
      if instance.isLoadKnown {
        connected += instance.load.connected
      } else {
        lost += instance.load.connected
      }
      count(instance)
      switch instance.exclusion {
      case nil: compare(instance, takesClients: true)
      case .known(.batchOnly):
        compare(instance, takesClients: false)
        continue
      default: continue
      }
      if !instance.load.isFull { accepting += 1 }
      maximum += instance.load.maximum
      connectedInList += instance.load.connected
      reservedInList += instance.load.reserved
    }
  }

  private mutating func compare(_ instance: InstanceStatus, takesClients: Bool) {
    places += instance.load.maximum
    // Servers for batch work alone take no part in the balancing of clients.
    guard takesClients, let workload = instance.load.workload else { return }
    let extreme = Extreme(id: instance.id, workload: workload)
    if workload > fullest?.workload ?? -1 { fullest = extreme }
    if workload < emptiest?.workload ?? .infinity { emptiest = extreme }
  }

  private mutating func count(_ instance: InstanceStatus) {
    guard case .known(.server(let services)) = instance.role else { return }
    let isAccepting = instance.state == .accepting
    if services != .batch {
      clients.all += 1
      if isAccepting { clients.accepting += 1 }
    }
    if services != .application {
      batch.all += 1
      if isAccepting { batch.accepting += 1 }
    }
  }

  /// The load of the list, as in each row: with reserved places. Nil where it has no places.
  package var workload: Double? {
    maximum == 0 ? nil : Double(connectedInList + reservedInList) / Double(maximum)
  }

  /// The parts of the load of the list: `217 (+3 reserved) of 440`, or `217+3/440`.
  package func listText(isBrief: Bool = false) -> String {
    let (open, all) = (Format.grouped(connectedInList), Format.grouped(maximum))
    let reserved = reservedText(isBrief: isBrief)
    return isBrief ? "\(open)\(reserved)/\(all)" : "\(open)\(reserved) of \(all)"
  }

  /// `+3`; empty where nothing is reserved.
  package func reservedText(isBrief: Bool) -> String {
    guard reservedInList > 0 else { return "" }
    let count = Format.grouped(reservedInList)
    return isBrief ? "+\(count)" : " (+\(count) reserved)"
  }
}

extension Totals.Share {
  /// `clients: 3 of 8 servers`, or `clients 3/8`.
  func text(_ whom: String, isBrief: Bool) -> String {
    let (some, all) = (Format.grouped(accepting), Format.grouped(self.all))
    return isBrief ? "\(whom) \(some)/\(all)" : "\(whom): \(some) of \(all)"
  }
}
