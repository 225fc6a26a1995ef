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
  let configuration: BalancerConfiguration
  let license: LicenseCheck
  let refusedJoins = RefusedJoins()
  let joins = JoinDoor()
  let questions = SessionQuestions()
  let searches = SearchSeats()

  var all: [ServiceRoute] {
    [
      ServiceRoute(.put, "/v1/instances/:id", .instance) { request, context in
        try await join(request, context)
      },
      ServiceRoute(
        .delete, CommandRoute.removeOne.path, .operator,
        knows: .operators("force", "dryRun", "acknowledge")
      ) { request, context in
        let force = try request.flag("force")
        return try await answer(
          CommandRequest(.remove([try context.instance()], force: force)), request, context)
      },
      ServiceRoute(.get, "/v1/instances/:id/sessions", .viewer) { _, context in
        let id = try context.instance()
        let sessions = try await questions.sessions(of: id, for: context.caller?.tokenID) {
          try await carried(to: id) { try await $0.ownSessions() }
        }
        return try Response(json: SessionList(sessions: sessions))
      },
      ServiceRoute(
        .delete, CommandRoute.endSession.path, .operator, knows: .operators("dryRun")
      ) { try await endSession($0, $1) },
      ServiceRoute(.get, "/v1/sessions", .viewer, knows: .reading("user", "computer")) {
        try await findSessions($0, $1)
      },
      ServiceRoute(
        .post, "/v1/sessions/end", .operator,
        knows: .operators(fields: SessionEndRequest.fields, "dryRun")
      ) { try await endSessions($0, $1) },
      ServiceRoute(.get, "/v1/actions", .viewer, knows: .reading("limit")) { request, _ in
        let limit = try request.number("limit", in: 1...1_000, default: 50)
        do {
          let actions = try await access.opened().registry.actions(limit: limit)
          return try Response(json: ActionList(actions: actions))
        } catch let failure as RegistryFailure {
          throw Problem(failure)
        }
      },
      ServiceRoute(
        .get, "/v1/events", .viewer, knows: .reading("limit", "before", "instance")
      ) { request, _ in
        do {
          let events = try await access.opened().registry.events(request.eventQuery())
          return try Response(json: EventList(events: events))
        } catch let failure as RegistryFailure {
          throw Problem(failure)
        }
      },
      ServiceRoute(.get, "/v1/license", .viewer) { _, _ in
        try Response(json: try core.snapshot().license)
      },
    ].map(\.noting) + CommandRoute.withBody.map { ordering($0).noting }
  }

  // MARK: Commands

  private func ordering(_ route: CommandRoute) -> ServiceRoute {
    ServiceRoute(
      route.method == .put ? .put : .post, route.path, .operator,
      knows: .operators(fields: route.fields, "dryRun", "acknowledge")
    ) { request, context in
      let id = route.namesInstance ? try context.instance() : nil
      let body = try await request.mutation { bytes throws(InvalidValue) in
        try CommandRequest(route.kind, of: id, from: bytes)
      }
      if route.fields.contains("ids"), body.command.ids.isEmpty {
        throw Problem(.invalidRequest, "ids must name one instance at least.")
      }
      return try await answer(
        body, request, context, status: route.kind == .add ? .created : .ok)
    }
  }

  private func answer(
    _ body: CommandRequest, _ request: Request, _ context: ServiceContext,
    status: HTTPResponse.Status = .ok
  ) async throws -> Response {
    let mutation = try await mutation(for: body.command)
    let warnings = try request.acknowledged()
    let isDryRun = try request.flag("dryRun")
    let answer = try await access.opened().runner.answer(
      MutationMachine.Request(
        mutation, actor: await context.actor(),
        acknowledged: Set(body.acknowledge.compactMap(\.known) + warnings),
        key: try request.key(context), isDryRun: isDryRun))
    return try Response(json: answer, status: isDryRun ? .ok : status)
  }

  /// - Throws: `InvalidValue` for a deadline in the past, `Problem` for a license that is not
  ///   trusted.
  private func mutation(for command: OperatorCommand) async throws -> Mutation {
    switch command {
    case .drain(_, _, let terms):
      if let deadline = terms.deadline, deadline <= SystemClock.now {
        throw InvalidValue(field: "deadline", complaint: "is in the past")
      }
      return .command(command)
    case .license(nil): return .license(nil, by: configuration.id)
    case .license(let document?):
      return .license(try await license.license(in: document), by: configuration.id)
    case .enable, .add, .remove, .limit, .seats, .endSession: return .command(command)
    }
  }
}

extension ServiceContext {
  /// The instance in the path.
  ///
  /// - Throws: `InvalidValue`.
  func instance() throws -> InstanceID {
    try InstanceID(pathParameter("id"))
  }
}

extension Request {
  /// The query for events.
  fileprivate func eventQuery() throws -> EventQuery {
    let before = try number("before", in: 0...Int(Limits.revision), default: 0)
    return EventQuery(
      limit: try number("limit", in: 1...1_000, default: 50),
      before: before == 0 ? nil : Int64(before),
      instance: try text("instance").map { try InstanceID($0) })
  }

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
