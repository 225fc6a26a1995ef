internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import Logging
internal import Registry
internal import ServiceSupport

/// Carries out the steps of `MutationMachine`: with this balancer's registry, its name servers and
/// its time limits.
struct MutationRunner: Sendable {
  let registry: any ClusterRegistry
  let core: BalancerCore
  /// Decisions wait for this: before any instance has answered, every check would pass.
  let readiness: Readiness
  let addresses: AddressLookup
  let logger: Logger
  private let writes = OneAtATime()

  init(
    registry: any ClusterRegistry, core: BalancerCore, readiness: Readiness,
    addresses: AddressLookup, logger: Logger
  ) {
    (self.registry, self.core, self.readiness) = (registry, core, readiness)
    (self.addresses, self.logger) = (addresses, logger)
  }

  /// Carries out a change or its dry run, and answers the operator.
  ///
  /// - Throws: As `run`.
  func answer(_ request: MutationMachine.Request) async throws -> MutationAnswer {
    let outcome = try await run(request)
    return try core.read { balancer, _ in
      MutationAnswer(
        instances: outcome.statuses(in: balancer), delivered: outcome.isDelivered,
        impact: outcome.impact)
    }
  }

  /// Carries out a change.
  ///
  /// - Throws: `Problem`, or `CancellationError` where the balancer stops before it was ready.
  func run(_ request: MutationMachine.Request) async throws -> MutationMachine.Outcome {
    try await readiness.wait()
    var machine = try core.read { balancer, now in
      MutationMachine(request, askedOf: balancer, at: now.wall)
    }
    do {
      while true {
        switch machine.step {
        case .locate(let hosts):
          machine.located(await addresses.book(of: hosts, asker: request.mutation.asker))
        case .read: try machine.read(try await registry.contents())
        case .commit(let transaction):
          let commit = try await commit(transaction)
          core.run { balancer, now in machine.committed(commit, in: &balancer, now: now) }
        case .awaitDelivery(let ids):
          let isDelivered = await core.delivered(ids)
          try core.read { balancer, _ in machine.delivered(isDelivered, in: balancer) }
        case .confirm(let obeyed):
          // A slow log will be told again, and the operator has waited long enough.
          _ = await BoundedWait.result(milliseconds: TimeLimit.settling) { await confirm(obeyed) }
          machine.confirmed()
        case .done(let outcome): return outcome
        }
      }
    } catch {
      throw Self.problem(error)
    }
  }

  private func commit(_ transaction: MutationMachine.Transaction) async throws -> RegistryCommit {
    let request = transaction.request
    let commit = try await registry.change(
      request.key, at: transaction.at, actor: request.actor
    ) { contents in
      try transaction.decide(on: &contents)
    }
    logger.debug(
      "A change is committed",
      metadata: [
        "actor": "\(ActionActor.words(request.actor.name, request.actor.kind))",
        "change": "\(request.mutation.name)",
        "instances": "\(request.mutation.ids.map(\.text).joined(separator: ","))",
      ])
    return commit
  }

  /// Carries out a change that an instance or time has caused. If it fails, the balancer asks
  /// again.
  private func write(_ mutation: Balancing.Mutation, by actor: ActionActor) async {
    do {
      let request = MutationMachine.Request(
        mutation, actor: actor, acknowledged: Set(ImpactWarning.allCases))
      let outcome = try await run(request)
      guard case .reviewLicense = mutation else { return }
      for action in outcome.commit?.actions ?? [] {
        logger.warning("The license: \(action.result)")
      }
    } catch {
      logger.warning(
        "A change was not written down",
        metadata: [
          "change": "\(mutation.name)", "of": "\(PlainText.cleaned(actor.name))",
          "error": "\(error.plainWords)",
        ])
    }
  }

  /// Stores and reports that instances obey all their orders.
  private func confirm(_ obeyed: [InstanceID: Int64]) async {
    do {
      let actions = try await registry.confirm(obeyed)
      core.run { balancer, _ in
        balancer.confirmed(obeyed, actions)
        return []
      }
    } catch {
      logger.warning("A delivery was not written down", metadata: ["error": "\(error.plainWords)"])
    }
  }

  /// Stores and reports events, as the registry has them then.
  private func log(_ events: [ClusterEvent]) async {
    do {
      let written = try await registry.write(events)
      core.run { balancer, _ in
        balancer.logged(written)
        return []
      }
    } catch {
      logger.warning("Events were not written down", metadata: ["error": "\(error.plainWords)"])
    }
  }

  /// Reports and stores that an action was carried out. The operator does not wait for a slow log.
  func carriedOut(_ action: ActionRecord, result: String) async {
    core.run { balancer, _ in
      var action = action
      (action.delivered, action.result) = (true, result)
      balancer.record(action)
      return []
    }
    _ = await BoundedWait.result(milliseconds: TimeLimit.settling) {
      do {
        try await registry.recordOutcome(of: action.id, delivered: true, result: result)
      } catch {
        logger.warning("An action was not settled", metadata: ["error": "\(error.plainWords)"])
      }
    }
  }

  static func problem(_ error: any Error) -> Problem {
    switch error {
    case let problem as Problem: problem
    case let refusal as MutationRefusal: Problem(refusal)
    case let failure as RegistryFailure: Problem(failure)
    case is KeyReused:
      Problem(
        .keyReused, "You sent another request with this Idempotency-Key; nothing was changed.")
    default: Problem(.internalError, "The program's log has the details.")
    }
  }
}

extension Balancing.Mutation {
  /// Who pays for the lookup of names.
  fileprivate var asker: InstanceOwner {
    if case .join(_, let joining) = self { joining.asker } else { .local }
  }

  /// The name for the log.
  fileprivate var name: String {
    switch self {
    case .join: "join"
    case .described: "description of an instance"
    case .refusedJoin: "refused join"
    case .asked: "request of a removed instance"
    case .command(let command): command.kind.rawValue
    case .restarted: "end of a drain until restart"
    case .pass: "new revision"
    case .license: "license"
    case .reviewLicense: "review of the license"
    }
  }
}

extension MutationRunner: EffectHandler {
  func carryOut(_ effect: Balancer.Effect) {
    switch effect {
    case .confirm(let obeyed): Task.detached { await confirm(obeyed) }
    case .log(let events): Task.detached { await log(events) }
    case .write(let mutation, let actor):
      writes.run("\(mutation.name) of \(actor.name)") { await write(mutation, by: actor) }
    case .openFeed, .closeFeed, .deliver, .report, .verifyLicense, .passKeyOn: break  // others'
    }
  }
}
