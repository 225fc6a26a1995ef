package import ClusterModel

/// The orders for instances, and what instances are known to obey.
extension Balancer {
  /// An instance has confirmed an order.
  package mutating func obeys(_ id: InstanceID, _ claim: ObeyClaim) {
    let belief = contents.belief(in: claim)
    lookSoon(at: id)
    if let row = contents.instances[id], row.isRemoved, let revision = belief.revision,
      revision >= row.revision,
      contents.desiredState(of: id)?.differs(from: belief.digest) == false
    {
      removalsToTell[id] = nil
      confirmations.told[id] = row.revision
    }
    // The answer may be older than the last event of the feed.
    guard let revision = belief.revision, let instance = instances[id],
      instance.obeyedRevision ?? -1 < revision,
      // It does not replace a claim that is ignored, unless the instance obeys its current order.
      instance.belief.doubt == nil || revision >= instance.registered.revision
    else { return }
    instances[id]?.claim = claim
    judge(id)
    touch(id)
  }

  /// A removed instance asked to join, was refused, and reported what it obeys. So it still runs,
  /// and its row is needed. If it knows its removal, it obeys it. If a registry, of which this one
  /// is an older copy, has sent it later orders, it considers its removal outdated, and the
  /// registry must raise its number.
  package mutating func refused(
    _ id: InstanceID, _ claim: ObeyClaim?, now: Moment
  ) -> [Effect] {
    guard let row = contents.instances[id], row.isRemoved else { return [] }
    let note = row.isWorthNoting(at: now.wall)
    let effects = note ? [Effect.write(.asked(id), by: .instance(id))] : []
    guard let claim else { return effects }
    let belief = contents.belief(in: claim)
    if isAhead(belief, of: row) {
      return effects + pass(id, belief, now: now.monotonicMilliseconds)
    }
    obeys(id, claim)
    return effects
  }

  /// Judges again what an instance says it obeys, after a message of the instance or a change in
  /// the registry.
  mutating func judge(_ id: InstanceID) {
    guard let instance = instances[id] else { return }
    let belief = instance.claim.map(contents.belief) ?? Belief()
    let isAhead = isAhead(belief, of: instance.registered)
    if isAhead || belief.doubt != nil { toJudge.insert(id) } else { toJudge.remove(id) }
    guard belief != instance.belief || isAhead != instance.isAhead else { return }
    instances[id]?.belief = belief
    instances[id]?.isAhead = isAhead
    if belief.doubt == nil {
      instances[id]?.doubtedSince = nil
      instances[id]?.showsDoubt = false
    }
    touch(id)
  }

  /// Whether an instance obeys an order that this balancer has not read: a later order that it has
  /// proved, or an order with the number of its row and other contents. In the second case the
  /// registry was restored from an older copy and has given new orders since.
  private func isAhead(_ belief: Belief, of row: RegisteredInstance) -> Bool {
    guard !row.role.isLoadBalancer, let obeyed = belief.revision else { return false }
    if obeyed > contents.revision { return true }
    guard obeyed >= row.revision else { return false }
    return contents.desiredState(of: row.id)?.differs(from: belief.digest) == true
  }

  /// Asks the registry to raise its number above the order that an instance obeys, after a pause
  /// that grows.
  ///
  /// Otherwise a registry that was restored from an older copy would give orders that its instances
  /// consider outdated, until its number has caught up.
  mutating func pass(_ id: InstanceID, now: Int64) -> [Effect] {
    guard let instance = instances[id], instance.isAhead, instance.isOpen else { return [] }
    return pass(id, instance.belief, now: now)
  }

  private mutating func pass(_ id: InstanceID, _ belief: Belief, now: Int64) -> [Effect] {
    guard let revision = belief.revision, isRegistryAvailable,
      passes.ask(id, isProven: belief.isProven, now: now)
    else { return [] }
    let digest = revision > contents.revision ? nil : belief.digest
    return [.write(.pass(id, revision: revision, digest: digest), by: .instance(id))]
  }

  /// Shows in the row, and once a minute in the log, why a claim of an instance is ignored. It
  /// waits a moment, since another balancer may have sent an order that this one will read soon.
  mutating func showDoubt(_ id: InstanceID, now: Int64) -> [Effect] {
    guard let instance = instances[id], let doubt = instance.belief.doubt else { return [] }
    guard let since = instance.doubtedSince else {
      instances[id]?.doubtedSince = now
      return []
    }
    guard now - since >= 5_000 else { return [] }
    if !instance.showsDoubt {
      instances[id]?.showsDoubt = true
      touch(id)
    }
    guard instances[id]?.doubtLines.allows(at: now, every: Pace.betweenLines) == true else {
      return []
    }
    return [.report(id, doubt)]
  }

  /// Whether all these instances are known to obey the newest desired state.
  package func isDelivered(_ ids: some Sequence<InstanceID>) -> Bool {
    ids.allSatisfy { instances[$0]?.isDelivered ?? (removalsToTell[$0] == nil) }
  }

  /// Whether all these instances obey; nil while that may still happen.
  package func deliveryOutcome(of ids: [InstanceID]) -> Bool? {
    if isDelivered(ids) { return true }
    return isReachable(ids) ? nil : false
  }

  /// Whether each of these instances obeys already or can be told now.
  func isReachable(_ ids: some Sequence<InstanceID>) -> Bool {
    ids.allSatisfy { id in
      guard let instance = instances[id] else { return removalsToTell[id] ?? true }
      return instance.isDelivered || instance.isOpen
    }
  }

  /// Sends the desired state; repeats this after two seconds without success.
  mutating func deliver(_ id: InstanceID, now: Int64) -> [Effect] {
    if instances[id]?.deliveries.allows(at: now) == false { return [] }
    return [.deliver(id)]
  }
}
