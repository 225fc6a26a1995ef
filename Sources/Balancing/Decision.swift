package import ClusterModel

/// The decision about one change: the registry after it, its lines in the log, and its effect.
///
/// It is a pure function of the registry, of what the balancer observes, and of the command. It
/// runs inside the registry's transaction. So if two operators each drain one of the last two
/// servers, the second decision sees the result of the first.
package struct Decision: Equatable, Sendable {
  package internal(set) var contents: RegistryContents
  package internal(set) var actions: [ActionDraft] = []
  /// What it was decided on.
  private let before: RegistryContents
  let live: LiveView
  let addresses: AddressBook
  /// Why the license is not trusted; nil: it is, or there is none.
  private var distrust: String?
  let actor: ActionActor
  let at: Timestamp

  /// - Parameters:
  ///   - addresses: The numbers of host names, as far as they were found.
  ///   - acknowledged: Warnings that the operator has seen and accepts.
  ///   - verdict: The result of the deciding balancer's license check.
  ///   - isPreview: Whether this is a dry run, which reports warnings and does not enforce them.
  /// - Throws: `MutationRefusal`.
  package init(
    _ mutation: Mutation, on contents: RegistryContents, live: LiveView,
    addresses: AddressBook = AddressBook(), actor: ActionActor, at: Timestamp,
    acknowledged: Set<ImpactWarning> = [],
    verdict: LicenseVerdict = LicenseVerdict(), isPreview: Bool = false
  ) throws(MutationRefusal) {
    self.contents = contents
    before = contents
    self.live = live
    self.addresses = addresses
    self.actor = actor
    self.at = at
    distrust = verdict.distrust(of: contents.license)
    try apply(mutation)
    self.contents.forgetTombstones(at: at)
    self.contents.assignSeats(distrust: distrust)
    // The passing of time needs no confirmation of an operator.
    if case .reviewLicense = mutation { return }
    // Hardly any of thousands of joins changes the servers that clients are sent to.
    guard !isPreview, contents.sends(live, elsewhereThan: self.contents) else { return }
    let missing = impact.warnings.compactMap(\.known).filter { !acknowledged.contains($0) }
    guard missing.isEmpty else { throw .needsAcknowledgement(missing) }
  }

  /// Its effect on those who want to log on.
  package var impact: Impact { Impact(from: before, to: contents, live: live) }

  private mutating func apply(_ mutation: Mutation) throws(MutationRefusal) {
    switch mutation {
    case .join(let id, let joining): try join(id, joining)
    case .described(let id, let profile): contents.instances[id]?.profile = profile
    case .asked(let id): asked(id)
    case .refusedJoin(let id, let result):
      actions.append(ActionDraft(.join, instance: id, result: result))
    case .command(let command): try apply(command)
    case .restarted(let id, let drain): try restarted(id, drain)
    case .pass(let id, let revision, let digest): try pass(id, revision, digest)
    case .license(let license, let balancer): install(license, by: balancer)
    case .reviewLicense(let balancer): reviewLicense(by: balancer)
    }
  }

  private mutating func apply(_ command: OperatorCommand) throws(MutationRefusal) {
    switch command {
    case .drain(let ids, let reason, let terms):
      for id in ids { try drain(id, terms, reason: reason) }
    case .enable(let ids, let reason):
      for id in ids { try enable(id, reason: reason) }
    case .add(let id, let address, let accept, let tls):
      try add(id, address, accept: accept)
      contents.instances[id]?.tls = tls
    case .remove(let ids, let force):
      for id in ids { try remove(id, force: force) }
    case .limit(let ids, let maximum):
      for id in ids { try limit(id, maximum) }
    case .seats(let seats):
      guard contents.license == nil else { throw .licenseHolds }
      contents.seats = seats
      let result = seats.map { "\($0) seats" } ?? "unlimited seats"
      actions.append(ActionDraft(.seats, result: result))
    case .license, .endSession: throw .notDecidedHere
    }
  }

  // MARK: License

  private mutating func install(_ license: License?, by balancer: InstanceID) {
    contents.license = license
    contents.licenseEndedBy = nil
    distrust = nil
    guard let license else {
      let words = contents.seats.map { "\($0) seats" } ?? "unlimited seats"
      actions.append(ActionDraft(.license, result: "no license any more; \(words)"))
      return
    }
    if at >= license.endsAt { contents.licenseEndedBy = balancer }
    let words = "\(license.holder), \(license.seats) seats, until \(license.expiresAt.day)"
    actions.append(ActionDraft(.license, result: words))
  }

  private mutating func reviewLicense(by balancer: InstanceID) {
    guard let license = contents.license else { return }
    switch contents.endOfLicense(at: at, by: balancer) {
    case .isOver:
      contents.licenseEndedBy = balancer
      actions.append(
        ActionDraft(
          .license, result: "\(license.endReason) and its grace is over: no new sessions"))
    case .wasMistaken:
      contents.licenseEndedBy = nil
      contents.setUnlicensedReason(nil)
      actions.append(
        ActionDraft(.license, result: "in force again: the clock of \(balancer) was wrong"))
    case nil: break
    }
  }

  /// Why a new server gets no seat while the license is not trusted.
  var newcomerReason: String? { distrust.map { "the license is invalid: \($0)" } }

  // MARK: Admission

  private mutating func drain(
    _ id: InstanceID, _ terms: DrainTerms, reason: String?
  ) throws(MutationRefusal) {
    var row = try server(id)
    let words = words(forDraining: id) + terms.words(after: row.drain?.terms ?? .plain)
    // A drain until restart may have ended without anybody here knowing. So a repeat begins a new
    // drain, which no earlier restart has ended.
    if row.admission == .rejecting, let drain = row.drain, !drain.untilRestart {
      row.drain = Drain(
        startedAt: drain.startedAt, startedWith: drain.startedWith, terms: terms)
      // The operator who changes the terms is named as the author of the drain from now on.
      if terms != drain.terms || reason != nil {
        set(.rejecting, on: &row, reason: reason ?? row.admissionReason)
      }
      actions.append(ActionDraft(.drain, instance: id, reason: reason, result: "already \(words)"))
    } else {
      row.drain = Drain(startedAt: at, startedWith: live.connected(id), terms: terms)
      set(.rejecting, on: &row, reason: reason)
      actions.append(ActionDraft(.drain, instance: id, reason: reason, result: words))
    }
    contents.instances[id] = row
  }

  private func words(forDraining id: InstanceID) -> String {
    switch live.counted(id) {
    case nil: "draining, its sessions cannot be counted now"
    case 0: "drained"
    case 1?: "draining, 1 session left"
    case let left?: "draining, \(left) sessions left"
    }
  }

  private mutating func enable(_ id: InstanceID, reason: String?) throws(MutationRefusal) {
    var row = try server(id)
    let already = row.admission == .accepting
    if !already {
      row.drain = nil
      set(.accepting, on: &row, reason: reason)
      contents.instances[id] = row
    }
    let words = already ? "already accepting clients" : "accepting clients"
    actions.append(ActionDraft(.enable, instance: id, reason: reason, result: words))
  }

  private mutating func restarted(_ id: InstanceID, _ startedAt: Timestamp) throws(MutationRefusal)
  {
    var row = try server(id)
    guard row.admission == .rejecting, let drain = row.drain, drain.untilRestart,
      drain.startedAt == startedAt
    else { return }
    row.drain = nil
    set(.accepting, on: &row, reason: "restarted")
    contents.instances[id] = row
    actions.append(
      ActionDraft(
        .enable, instance: id, reason: "restarted",
        result: "accepting clients: the drain was until restart"))
  }

  /// Repeats every order with a number that no instance has seen: the registry is an older copy,
  /// and other instances may have orders that it does not know. If the registry knows the number
  /// with other contents, only that instance's order is repeated.
  private mutating func pass(
    _ id: InstanceID, _ revision: Int64, _ digest: String?
  ) throws(MutationRefusal) {
    // This includes a removed instance, which must obey its removal.
    guard let row = contents.instances[id] else { throw .unknown(id) }
    // No registry counts so far, and a number beyond this would end all counting.
    guard revision < Limits.revision else { return }
    let known = contents.revision
    if revision > known {
      contents.revision = revision
      actions.append(
        ActionDraft(
          .join, instance: id,
          result: "obeyed order \(revision), the registry knew \(known): all orders given again"))
      return
    }
    // Another balancer may have done this already; then a newer order is on its way.
    guard row.revision <= revision,
      contents.desiredState(of: id)?.differs(from: digest) == true
    else { return }
    contents.instances[id]?.revision = known + 1
    actions.append(
      ActionDraft(
        .join, instance: id,
        result: "obeyed order \(revision) with other content than the registry's: "
          + "its order given again"))
  }

  private mutating func limit(_ id: InstanceID, _ maximum: Int?) throws(MutationRefusal) {
    _ = try server(id)
    contents.instances[id]?.limit = maximum
    let words = maximum.map { "at most \($0) sessions" } ?? "the instance's own maximum"
    actions.append(ActionDraft(.limit, instance: id, result: words))
  }

  private func set(
    _ admission: Admission, on row: inout RegisteredInstance, reason: String?
  ) {
    row.admission = admission
    row.admissionAt = at
    row.admissionBy = actor.name
    row.admissionByKind = actor.kind
    row.admissionReason = reason
  }

  func member(_ id: InstanceID) throws(MutationRefusal) -> RegisteredInstance {
    guard let row = contents.instances[id], !row.isRemoved else { throw .unknown(id) }
    return row
  }

  private func server(_ id: InstanceID) throws(MutationRefusal) -> RegisteredInstance {
    let row = try member(id)
    guard !row.role.isLoadBalancer else { throw .loadBalancer(id) }
    return row
  }
}
