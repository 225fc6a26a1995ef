package import ClusterModel

/// What a change goes through from the request to the answer, as a value: what was done goes in,
/// what is to be done next comes out. No clock, no registry, no waiting.
///
///     request ──▶ locate ──▶ commit ──▶ awaitDelivery ──▶ confirm ──▶ done
///                   └─ dry run ─▶ read ────────────────────────────────▲
///
/// A shell carries the step out that `step` names, says how that went, and looks again. Where a
/// step fails, it drops the machine and answers why: nothing has to be undone. The result of an
/// unknown outcome is read with the registry's next news, or told to the same request sent again.
package struct MutationMachine: Sendable {
  /// A command of an operator, or the join of an instance.
  package struct Request: Equatable, Sendable {
    package var mutation: Mutation
    package var actor: ActionActor
    /// Warnings that were seen and accepted.
    package var acknowledged: Set<ImpactWarning>
    /// By which the registry knows a repeat; nil: every request is a new one.
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

  /// What the shell has to do, and by which call it says that it has.
  package enum Step: Sendable {
    /// Find out where these hosts lead, as long as a change may wait for that: `located`.
    case locate([String])
    /// Read the registry: `read`.
    case read
    /// Run this inside the registry's transaction: `committed`.
    case commit(Transaction)
    /// Wait until `Balancer.deliveryOutcome` of these instances is known, or the time that a
    /// change may wait for it is over: `delivered`.
    case awaitDelivery([InstanceID])
    /// Carry out the effect `confirm` of these, or give up waiting for a log that is late:
    /// `confirmed`.
    case confirm([InstanceID: Int64])
    /// Answer.
    case done(Outcome)
  }

  /// The result.
  package struct Outcome: Sendable {
    /// Nil after a dry run, which commits nothing.
    package fileprivate(set) var commit: RegistryCommit?
    /// All that it concerns obey it.
    package fileprivate(set) var isDelivered = false
    fileprivate let named: [InstanceID]
    fileprivate let live: LiveView
    fileprivate var before: RegistryContents
    fileprivate var after: RegistryContents

    /// Its effect on those who want to log on.
    package var impact: Impact { Impact(from: before, to: after, live: live) }

    /// The instances that it named, as they are now; as they would be, after a dry run.
    package func statuses(in balancer: Balancer) -> [InstanceStatus] {
      commit == nil
        ? balancer.statuses(of: named, under: after)
        : named.compactMap { balancer.status(of: $0) }
    }
  }

  /// A decision on its way into the registry's transaction.
  package struct Transaction: Sendable {
    package let request: Request
    /// The time of its actions.
    package let at: Timestamp
    fileprivate let live: LiveView
    fileprivate let verdict: LicenseVerdict
    fileprivate var addresses = AddressBook()

    /// Decides on what the registry holds, and changes it.
    ///
    /// - Returns: What the log says of it.
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
  /// What the balancer knew when it was asked.
  private let known: RegistryContents

  /// - Parameter balancer: The one that was asked: what it observes now is what is decided by.
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

  /// The hosts were looked up, as far as that could be.
  package mutating func located(_ addresses: AddressBook) {
    transaction.addresses = addresses
    step = transaction.request.isDryRun ? .read : .commit(transaction)
  }

  /// The registry was read: a dry run decides on what it holds, and that is all.
  ///
  /// - Throws: `MutationRefusal`.
  package mutating func read(_ contents: RegistryContents) throws(MutationRefusal) {
    let decision = try transaction.decision(on: contents, isPreview: true)
    (outcome.before, outcome.after) = (contents, decision.contents)
    step = .done(outcome)
  }

  /// The registry has carried the transaction out, now or, with this key, before.
  ///
  /// - Returns: What the balancer that was asked makes of it.
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
    // Restored from an older copy a moment ago: what instances obey says nothing yet.
    if mutation.awaitsDelivery, !commit.contents.isOlder(than: known) {
      // A change of the license names nobody and may concern everybody.
      step = .awaitDelivery(mutation.ids.isEmpty ? commit.concerned : mutation.ids)
    } else {
      step = .done(outcome)
    }
    return effects
  }

  /// The instances obey, or the answer waits no longer.
  package mutating func delivered(_ isDelivered: Bool, in balancer: Balancer) {
    outcome.isDelivered = isDelivered
    step = .done(outcome)
    // Those that obey already are written down before the answer, and once; the others are as
    // soon as they do.
    guard let commit = outcome.commit, !commit.isRepeat else { return }
    var obeyed: [InstanceID: Int64] = [:]
    for case let id? in commit.actions.map(\.instance)
    where commit.concerned.contains(id) && balancer.isDelivered([id]) {
      obeyed[id] = commit.contents.instances[id]?.revision
    }
    if !obeyed.isEmpty { step = .confirm(obeyed) }
  }

  /// The log knows who obeys, or the answer waits no longer.
  package mutating func confirmed() { step = .done(outcome) }
}

extension Mutation {
  /// The answer tells whether instances obey it. Nobody waits for that who joins and gets the
  /// order with the answer, nor where it is the balancer itself that asks.
  var awaitsDelivery: Bool {
    switch self {
    case .join, .described, .asked, .refusedJoin, .reviewLicense: false
    default: true
    }
  }

  /// Hosts of which must be known whether they are one: the host of an address that it brings
  /// into the registry, and those that have the same port there. Plain numbers are known.
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
