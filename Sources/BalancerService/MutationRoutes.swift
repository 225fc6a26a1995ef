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
  let refusedJoins = RefusedJoins()
  let joins = JoinDoor()
  let reads = SessionDoor()

  var all: [ServiceRoute] {
    [
      ServiceRoute(.put, "/v1/instances/:id", .instance) { request, context in
        try await join(request, context)
      },
      ServiceRoute(
        .post, "/v1/instances", .operator,
        knows: .operators(fields: AddRequest.fields, "dryRun", "acknowledge")
      ) { request, context in
        let body: AddRequest = try await request.mutation()
        return try await answer(
          .add(body.id, body.address, accept: body.accept, tls: body.tls), request, context,
          status: .created)
      },
      ServiceRoute(
        .delete, "/v1/instances/:id", .operator,
        knows: .operators("force", "dryRun", "acknowledge")
      ) { request, context in
        return try await answer(
          .remove([try context.instance()], force: try request.flag("force")), request, context)
      },
      ServiceRoute(
        .post, "/v1/remove", .operator,
        knows: .operators(fields: RemoveRequest.fields, "dryRun", "acknowledge")
      ) { request, context in
        let body: RemoveRequest = try await request.mutation()
        return try await answer(
          .remove(try body.ids.several, force: body.force), request, context,
          acknowledged: body.acknowledge)
      },
      admission("drain", bulk: true), admission("drain", bulk: false),
      admission("enable", bulk: true), admission("enable", bulk: false),
      ServiceRoute(
        .put, "/v1/instances/:id/limit", .operator,
        knows: .operators(fields: LimitRequest.fieldsForOne, "dryRun", "acknowledge")
      ) { request, context in
        let body: LimitRequest = try await request.mutation()
        return try await answer(
          .limit([try context.instance()], body.maximum), request, context,
          acknowledged: body.acknowledge)
      },
      ServiceRoute(
        .post, "/v1/limit", .operator,
        knows: .operators(fields: LimitRequest.fields, "dryRun", "acknowledge")
      ) { request, context in
        let body: LimitRequest = try await request.mutation()
        return try await answer(
          .limit(try body.ids.several, body.maximum), request, context,
          acknowledged: body.acknowledge)
      },
      ServiceRoute(.get, "/v1/instances/:id/sessions", .viewer) { _, context in
        let id = try context.instance()
        try reads.enter(id, token: context.caller?.tokenID)
        let sessions = try await carried(to: id) { try await $0.ownSessions() }
        return try Response(json: SessionList(sessions: sessions))
      },
      ServiceRoute(
        .delete, "/v1/instances/:id/sessions/:session", .operator, knows: .operators("dryRun")
      ) { try await endSession($0, $1) },
      ServiceRoute(.get, "/v1/actions", .viewer, knows: .reading("limit")) { request, _ in
        let limit = try request.number("limit", in: 1...1_000, default: 50)
        do {
          let actions = try await access.opened().registry.actions(limit: limit)
          return try Response(json: ActionList(actions: actions))
        } catch let failure as RegistryFailure {
          throw Problem(failure)
        }
      },
      ServiceRoute(.get, "/v1/license", .viewer) { _, _ in
        try Response(json: try core.snapshot().license)
      },
      ServiceRoute(
        .put, "/v1/license", .operator,
        knows: .operators(fields: LicenseRequest.fields, "dryRun", "acknowledge")
      ) { request, context in
        try await answer(try await licensing(request.mutation()), request, context)
      },
    ].map(\.noting)
  }

  // MARK: Drain and enable

  private func admission(_ verb: String, bulk: Bool) -> ServiceRoute {
    let path = bulk ? "/v1/\(verb)" : "/v1/instances/:id/\(verb)"
    let known = verb == "drain" ? AdmissionRequest.fields : AdmissionRequest.enableFields
    return ServiceRoute(
      .post, path, .operator,
      knows: .operators(
        fields: bulk ? known : known.filter { $0 != "ids" }, "dryRun", "acknowledge")
    ) { request, context in
      let body: AdmissionRequest = try await request.mutation()
      if verb == "enable", body.untilRestart {
        throw Problem(.invalidRequest, "untilRestart must be false: an enable has no terms.")
      }
      let ids = bulk ? try body.ids.several : [try context.instance()]
      let mutation: Balancing.Mutation =
        verb == "drain"
        ? .drain(ids, try body.checkedTerms(), reason: body.reason)
        : .enable(ids, reason: body.reason)
      return try await answer(
        mutation, request, context, acknowledged: body.acknowledge)
    }
  }

  private func answer(
    _ mutation: Balancing.Mutation, _ request: Request, _ context: ServiceContext,
    acknowledged: [OpenEnum<ImpactWarning>] = [], status: HTTPResponse.Status = .ok
  ) async throws -> Response {
    let warnings = try request.acknowledged()
    let isDryRun = try request.flag("dryRun")
    let answer = try await access.opened().runner.answer(
      MutationMachine.Request(
        mutation, actor: await context.actor(),
        acknowledged: Set(acknowledged.compactMap(\.known) + warnings),
        key: try request.key(context), isDryRun: isDryRun))
    return try Response(json: answer, status: isDryRun ? .ok : status)
  }

  private func licensing(_ request: LicenseRequest) async throws -> Balancing.Mutation {
    switch request {
    case .seats(let seats): .seats(seats)
    case .license(nil): .license(nil, by: id)
    case .license(let document?): .license(try await license.license(in: document), by: id)
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
}

extension ServiceContext {
  /// The instance that the path names.
  ///
  /// - Throws: `InvalidValue`.
  func instance() throws -> InstanceID {
    try InstanceID(pathParameter("id"))
  }
}

extension Request {
  /// The warnings that the query accepts, separated by commas.
  fileprivate func acknowledged() throws -> [ImpactWarning] {
    guard let text = try self.text("acknowledge") else { return [] }
    return try text.split(separator: ",", omittingEmptySubsequences: false).map { name in
      guard let warning = ImpactWarning(rawValue: String(name)) else {
        throw Problem(
          .invalidRequest, "acknowledge must name warnings: \(ImpactWarning.allNames).")
      }
      return warning
    }
  }
}
