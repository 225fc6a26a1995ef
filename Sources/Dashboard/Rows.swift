package import ClusterModel

/// What is worked out from a picture once and drawn often.
package struct Rows: Equatable, Sendable {
  /// The instances shown, in their order.
  package var ids: [InstanceID] = []
  /// Those that clients are not given, in natural order.
  package var excluded: [InstanceID] = []
  package var totals = Totals()
  package var measures = Measures()
  /// The ids of the picture as it lists them, and their places in natural order.
  private var listed: [InstanceID] = []
  private var naturalPlaces: [Int] = []

  package init() {}

  /// Works everything out anew.
  package mutating func rebuild(
    from snapshot: ClusterSnapshot, filter: Filter, sort: SortOrder
  ) {
    keepNaturalOrder(of: snapshot)
    let instances = naturalPlaces.map { snapshot.instances[$0] }
    measures = Measures(instances)
    excluded = instances.filter { $0.exclusion != nil }.map(\.id)
    totals = Totals(instances)
    ids = sort.apply(to: filter.isActive ? filter.apply(to: instances) : instances)
  }

  /// The same, but rows stay where they are: gone ones go, new ones come last.
  package mutating func rebuildHoldingOrder(
    from snapshot: ClusterSnapshot, filter: Filter, sort: SortOrder
  ) {
    let held = ids
    rebuild(from: snapshot, filter: filter, sort: sort)
    let present = Set(ids)
    let known = Set(held)
    ids = held.filter { present.contains($0) } + ids.filter { !known.contains($0) }
  }

  /// What a change of loads alone can change.
  package mutating func recount(_ snapshot: ClusterSnapshot) {
    totals = Totals(snapshot.instances)
  }

  /// Comparing ids is the dear part, so it is done only when instances came or went.
  private mutating func keepNaturalOrder(of snapshot: ClusterSnapshot) {
    let ids = snapshot.instances.map(\.id)
    guard ids != listed else { return }
    listed = ids
    naturalPlaces = ids.indices.sorted { NaturalOrder.precedes(ids[$0].text, ids[$1].text) }
  }
}

/// The cluster in a few numbers.
package struct Totals: Equatable, Sendable {
  package var instances = 0
  package var servers = 0
  /// Servers that take new clients: in the list and not full.
  package var accepting = 0
  /// Sessions on all servers.
  package var connected = 0
  /// Places on the servers of the list: what the cluster can carry now.
  package var maximum = 0
  /// Sessions on the servers of the list.
  package var connectedInList = 0
  package var problems = 0

  package init() {}

  package init(_ all: [InstanceStatus]) {
    instances = all.count
    for instance in all {
      if instance.isProblem { problems += 1 }
      guard !instance.role.isLoadBalancer else { continue }
      servers += 1
      connected += instance.load.connected
      guard instance.exclusion == nil else { continue }
      if !instance.load.isFull { accepting += 1 }
      maximum += instance.load.maximum
      connectedInList += instance.load.connected
    }
  }

  /// Load of the list; nil where it has no places.
  package var workload: Double? {
    maximum == 0 ? nil : Double(connectedInList) / Double(maximum)
  }
}
