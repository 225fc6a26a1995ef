package import ClusterModel

/// The cluster in a few numbers.
package struct Totals: Equatable, Sendable {
  package var instances = 0
  package var servers = 0
  /// Dedicated load balancers that are alive.
  package var balancers = 0
  /// Servers that take new clients: in the list and not full.
  package var accepting = 0
  /// Sessions on all servers.
  package var connected = 0
  /// Places on the servers of the list: what the cluster can carry now.
  package var maximum = 0
  /// Sessions on the servers of the list.
  package var connectedInList = 0
  /// Places reserved there for clients on their way.
  package var reservedInList = 0

  package init() {}

  package init(_ all: [InstanceStatus]) {
    instances = all.count
    for instance in all {
      guard !instance.role.isLoadBalancer else {
        if instance.health == .alive { balancers += 1 }
        continue
      }
      servers += 1
      connected += instance.load.connected
      guard instance.exclusion == nil else { continue }
      if !instance.load.isFull { accepting += 1 }
      maximum += instance.load.maximum
      connectedInList += instance.load.connected
      reservedInList += instance.load.reserved
    }
  }

  /// Load of the list, counted as that of each row: with what is reserved. Nil where it has no
  /// places.
  package var workload: Double? {
    maximum == 0 ? nil : Double(connectedInList + reservedInList) / Double(maximum)
  }

  /// What the load of the list is made of: `217/440`, with reserved places `217+3/440`.
  package var listText: String {
    "\(Format.grouped(connectedInList))\(reservedText)/\(Format.grouped(maximum))"
  }

  /// `+3`; empty where nothing is reserved.
  package var reservedText: String {
    reservedInList > 0 ? "+\(Format.grouped(reservedInList))" : ""
  }
}
