package import ClusterModel

extension Impact {
  /// Computes the effect of a change on clients that want to log on.
  package init(from old: RegistryContents, to new: RegistryContents, live: LiveView) {
    let (before, after) = (ServingList(old, live), ServingList(new, live))
    // Users who lose their server will log on to the others sooner or later.
    let leaving = before.connected - before.connected(where: { after.clients[$0] != nil })
    let workloadAfter = Self.workload(after.connected + leaving, after.maximum)
    var warnings: [OpenEnum<ImpactWarning>] = []
    if !before.clients.isEmpty, after.clients.isEmpty { warnings.append(.lastServer) }
    if !before.batch.isEmpty, after.batch.isEmpty { warnings.append(.lastBatchServer) }
    if before.balancers > 0, after.balancers == 0 { warnings.append(.lastBalancer) }
    let workloadBefore = Self.workload(before.connected, before.maximum)
    if let workloadAfter, workloadAfter > 1, workloadAfter > workloadBefore ?? 0 {
      warnings.append(.overCapacity)
    }
    self.init(
      handshakeList: after.ids,
      workloadBefore: workloadBefore?.roundedToFourDecimals,
      workloadAfter: workloadAfter?.roundedToFourDecimals, warnings: warnings)
  }

  private static func workload(_ connected: Int, _ maximum: Int) -> Double? {
    maximum == 0 ? nil : Double(connected) / Double(maximum)
  }
}

/// The servers that would take clients with this configuration, in the present situation.
private struct ServingList {
  var clients: [InstanceID: Load] = [:]
  var batch: Set<InstanceID> = []
  var balancers = 0

  init(_ contents: RegistryContents, _ live: LiveView) {
    for row in contents.instances.values where !row.isRemoved {
      var instance = BalancedInstance(row, since: row.admissionAt)
      if let seen = live.instances[row.id] {
        instance.health = seen.health
        instance.connected = seen.connected
        instance.ownMaximum = seen.ownMaximum
        instance.application = seen.application
      }
      let status = instance.status(reserved: 0)
      if row.role.isLoadBalancer { balancers += 1 }
      if status.derivedExclusion(for: .batch) == nil { batch.insert(row.id) }
      if status.derivedExclusion(for: .client) == nil {
        clients[row.id] = status.load
      }
    }
  }

  /// The ids in the order of the handshake list.
  var ids: [InstanceID] {
    clients.map { HandshakeRank(id: $0.key, load: $0.value) }.sorted().map(\.id)
  }

  var connected: Int { clients.values.reduce(0) { $0 + $1.connected } }
  var maximum: Int { clients.values.reduce(0) { $0 + $1.maximum } }

  func connected(where isMeant: (InstanceID) -> Bool) -> Int {
    clients.reduce(0) { $0 + (isMeant($1.key) ? $1.value.connected : 0) }
  }
}
