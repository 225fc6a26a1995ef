package import ClusterModel

/// The steps of a change from the request to the answer, as a value: the result of a step goes in,
/// and the next step comes out. It uses no clock and no registry, and never waits.
///
///     request ──▶ locate ──▶ commit ──▶ awaitDelivery ──▶ confirm ──▶ done
///                   └─ dry run ─▶ read ────────────────────────────────▲
///
/// A shell carries out the step that `step` names, reports its result, and looks at `step` again.
/// If a step fails, the shell drops the machine and answers with the reason; nothing has to be
/// undone. The result of an unknown outcome is read with the registry's next change, or given to
/// the same request when it is repeated.
package struct MutationMachine: Sendable {
  /// A command of an operator, or the join of an instance.
  package struct Request: Equatable, Sendable {
    package var mutation: Mutation
    package var actor: ActionActor
    /// Warnings that were seen and accepted.
    package var acknowledged: Set<ImpactWarning>
    /// The key by which the registry recognises a repeat; nil: every request is new.
    package var key: RequestKey?
    package var isDryRun: Bool

    package init(
      _ mutation: Mutation, actor: ActionActor, acknowledged: Set<ImpactWarning> = [],
      key: RequestKey? = nil, isDryRun: Bool = false
    ) {
      self.mutation = mutation
      self.actor = actor
      self.acknowledged = acknowledged
      self.key = key
      self.isDryRun = isDryRun
    }
  }

  /// What the shell must do, and the call with which it reports the result.
  package enum Step: Sendable {
    /// Look up these hosts, as long as a change may wait for that: `located`.
    case locate([String])
    /// Read the registry: `read`.
    case read
    /// Run this inside the registry's transaction: `committed`.
    case commit(Transaction)
    /// Wait until `Balancer.deliveryOutcome` of these instances is known, or until the time limit
    /// of a change: `delivered`.
    case awaitDelivery([InstanceID])
    /// Carry out the effect `confirm` for these, or stop waiting for a slow log: `confirmed`.
    case confirm([InstanceID: Int64])
    /// Answer.
    case done(Outcome)
  }

  /// The result.
  package struct Outcome: Sendable {
    /// Nil after a dry run, which commits nothing.
    package fileprivate(set) var commit: RegistryCommit?
    /// Whether all instances that it concerns obey it.
    package fileprivate(set) var isDelivered = false
    fileprivate let named: [InstanceID]
    fileprivate let live: LiveView
    fileprivate var before: RegistryContents
    fileprivate var after: RegistryContents

    /// The effect on clients that want to log on.
    package var impact: Impact { Impact(from: before, to: after, live: live) }

    /// The instances that it named as they are now; after a dry run, as they would be.
    package func statuses(in balancer: Balancer) -> [InstanceStatus] {
      commit == nil
        ? balancer.statuses(of: named, under: after)
        : named.compactMap { balancer.status(of: $0) }
    }
  }

  /// A decision for the registry's transaction.
  package struct Transaction: Sendable {
    package let request: Request
    /// The time of its actions.
    package let at: Timestamp
    fileprivate let live: LiveView
    fileprivate let verdict: LicenseVerdict
    fileprivate var addresses = AddressBook()

    /// Decides with the contents of the registry, and changes them.
    ///
    /// - Returns: The lines for the log.
    package func decide(
      on contents: inout RegistryContents
    ) throws(MutationRefusal) -> [ActionDraft] {
      let decision = try decision(on: contents)
      contents = decision.contents
      return decision.actions
    }

    fileprivate func decision(
      on contents: RegistryContents, isPreview: Bool = false
    ) throws(MutationRefusal) -> Decision {
      try Decision(
        request.mutation, on: contents, live: live, addresses: addresses, actor: request.actor,
        at: at, acknowledged: request.acknowledged, verdict: verdict, isPreview: isPreview)
    }
  }

  package private(set) var step: Step
  private var transaction: Transaction
  private var outcome: Outcome
  /// What the balancer knew at the time of the request.
  private let known: RegistryContents

  /// - Parameter balancer: The balancer that got the request. Decisions use its present
  ///   observations.
  package init(_ request: Request, askedOf balancer: Balancer, at: Timestamp) {
    known = balancer.contents
    let live = balancer.liveView
    transaction = Transaction(
      request: request, at: at, live: live, verdict: balancer.licenseVerdict)
    outcome = Outcome(named: request.mutation.ids, live: live, before: known, after: known)
    let hosts = request.mutation.hostsToCompare(on: known)
    step = .locate(hosts)
    if hosts.isEmpty { located(AddressBook()) }
  }

  // MARK: What was done

  /// The hosts were looked up, as far as possible.
  package mutating func located(_ addresses: AddressBook) {
    transaction.addresses = addresses
    step = transaction.request.isDryRun ? .read : .commit(transaction)
  }

  /// The registry was read: a dry run decides with its contents and is done.
  ///
  /// - Throws: `MutationRefusal`.
  package mutating func read(_ contents: RegistryContents) throws(MutationRefusal) {
    let decision = try transaction.decision(on: contents, isPreview: true)
    (outcome.before, outcome.after) = (contents, decision.contents)
    step = .done(outcome)
  }

  /// The registry has carried out the transaction, now or, with this key, before.
  ///
  /// - Returns: The effects for the balancer.
  package mutating func committed(
    _ commit: RegistryCommit, in balancer: inout Balancer, now: Moment
  ) -> [Balancer.Effect] {
    (outcome.before, outcome.after) = (balancer.contents, commit.contents)
    outcome.commit = commit
    let mutation = transaction.request.mutation
    if case .license(let license?, _) = mutation {
      balancer.licenseVerified(LicenseVerdict(license))
    }
    var effects = balancer.registryChanged(to: commit.contents, now: now)
    if case .join(let id, _) = mutation { effects += balancer.joined(id, now: now) }
    for action in commit.actions { balancer.record(action) }
    // The registry was just restored from an older copy, so what instances obey says nothing yet.
    if mutation.awaitsDelivery, !commit.contents.isOlder(than: known) {
      // A change of the license names no instance and may concern all.
      step = .awaitDelivery(mutation.ids.isEmpty ? commit.concerned : mutation.ids)
    } else {
      step = .done(outcome)
    }
    return effects
  }

  /// The instances obey, or the time is over.
  package mutating func delivered(_ isDelivered: Bool, in balancer: Balancer) {
    outcome.isDelivered = isDelivered
    step = .done(outcome)
    // Those that obey already are stored before the answer; the others as soon as they obey.
    guard let commit = outcome.commit, !commit.isRepeat else { return }
    var obeyed: [InstanceID: Int64] = [:]
    for case let id? in commit.actions.map(\.instance)
    where commit.concerned.contains(id) && balancer.isDelivered([id]) {
      obeyed[id] = commit.contents.instances[id]?.revision
    }
    if !obeyed.isEmpty { step = .confirm(obeyed) }
  }

  /// The log has stored who obeys, or the time is over.
  package mutating func confirmed() { step = .done(outcome) }
}

extension Mutation {
  /// Whether the answer says if instances obey. Nobody waits for this after a join, since the
  /// answer contains the order, and after a change by the balancer itself.
  var awaitsDelivery: Bool {
    switch self {
    case .join, .described, .asked, .refusedJoin, .reviewLicense: false
    default: true
    }
  }

  /// The hosts that must be looked up, to see whether two of them are the same machine: the host of
  /// the address that this change adds to the registry, and all hosts with the same port there.
  /// Numeric addresses need no lookup.
  package func hostsToCompare(on contents: RegistryContents) -> [String] {
    guard let new = newAddress(on: contents) else { return [] }
    let rivals = contents.instances.values.lazy
      .filter { !$0.isRemoved && $0.address.port == new.port }.map(\.address.host)
    guard !rivals.isEmpty else { return [] }
    let names = rivals.filter { !AddressBook.standsForItself($0) }
    return (AddressBook.standsForItself(new.host) ? [] : [new.host]) + names
  }

  private func newAddress(on contents: RegistryContents) -> Address? {
    switch self {
    case .join(let id, let joining):
      contents.instances[id]?.address == joining.reach.address ? nil : joining.reach.address
    case .command(.add(_, let address, _, _)): address
    default: nil
    }
  }
}
