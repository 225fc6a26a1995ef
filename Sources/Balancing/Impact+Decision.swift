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

/// What an instance is to those who want to log on.
private struct Standing: Equatable {
  /// Of a server in the list for clients.
  var load: Load?
  var takesBatch = false
  var isBalancer = false

  /// - Parameter seen: What a balancer observes of it.
  init(_ row: RegisteredInstance?, _ seen: LiveView.Instance?) {
    guard let row, !row.isRemoved else { return }
    guard !row.role.isLoadBalancer else {
      isBalancer = true
      return
    }
    guard let seen else { return }
    let maximum = row.limit ?? seen.ownMaximum
    func isListed(for kind: ClientKind) -> Bool {
      Exclusion(
        of: kind, from: .known(row.role), health: .known(seen.health),
        isDown: seen.application?.isDown == true, isUnlicensed: row.license.isUnlicensed,
        accepts: row.admission == .accepting, maximum: maximum) == nil
    }
    takesBatch = isListed(for: .batch)
    if isListed(for: .client) { load = Load(connected: seen.connected, maximum: maximum) }
  }
}

extension RegistryContents {
  /// Whether other servers take clients under other contents, or as many otherwise.
  ///
  /// - Parameter live: What a balancer observes.
  func sends(_ live: LiveView, elsewhereThan other: RegistryContents) -> Bool {
    rowsThatDiffer(from: other).contains { id in
      let seen = live.instances[id]
      return Standing(instances[id], seen) != Standing(other.instances[id], seen)
    }
  }
}

/// Who would serve under a configuration, as things are.
private struct ServingList {
  var clients: [InstanceID: Load] = [:]
  var batch: Set<InstanceID> = []
  var balancers = 0

  init(_ contents: RegistryContents, _ live: LiveView) {
    for (id, row) in contents.instances {
      let standing = Standing(row, live.instances[id])
      if standing.isBalancer { balancers += 1 }
      if standing.takesBatch { batch.insert(id) }
      clients[id] = standing.load
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
