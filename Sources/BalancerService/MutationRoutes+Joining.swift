internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Hummingbird
internal import Logging
internal import Registry
internal import ServiceSupport

/// The route by which instances join.
extension MutationRoutes {
  func join(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let id = try context.instance()
    let asker = try context.asker
    // This comes before the door: a stranger must not use up the joins of the id's owner.
    try await refuseStranger(asker, id, try access.opened())
    // The body comes next, which may never arrive.
    let body: JoinRequest = try await request.mutation(limit: Limits.joinBytes)
    return try await joins.join(id, token: context.caller?.tokenID) {
      try await join(id, body, asker)
    }
  }

  private func join(
    _ id: InstanceID, _ body: JoinRequest, _ asker: InstanceOwner
  ) async throws -> Response {
    guard !body.profile.role.isLoadBalancer else {
      throw Problem(.invalidRequest, "A load balancer joins through the registry.")
    }
    let opened = try access.opened()
    let joining = Joining(reach: body.reach, profile: body.profile, asker: asker)
    do {
      let outcome = try await opened.runner.run(
        MutationMachine.Request(.join(id, joining), actor: .instance(id)))
      refusedJoins.forget(id, asker)
      guard let contents = outcome.commit?.contents, let desired = contents.desiredState(of: id)
      else {
        throw Problem(.unknownInstance, "\(id) is not a member of the cluster.")
      }
      return try Response(
        json: JoinAnswer(
          cluster: contents.cluster, publicKey: try opened.keys.current.publicKey.text,
          desired: try await opened.keys.current.sign(desired), rotations: opened.keys.steps))
    } catch var problem as Problem where problem.name == .removed {
      // It runs and asks, and it may know more than the registry.
      var claim: ObeyClaim?
      if let obeyed = body.obeys { claim = await opened.keeper.proofs.claim(of: id, obeyed) }
      core.run { $0.refused(id, claim, now: $1) }
      let desired = try core.read { balancer, _ in balancer.contents.desiredState(of: id) }
      if let desired { problem.desired = try await opened.keys.current.sign(desired) }
      // It may trust an older key. If so, it learns of its removal with its next attempt.
      if opened.keys.steps != nil { opened.keeper.delivery.leadSoon(id) }
      throw problem
    }
  }

  /// Keeps everybody but its owner away from an id. This reads only the memory and not the
  /// registry, so that repeated attempts cost nothing. The decision checks it again.
  ///
  /// - Throws: `Problem`, `forbidden`. The first time is logged.
  private func refuseStranger(
    _ asker: InstanceOwner, _ id: InstanceID, _ opened: OpenedRegistry
  ) async throws {
    let refusal = try core.read { balancer, _ in
      balancer.contents.instances[id]?.refusal(to: asker)
    }
    guard let refusal else { return }
    if refusedJoins.isNews(id, asker) {
      opened.runner.logger.warning(
        "A token asked to join an id that is not its own",
        metadata: ["instance": "\(id)", "token": "\(asker)"])
      let line = MutationMachine.Request(
        .refusedJoin(id, result: "refused: \(id) does not belong to this token"),
        actor: ActionActor(.token, asker.name ?? asker.text))
      // The refusal stands even if it cannot be stored.
      _ = try? await opened.runner.run(line)
    }
    throw Problem(refusal)
  }
}

extension ServiceContext {
  /// The asker of a join: the token of the request, or `local` over the Unix socket.
  ///
  /// - Throws: `Problem`, `forbidden`, where it is neither.
  fileprivate var asker: InstanceOwner {
    get throws {
      guard door == .network else { return .local }
      guard let caller, let token = caller.tokenID else {
        throw Problem(.forbidden, "Joining needs a token of the role instance.")
      }
      return .token(id: token, name: caller.name)
    }
  }
}
