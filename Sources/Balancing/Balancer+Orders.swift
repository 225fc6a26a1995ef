package import ClusterModel

/// What instances are told to do, and what they are known to obey.
extension Balancer {
  /// An instance answered that it obeys this revision.
  package mutating func obeys(_ id: InstanceID, revision: Int64, digest: String? = nil) {
    if let row = contents.instances[id], row.isRemoved, revision >= row.revision,
      contents.desiredState(of: id)?.differs(from: digest) == false
    {
      untold[id] = nil
      confirmations.told[id] = row.revision
    }
    guard let known = instances[id]?.obeyedRevision ?? .some(-1), known < revision else { return }
    instances[id]?.obeyedRevision = revision
    instances[id]?.obeyedDigest = digest
    compareRevision(of: id)
    touch(id)
  }

  /// A removed instance asked to join, was refused, and said what it obeys. Told once already, it
  /// obeys its removal; told more by a registry of which this one is an older copy, it holds its
  /// removal to be old, and the registry goes past that.
  package mutating func refused(
    _ id: InstanceID, revision: Int64, digest: String?
  ) -> [Effect] {
    guard let row = contents.instances[id], row.isRemoved else { return [] }
    let isAstray = revision >= row.revision
      && contents.desiredState(of: id)?.differs(from: digest) == true
    if revision > contents.revision { return [.pass(id, revision: revision, digest: nil)] }
    if isAstray { return [.pass(id, revision: revision, digest: digest)] }
    obeys(id, revision: revision, digest: digest)
    return []
  }

  /// Sees whether an instance obeys what this balancer has not read.
  func isAhead(_ instance: BalancedInstance) -> Bool {
    guard !instance.registered.role.isLoadBalancer, let obeyed = instance.obeyedRevision else {
      return false
    }
    return obeyed > contents.revision || isAstray(instance)
  }

  /// It is to obey nothing newer, and what it obeys is something else: it was told by a registry
  /// of which this one is an older copy that has counted on since.
  private func isAstray(_ instance: BalancedInstance) -> Bool {
    let row = instance.registered
    guard let obeyed = instance.obeyedRevision, obeyed >= row.revision else { return false }
    return contents.desiredState(of: row.id)?.differs(from: instance.obeyedDigest) == true
  }

  mutating func compareRevision(of id: InstanceID) {
    guard let instance = instances[id], instance.isAhead != isAhead(instance) else { return }
    instances[id]?.isAhead.toggle()
    touch(id)
  }

  /// Has the registry go past what an instance obeys, again after two seconds without success.
  ///
  /// A registry that was restored from an older copy would else give orders that its instances
  /// hold to be old, until it has caught up by itself.
  mutating func pass(_ id: InstanceID, now: Int64) -> [Effect] {
    guard let instance = instances[id], instance.isAhead, instance.isOpen,
      let revision = instance.obeyedRevision
    else { return [] }
    if let passedAt = instance.passedAt, now - passedAt < 2_000 { return [] }
    instances[id]?.passedAt = now
    let isAstray = revision <= contents.revision
    return [.pass(id, revision: revision, digest: isAstray ? instance.obeyedDigest : nil)]
  }

  /// Every one of these instances is known to obey the newest desired state.
  package func isDelivered(_ ids: some Sequence<InstanceID>) -> Bool {
    ids.allSatisfy { instances[$0]?.isDelivered ?? (untold[$0] == nil) }
  }

  /// Every one of these instances either obeys already or can be told so now.
  package func isReachable(_ ids: some Sequence<InstanceID>) -> Bool {
    ids.allSatisfy { id in
      guard let instance = instances[id] else { return untold[id] ?? true }
      return instance.isDelivered || instance.isOpen
    }
  }

  /// Sends the desired state, again after two seconds without success.
  mutating func deliver(_ id: InstanceID, now: Int64) -> [Effect] {
    if let sentAt = instances[id]?.sentAt, now - sentAt < 2_000 { return [] }
    instances[id]?.sentAt = now
    return [.deliver(id)]
  }
}
