internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import HTTPTypes
internal import Hummingbird
internal import Registry
internal import ServiceSupport

/// The routes by which operators change the cluster, and instances join it.
struct MutationRoutes: Sendable {
  let core: BalancerCore
  let access: RegistryAccess
  /// The balancer itself.
  let id: InstanceID
  let license: LicenseCheck

  var all: [ServiceRoute] {
    [
      ServiceRoute(.put, "/v1/instances/:id", .instance) { request, context in
        try await join(request, context)
      },
      ServiceRoute(.post, "/v1/instances", .operator) { request, context in
        let body: AddRequest = try await request.mutation()
        return try await answer(
          .add(body.id, body.address, accept: body.accept, tls: body.tls), request, context,
          status: .created)
      },
      ServiceRoute(.delete, "/v1/instances/:id", .operator) { request, context in
        try request.refuseBrowsers()
        return try await answer(
          .remove([try context.instance()], force: try request.flag("force")), request, context)
      },
      ServiceRoute(.post, "/v1/remove", .operator) { request, context in
        let body: RemoveRequest = try await request.mutation()
        return try await answer(
          .remove(try body.ids.several, force: body.force), request, context,
          acknowledged: Set(body.acknowledge))
      },
      admission("drain", bulk: true), admission("drain", bulk: false),
      admission("enable", bulk: true), admission("enable", bulk: false),
      ServiceRoute(.put, "/v1/instances/:id/limit", .operator) { request, context in
        let body: LimitRequest = try await request.mutation()
        try body.ids.none
        return try await answer(
          .limit([try context.instance()], body.maximum), request, context,
          acknowledged: Set(body.acknowledge))
      },
      ServiceRoute(.post, "/v1/limit", .operator) { request, context in
        let body: LimitRequest = try await request.mutation()
        return try await answer(
          .limit(try body.ids.several, body.maximum), request, context,
          acknowledged: Set(body.acknowledge))
      },
      ServiceRoute(.get, "/v1/instances/:id/sessions", .viewer) { _, context in
        let (connection, _) = try await connection(context)
        return try Response(
          json: SessionList(sessions: try await carried { try await connection.ownSessions() }))
      },
      ServiceRoute(.delete, "/v1/instances/:id/sessions/:session", .operator) {
        try await endSession($0, $1)
      },
      ServiceRoute(.get, "/v1/actions", .viewer) { request, _ in
        let limit = try request.number("limit", in: 1...1_000, default: 50)
        do {
          let actions = try await access.opened().registry.actions(limit: limit)
          return try Response(json: ActionList(actions: actions))
        } catch let failure as RegistryFailure {
          throw Problem(failure)
        }
      },
      ServiceRoute(.get, "/v1/cluster-key", .viewer) { _, _ in
        let cluster = try core.read { balancer, _ in balancer.contents.cluster }
        return try Response(
          json: ClusterKeyAnswer(
            cluster: cluster, publicKey: try access.opened().key.publicKey.text))
      },
      ServiceRoute(.get, "/v1/license", .viewer) { _, _ in
        try Response(json: try core.snapshot().license)
      },
      ServiceRoute(.put, "/v1/license", .operator) { request, context in
        try await answer(try await licensing(request.mutation()), request, context)
      },
    ].map(\.noting)
  }

  // MARK: Drain and enable

  private func admission(_ verb: String, bulk: Bool) -> ServiceRoute {
    let path = bulk ? "/v1/\(verb)" : "/v1/instances/:id/\(verb)"
    return ServiceRoute(.post, path, .operator) { request, context in
      let body: AdmissionRequest = try await request.mutation()
      if !bulk { try body.ids.none }
      let ids = bulk ? try body.ids.several : [try context.instance()]
      let mutation: Balancing.Mutation =
        verb == "drain"
        ? .drain(ids, try body.checkedTerms(), reason: body.reason)
        : .enable(ids, reason: body.reason)
      return try await answer(
        mutation, request, context, acknowledged: Set(body.acknowledge))
    }
  }

  private func answer(
    _ mutation: Balancing.Mutation, _ request: Request, _ context: ServiceContext,
    acknowledged: Set<ImpactWarning> = [], status: HTTPResponse.Status = .ok
  ) async throws -> Response {
    let named = (request.uri.queryParameters["acknowledge"] ?? "").split(separator: ",")
    let warnings = try named.map { name in
      guard let warning = ImpactWarning(rawValue: String(name)) else {
        throw Problem(.invalidRequest, "acknowledge names no warning.")
      }
      return warning
    }
    let isDryRun = try request.flag("dryRun")
    let answer = try await access.opened().runner.run(
      MutationRunner.Request(
        mutation: mutation, actor: await context.actor(),
        acknowledged: acknowledged.union(warnings), key: try request.key(context),
        isDryRun: isDryRun))
    return try Response(json: answer, status: isDryRun ? .ok : status)
  }

  private func licensing(_ request: LicenseRequest) async throws -> Balancing.Mutation {
    switch request {
    case .seats(let seats): .seats(seats)
    case .license(nil): .license(nil, by: id)
    case .license(let document?): .license(try await license.license(in: document), by: id)
    }
  }

  // MARK: Joining

  private func join(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body: JoinRequest = try await request.mutation()
    let id = try context.instance()
    guard !body.role.isLoadBalancer else {
      throw Problem(.invalidRequest, "A load balancer joins through the registry.")
    }
    let joining = Joining(
      address: body.address, servicesAddress: body.servicesAddress, role: body.role,
      ownMaximum: body.maximum, tls: body.tls)
    let opened = try access.opened()
    do {
      let (commit, _) = try await opened.runner.commit(
        MutationRunner.Request(mutation: .join(id, joining), actor: id.text))
      core.run { balancer, now in
        balancer.registryChanged(to: commit.contents, now: now) + balancer.joined(id)
      }
      for action in commit.actions { core.record(action) }
      guard let desired = commit.contents.desiredState(of: id) else {
        throw Problem(.unknownInstance, "\(id) is not a member of the cluster.")
      }
      return try Response(
        json: JoinAnswer(
          cluster: commit.contents.cluster, publicKey: opened.key.publicKey.text,
          desired: try await opened.key.sign(desired)))
    } catch var problem as Problem where problem.name == .removed {
      if let obeyed = body.obeys {
        core.run { balancer, _ in
          balancer.refused(id, revision: obeyed.revision, digest: obeyed.digest)
        }
      }
      let desired = try core.read { balancer, _ in balancer.contents.desiredState(of: id) }
      if let desired { problem.desired = try await opened.key.sign(desired) }
      throw problem
    }
  }
}

extension AdmissionRequest {
  /// - Throws: `InvalidValue` for a deadline that is over.
  fileprivate func checkedTerms() throws -> DrainTerms {
    if let deadline, deadline <= SystemClock.now {
      throw InvalidValue(field: "deadline", complaint: "is in the past")
    }
    return terms
  }
}

extension [InstanceID] {
  /// Each once, in the order of first mention.
  ///
  /// - Throws: `Problem` where there is none.
  fileprivate var several: [InstanceID] {
    get throws {
      guard !isEmpty else {
        throw Problem(.invalidRequest, "ids must name one instance at least.")
      }
      var seen: Set<InstanceID> = []
      return filter { seen.insert($0).inserted }
    }
  }

  /// - Throws: `Problem` where there is one, for a route that names its instance itself.
  fileprivate var none: Void {
    get throws {
      guard isEmpty else {
        throw Problem(.invalidRequest, "ids stands in the path already.")
      }
    }
  }
}

extension ServiceContext {
  /// The instance that the path names.
  ///
  /// - Throws: `InvalidValue`.
  func instance() throws -> InstanceID {
    try InstanceID(parameters.get("id") ?? "")
  }
}
