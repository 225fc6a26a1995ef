internal import Balancing
internal import ClusterModel
internal import Hosting

/// What must hold of the registry, and of the cluster as a whole.
extension World {
  // MARK: Changes

  /// A change is about to be kept: it touches nothing but what was asked for.
  func checkChange(
    from old: RegistryContents, to new: RegistryContents, by mutation: Mutation
  ) {
    checkSeats(of: new)
    for id in old.instances.keys.sorted() {
      guard let before = old.instances[id] else { continue }
      guard let after = new.instances[id] else {
        return expect(false, .actionIsNotLost, "\(id) is not in the registry any more")
      }
      if before.role.isLoadBalancer { continue }
      let isNamed = mutation.ids.contains(id)
      let what = "\(mutation) changed"
      let (drains, limits, members) = Self.powers(of: mutation)
      expect(
        before.admission == after.admission && before.drain == after.drain || isNamed && drains,
        .actionIsNotUndone, "\(what) the admission of \(id)")
      expect(
        before.limit == after.limit || isNamed && limits, .actionIsNotUndone,
        "\(what) the limit of \(id)")
      expect(
        before.removedAt == after.removedAt || isNamed && members, .actionIsNotUndone,
        "\(what) whether \(id) is a member")
    }
  }

  /// What a change may do to the instances it names: to admission, limit and membership.
  private static func powers(
    of mutation: Mutation
  ) -> (drains: Bool, limits: Bool, members: Bool) {
    switch mutation {
    case .join, .described, .asked, .refusedJoin, .license, .reviewLicense, .pass:
      (false, false, false)
    case .restarted, .command(.drain), .command(.enable): (true, false, false)
    case .command(.limit): (false, true, false)
    case .command(.remove): (false, false, true)
    // A new life: it arrives as the operator says.
    case .command(.add): (true, true, true)
    case .command: (false, false, false)
    }
  }

  /// An operator was told that it is done.
  func acknowledged(
    _ mutation: Mutation, _ commit: SimulatedRegistry.Commit, _ delivered: Bool,
    heard: [InstanceID]
  ) {
    let revision = commit.kept.revision
    note("\(mutation) is done with \(revision)\(delivered ? ", delivered" : "")")
    let kept = registry.lines[commit.line].version(revision)
    if let kept { checkKept(mutation, in: kept) }
    // What the copy of a restored registry did not hold is lost.
    guard !registry.hasLost(commit) else { return }
    expect(
      registry.contents.revision >= revision, .actionIsNotLost,
      "\(mutation) was acknowledged with revision \(revision)")
    guard delivered, !commit.kept.isRepeat else { return }
    for id in mutation.ids {
      guard let server = instance(id), !server.isLiar, let document = kept?.desiredState(of: id)
      else { continue }
      server.record.promisedRevision = max(server.record.promisedRevision, document.revision)
      server.check()
      // What one that is away was told by others before a restore, nobody can know.
      if heard.contains(id) { server.checkDelivered(document, in: commit.line) }
    }
  }

  /// The registry had, with the revision that was answered, what was asked for.
  private func checkKept(_ mutation: Mutation, in contents: RegistryContents) {
    let rows = mutation.ids.map { contents.instances[$0] }
    let holds =
      switch mutation {
      case .command(.drain): rows.allSatisfy { $0?.admission == .rejecting }
      case .command(.enable): rows.allSatisfy { $0?.admission == .accepting }
      case .command(.limit(_, let maximum)):
        rows.allSatisfy { $0.map { $0.limit == maximum } ?? false }
      case .command(.remove): rows.allSatisfy { $0?.isRemoved == true }
      case .command(.add(_, let address, _, _)):
        rows.allSatisfy { $0.map { $0.address == address } ?? false }
      case .command(.seats(let seats)): contents.seats == seats
      case .command(.license), .command(.endSession): false  // nothing decides on them
      case .license(let license, _): contents.license == license
      case .reviewLicense: true  // it changes what time has changed
      case .asked, .refusedJoin: true  // they change nothing that instances obey
      case .join, .described, .restarted, .pass: rows.allSatisfy { $0?.isRemoved == false }
      }
    expect(holds, .actionIsNotLost, "\(mutation) was acknowledged, and is not in the registry")
  }

  // MARK: At last

  /// The network has been whole for a while, everybody is up and every client went home.
  func checkAgreement() {
    guard violation == nil else { return }
    for balancer in balancers { checkAgreement(of: balancer) }
    let lists = balancers.map { process in
      (process.balancer?.snapshot.handshakeList ?? []).filter { $0 != liar }
    }
    expect(lists[0] == lists[1], .allAgreeAtLast, "two balancers have lists \(lists)")
    for instance in instances where !instance.isLiar {
      guard let known = registry.contents.desiredState(of: instance.id) else { continue }
      let obeyed = instance.hosting?.desired
      // Removed before it ever heard of the cluster: it knows no key, and lets nobody in.
      if known.removed, obeyed == nil, instance.isUp { continue }
      expect(
        obeyed == known || isSame(obeyed, known), .allAgreeAtLast,
        "\(instance.id) obeys \(obeyed.map { "\($0)" } ?? "nothing"), not \(known)")
      expect(
        known.removed || instance.hosting?.admission == known.admission
          || isEndedSince(instance.hosting), .allAgreeAtLast,
        "\(instance.id) is \(instance.hosting?.admission.rawValue ?? "away"), and the registry "
          + "has it \(known.admission.rawValue)")
    }
    let waiting = registry.actions.first { action in
      action.delivered == false && action.instance != liar
        && action.instance.flatMap { instance($0) }?.hosting?.desired != nil
    }
    expect(
      waiting == nil, .everyActionIsDelivered,
      "action \(waiting?.id ?? 0) of \(waiting?.instance?.text ?? "-") is not delivered in the log")
    for session in sessions {
      expect(
        session.endings == 1, .sessionEndsOnce,
        "session \(session.id) of \(session.server) ended \(session.endings) times")
    }
    for reader in readers {
      guard let balancer = reader.balancer?.balancer else {
        expect(false, .allAgreeAtLast, "a reader of the feed found no balancer")
        continue
      }
      // A liar says to the very end that it obeys, or not: the news of it may be on the way.
      let known = (reader.picture?.actions ?? []).filter { $0.instance != liar || liar == nil }
      let all = balancer.snapshot.actions.filter { $0.instance != liar || liar == nil }
      expect(
        known == all, .feedAddsUp,
        "a reader of \(reader.balancer?.id.text ?? "") knows of other actions: "
          + "\(Self.difference(known, all))")
    }
  }

  /// The same words under a later number, by which a registry gave them of which this one is a
  /// copy.
  private func isSame(_ obeyed: DesiredState?, _ known: DesiredState) -> Bool {
    guard registry.lastLine > 0, let obeyed, obeyed.revision >= known.revision else { return false }
    return obeyed.epoch == known.epoch && obeyed.digest == known.digest
  }

  /// A restored registry gave a drain again that had ended with a restart: the balancers learn of
  /// that with the next hello.
  private func isEndedSince(_ life: InstanceLife?) -> Bool {
    registry.lastLine > 0 && life?.drainEndedByRestart != nil
  }

  private static func difference(_ one: [ActionRecord], _ other: [ActionRecord]) -> String {
    let more = one.filter { !other.contains($0) }.map(\.id)
    let less = other.filter { !one.contains($0) }.map(\.id)
    return "\(more) instead of \(less)"
  }

  private func checkAgreement(of process: BalancerProcess) {
    guard let balancer = process.balancer else {
      return expect(false, .allAgreeAtLast, "\(process.id) does not run")
    }
    expect(
      balancer.contents == registry.contents, .allAgreeAtLast,
      "\(process.id) knows revision \(balancer.contents.revision), not "
        + "\(registry.contents.revision)")
    for status in balancer.snapshot.instances where status.id != liar {
      let wanted = status.role.isLoadBalancer || registry.contents.instances[status.id] != nil
      let isWell =
        status.health == .alive && status.delivered && status.load.reserved == 0
        && status.load.connected == 0
      expect(
        wanted && isWell, .allAgreeAtLast,
        "\(process.id) sees \(status.id) \(status.health.rawValue) "
          + "(\(status.healthReason ?? "-")), delivered \(status.delivered), \(status.load)")
    }
    expect(
      balancer.snapshot.balancer.registry.state == .available, .allAgreeAtLast,
      "\(process.id) does not know that the registry is back")
  }
}
