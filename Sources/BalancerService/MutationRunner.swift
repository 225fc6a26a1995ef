internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import Logging
internal import Registry
internal import ServiceSupport

/// Carries mutations out: decided and committed in the registry's transaction, then delivered,
/// then answered.
struct MutationRunner: Sendable {
  let registry: any ClusterRegistry
  let core: BalancerCore
  /// What nobody has been heard of yet would pass every guard rail: decisions wait for it.
  let readiness: Readiness
  let addresses: AddressLookup
  let logger: Logger

  /// One wish of an operator, or of an instance that joins.
  struct Request: Sendable {
    var mutation: Balancing.Mutation
    var actor: ActionActor
    var acknowledged: Set<ImpactWarning> = []
    var key: RequestKey?
    var isDryRun = false
  }

  /// - Throws: `Problem`, or `CancellationError` where the balancer stops before it was ready.
  func run(_ request: Request) async throws -> MutationAnswer {
    guard !request.isDryRun else { return try await preview(request) }
    let known = try? core.read { balancer, _ in balancer.contents }
    let (commit, impact) = try await commit(request)
    core.run { balancer, now in
      if case .license(let license?, _) = request.mutation {
        balancer.licenseVerified(LicenseVerdict(license))
      }
      return balancer.registryChanged(to: commit.contents, now: now)
    }
    for action in commit.actions { core.record(action) }
    let ids = request.mutation.ids
    var delivered = false
    // Restored from an older copy a moment ago: what instances obey says nothing yet.
    if known.map(commit.contents.isOlder(than:)) != true {
      // A change of the license names nobody and may concern everybody.
      delivered = await core.delivered(ids.isEmpty ? commit.concerned : ids)
      // The log may be late: it is told again, and the operator has waited long enough.
      _ = await BoundedWait.result(milliseconds: TimeLimit.settling) { await settle(commit) }
    }
    let instances = try core.read { balancer, _ in ids.compactMap { balancer.status(of: $0) } }
    return MutationAnswer(instances: instances, delivered: delivered, impact: impact)
  }

  /// Decides and commits; nothing is delivered and nothing is said yet.
  ///
  /// - Throws: As `run`.
  func commit(_ request: Request) async throws -> (RegistryCommit, Impact) {
    try await readiness.wait()
    let at = SystemClock.now
    let (live, verdict, known) = try core.read { balancer, _ in
      (balancer.liveView, balancer.licenseVerdict, balancer.contents)
    }
    let addresses = await addresses.book(for: request.mutation, on: known)
    do {
      let commit = try await registry.change(
        request.key, at: at, actor: request.actor
      ) { contents in
        let decision = try Decision(
          request.mutation, on: contents, live: live, addresses: addresses,
          actor: request.actor, at: at, acknowledged: request.acknowledged, verdict: verdict)
        contents = decision.contents
        return decision.actions
      }
      logger.debug(
        "A change is committed",
        metadata: [
          "actor": "\(PlainText.cleaned(request.actor.name))", "change": "\(request.mutation.name)",
          "instances": "\(request.mutation.ids.map(\.text).joined(separator: ","))",
        ])
      let impact = try core.read { balancer, _ in
        Impact(from: balancer.contents, to: commit.contents, live: live)
      }
      return (commit, impact)
    } catch {
      throw Self.problem(error)
    }
  }

  /// What would become of it. Nothing is changed.
  private func preview(_ request: Request) async throws -> MutationAnswer {
    try await readiness.wait()
    do {
      let contents = try await registry.contents()
      let addresses = await addresses.book(for: request.mutation, on: contents)
      return try core.read { balancer, now in
        Result {
          let decision = try Decision(
            request.mutation, on: contents, live: balancer.liveView, addresses: addresses,
            actor: request.actor, at: now.wall, verdict: balancer.licenseVerdict, isPreview: true)
          return MutationAnswer(
            instances: balancer.statuses(of: request.mutation.ids, under: decision.contents),
            delivered: false, impact: decision.impact)
        }
      }.get()
    } catch {
      throw Self.problem(error)
    }
  }

  /// Writes down which instances obeyed before the answer. Those that obey later are confirmed
  /// then.
  private func settle(_ commit: RegistryCommit) async {
    guard !commit.isRepeat else { return }
    var obeyed: [InstanceID: Int64] = [:]
    for case let id? in commit.actions.map(\.instance) where commit.concerned.contains(id) {
      if core.isDelivered(id) { obeyed[id] = commit.contents.instances[id]?.revision }
    }
    if !obeyed.isEmpty { await confirm(obeyed) }
  }

  /// Writes down and tells that instances obey all that they must.
  func confirm(_ obeyed: [InstanceID: Int64]) async {
    do {
      for action in try await registry.confirm(obeyed) { core.record(action) }
      core.run { balancer, _ in
        balancer.confirmed(obeyed)
        return []
      }
    } catch {
      logger.warning("A delivery was not written down", metadata: ["error": "\(error.plainWords)"])
    }
  }

  /// Tells and writes down what came of an action.
  ///
  /// - Parameter result: Nil: the words stay.
  func settle(_ action: ActionRecord, delivered: Bool, result: String? = nil) async {
    var action = action
    action.delivered = delivered
    action.result = result ?? action.result
    core.record(action)
    do {
      try await registry.settle(action: action.id, delivered: delivered, result: result)
    } catch {
      logger.warning("An action was not settled", metadata: ["error": "\(error.plainWords)"])
    }
  }

  /// Tells and writes down that an action was carried out. A log that is late keeps no operator
  /// waiting.
  func settleSoon(_ action: ActionRecord, result: String) async {
    _ = await BoundedWait.result(milliseconds: TimeLimit.settling) {
      await settle(action, delivered: true, result: result)
    }
  }

  static func problem(_ error: any Error) -> Problem {
    switch error {
    case let problem as Problem: problem
    case let refusal as Refusal: Problem(refusal)
    case let failure as RegistryFailure: Problem(failure)
    case is KeyReused:
      Problem(
        .keyReused, "You sent another request with this Idempotency-Key; nothing was changed.")
    default: Problem(.internalError, "The program's log has the details.")
    }
  }
}

extension Balancing.Mutation {
  /// For the log.
  fileprivate var name: String {
    switch self {
    case .join: "join"
    case .refusedJoin: "refused join"
    case .asked: "request of a removed instance"
    case .add: "add"
    case .remove: "remove"
    case .drain: "drain"
    case .enable: "enable"
    case .restarted: "end of a drain until restart"
    case .pass: "new revision"
    case .limit: "limit"
    case .seats: "seats"
    case .license: "license"
    case .reviewLicense: "review of the license"
    }
  }
}

extension MutationRunner: EffectHandler {
  func carryOut(_ effect: Balancer.Effect) {
    guard case .confirm(let obeyed) = effect else { return }
    Task.detached { await confirm(obeyed) }
  }
}

extension BalancerCore {
  func isDelivered(_ id: InstanceID) -> Bool {
    (try? read { balancer, _ in balancer.isDelivered([id]) }) ?? false
  }
}
