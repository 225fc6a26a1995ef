package import ClusterModel

/// Decides who is a member of the cluster, and who may change that.
extension Decision {
  mutating func join(_ id: InstanceID, _ joining: Joining) throws(MutationRefusal) {
    try checkToken(of: joining.asker)
    guard var row = contents.instances[id] else {
      try checkRoom(for: joining)
      try checkName(id)
      try claim(joining.reach.address, for: id, by: joining.asker)
      var row = newRow(id, joining.reach, joining.profile, admission: .accepting)
      row.owner = joining.asker
      contents.instances[id] = row
      actions.append(ActionDraft(.join, instance: id, result: "joined at \(joining.reach.address)"))
      return
    }
    if let refusal = row.refusal(to: joining.asker) { throw refusal }
    guard !row.isRemoved else { throw .removed(id) }
    guard row.role.isLoadBalancer == joining.profile.role.isLoadBalancer else {
      throw .otherRole(id, row.role)
    }
    let (before, now) = (row.address, joining.reach.address)
    if before != now {
      guard addresses.isSame(before, now) || !live.isAlive(id) else {
        throw .aliveElsewhere(id, before)
      }
      try claim(now, for: id, by: joining.asker)
      actions.append(ActionDraft(.join, instance: id, result: "moved from \(before) to \(now)"))
    }
    row.reach = joining.reach
    row.profile = joining.profile
    contents.instances[id] = row
  }

  /// A removed instance asks to join, so its row is still needed.
  mutating func asked(_ id: InstanceID) {
    guard let row = contents.instances[id], row.isWorthNoting(at: at) else { return }
    contents.instances[id]?.askedAt = at
  }

  mutating func add(
    _ id: InstanceID, _ address: Address, accept: Bool
  ) throws(MutationRefusal) {
    let before = contents.instances[id]
    if let before, !before.isRemoved { throw .exists(id) }
    try checkRoomForOneMore()
    guard !addresses.isShared(address) else { throw .sharedAddress(address) }
    try checkName(id)
    try claim(address, for: id, by: .local)
    // It reports its role and maximum itself, at the start of its load feed.
    let profile = InstanceProfile(role: .server(.application), ownMaximum: 0)
    var row = newRow(
      id, InstanceReach(address), profile, admission: accept ? .accepting : .rejecting)
    // The token that joined it before its removal may join it again, because an operator has undone
    // the removal.
    row.owner = before?.owner ?? .local
    contents.instances[id] = row
    let result = accept ? "added, accepting clients" : "added, rejecting clients"
    actions.append(ActionDraft(.add, instance: id, result: result))
  }

  mutating func remove(_ id: InstanceID, force: Bool) throws(MutationRefusal) {
    let row = try member(id)
    if row.role.isLoadBalancer {
      guard !live.isAlive(id) else { throw .stillRunning(id) }
    } else if !force {
      let left = live.counted(id)
      guard row.admission == .rejecting, left == 0 else { throw .notDrained(id, left: left) }
    }
    takeOut(id)
    let result = force ? "removed by force" : "removed"
    actions.append(ActionDraft(.remove, instance: id, result: result))
  }

  // MARK: Checks

  /// The token may have ended since the request was accepted.
  private func checkToken(of asker: InstanceOwner) throws(MutationRefusal) {
    guard case .token(let id, _) = asker else { return }
    guard let token = contents.tokens[id], token.role == .instance, token.isInForce(at: at)
    else { throw .tokenEnded }
  }

  /// A balancer that can write the registry is always accepted.
  private func checkRoom(for joining: Joining) throws(MutationRefusal) {
    guard !joining.profile.role.isLoadBalancer else { return }
    try checkRoomForOneMore()
    guard case .token(let id, let name) = joining.asker, let token = contents.tokens[id] else {
      return
    }
    guard contents.owned(by: id).count(where: { !$0.isRemoved }) < token.mostInstances else {
      throw .tooManyInstances(ofToken: name, token.mostInstances)
    }
  }

  /// Balancers do not count, since a cluster has few of them.
  private func checkRoomForOneMore() throws(MutationRefusal) {
    let servers = contents.instances.values.count { !$0.isRemoved && !$0.role.isLoadBalancer }
    guard servers < Limits.members else { throw .clusterIsFull(Limits.members) }
  }

  /// Refuses a new id that differs from a member's only in case, since people would confuse them.
  /// Existing pairs of an older release stay.
  private func checkName(_ id: InstanceID) throws(MutationRefusal) {
    if let twin = contents.twin(of: id) { throw .twin(id, of: twin) }
  }

  /// Gives an address to an id.
  ///
  /// An instance proves its address when it reports its load there. An address that only a token
  /// claims displaces nobody: it yields to an id that the Unix socket or an operator names, and to
  /// a balancer that registers.
  private mutating func claim(
    _ address: Address, for id: InstanceID, by asker: InstanceOwner
  ) throws(MutationRefusal) {
    if case .token = asker, addresses.isShared(address) { throw .sharedAddress(address) }
    for rival in contents.rivals(for: address, of: id, addresses: addresses) {
      guard asker == .local, case .token = rival.owner, !live.isProven(rival.id) else {
        throw .addressTaken(address, by: rival.id)
      }
      takeOut(rival.id)
      actions.append(
        ActionDraft(
          .remove, instance: rival.id,
          result: "removed: \(id) is at \(rival.address), where \(rival.id) was never heard"))
    }
  }

  private mutating func takeOut(_ id: InstanceID) {
    contents.instances[id]?.removedAt = at
    contents.instances[id]?.seat = nil
    contents.instances[id]?.unlicensedReason = nil
  }

  private func newRow(
    _ id: InstanceID, _ reach: InstanceReach, _ profile: InstanceProfile, admission: Admission
  ) -> RegisteredInstance {
    let last = contents.instances.values.reduce(0) { max($0, $1.registration) }
    let drain = admission == .rejecting ? Drain(startedAt: at, startedWith: 0) : nil
    var row = RegisteredInstance(
      id: id, reach: reach, profile: profile,
      record: AdmissionRecord(admission, at: at, by: actor.name, kind: actor.kind, drain: drain),
      registration: last + 1, revision: contents.revision + 1)
    row.unlicensedReason = profile.role.isLoadBalancer ? nil : newcomerReason
    return row
  }
}

extension RegisteredInstance {
  /// Why this asker may not join the id; nil where the asker may.
  package func refusal(to asker: InstanceOwner) -> MutationRefusal? {
    guard case .token(let token, _) = asker, !owner.isToken(token) else { return nil }
    return .notOwner(id, owner)
  }
}

extension RegistryContents {
  /// Writes the row of a balancer that starts. Starting it requires access to the registry, so it
  /// may also return after its removal.
  ///
  /// - Parameter live: The programs that answer at its address.
  package mutating func register(
    _ id: InstanceID, _ joining: Joining, addresses: AddressBook = AddressBook(),
    live: LiveView = LiveView(), at: Timestamp
  ) throws(MutationRefusal) -> [ActionDraft] {
    var contents = self
    if contents.instances[id]?.isRemoved == true { contents.instances[id] = nil }
    let decision = try Decision(
      .join(id, joining), on: contents, live: live, addresses: addresses,
      actor: .balancer(id), at: at)
    self = decision.contents
    return decision.actions
  }

  /// The other members with this address.
  package func rivals(
    for address: Address, of id: InstanceID, addresses: AddressBook
  ) -> [RegisteredInstance] {
    instances.values.filter {
      !$0.isRemoved && $0.id != id && addresses.isSame($0.address, address)
    }.sorted { $0.id < $1.id }
  }

  /// Another member whose id differs only in case; the first by its id.
  func twin(of id: InstanceID) -> InstanceID? {
    instances.lazy.filter { $0.key != id && $0.key.differsInCaseAlone(from: id) }
      .filter { !$0.value.isRemoved }.map(\.key).min()
  }

  /// The rows that belong to a token, including removed ones, ascending by id.
  package func owned(by token: String) -> [RegisteredInstance] {
    instances.values.filter { $0.owner.isToken(token) }.sorted { $0.id < $1.id }
  }
}

extension InstanceID {
  /// Ids are ASCII: one bit makes a small letter of a large one.
  fileprivate func differsInCaseAlone(from other: InstanceID) -> Bool {
    func small(_ byte: UInt8) -> UInt8 {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
    return text.utf8.count == other.text.utf8.count
      && text.utf8.elementsEqual(other.text.utf8) { small($0) == small($1) }
  }
}
