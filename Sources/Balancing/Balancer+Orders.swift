package import ClusterModel

/// What instances are told to do, and what they are known to obey.
extension Balancer {
  /// An instance answered that it obeys this.
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
    // The answer may be older than the last word of the feed.
    guard let revision = belief.revision, let instance = instances[id],
      instance.obeyedRevision ?? -1 < revision,
      // Nor does it take back a word that is doubted, unless it obeys what it must.
      instance.belief.doubt == nil || revision >= instance.registered.revision
    else { return }
    instances[id]?.claim = claim
    judge(id)
    touch(id)
  }

  /// A removed instance asked to join, was refused, and said what it obeys. It runs: its row is
  /// needed. Told once already, it obeys its removal; told more by a registry of which this one is
  /// an older copy, it holds its removal to be old, and the registry goes past that.
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

  /// Looks again at what an instance says that it obeys: it said something, or the registry did.
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

  /// Whether an instance obeys what this balancer has not read: a later order that it has proved,
  /// or other words than those of its row, told by a registry of which this one is an older copy
  /// that has counted on since.
  private func isAhead(_ belief: Belief, of row: RegisteredInstance) -> Bool {
    guard !row.role.isLoadBalancer, let obeyed = belief.revision else { return false }
    if obeyed > contents.revision { return true }
    guard obeyed >= row.revision else { return false }
    return contents.desiredState(of: row.id)?.differs(from: belief.digest) == true
  }

  /// Has the registry go past what an instance obeys, after a pause that grows.
  ///
  /// A registry that was restored from an older copy would else give orders that its instances
  /// hold to be old, until it has caught up by itself.
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

  /// Shows in its row, and in the log once a minute, why what an instance says is ignored. Not at
  /// once: another balancer may have told it something that is read here a moment later.
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

  /// Every one of these instances is known to obey the newest desired state.
  package func isDelivered(_ ids: some Sequence<InstanceID>) -> Bool {
    ids.allSatisfy { instances[$0]?.isDelivered ?? (removalsToTell[$0] == nil) }
  }

  /// Whether all of these instances obey: nil while that may still come.
  package func deliveryOutcome(of ids: [InstanceID]) -> Bool? {
    if isDelivered(ids) { return true }
    return isReachable(ids) ? nil : false
  }

  /// Every one of these instances either obeys already or can be told so now.
  func isReachable(_ ids: some Sequence<InstanceID>) -> Bool {
    ids.allSatisfy { id in
      guard let instance = instances[id] else { return removalsToTell[id] ?? true }
      return instance.isDelivered || instance.isOpen
    }
  }

  /// Sends the desired state, again after two seconds without success.
  mutating func deliver(_ id: InstanceID, now: Int64) -> [Effect] {
    if instances[id]?.deliveries.allows(at: now) == false { return [] }
    return [.deliver(id)]
  }
}
