internal import ClusterAPI
internal import ClusterModel
internal import Hosting
internal import Hummingbird
internal import ServiceSupport

/// The routes of sessions.
struct SessionRoutes: Sendable {
  let core: InstanceCore
  let heartbeats: Heartbeats

  /// The interval of heartbeats. A client that misses three of them knows that it is cut off.
  private static let heartbeatSeconds = 10
  private static let longestBody = 16 << 10
  /// How many bytes may wait for one client. Further notices are lost if the client does not read.
  private static let streamBytes = 64 << 10

  var all: [ServiceRoute] {
    [
      ServiceRoute(.post, "/v1/sessions", .open) { request, context in
        try await openSession(request, context)
      },
      ServiceRoute(.post, "/v1/sessions/:id/activity", .selfProving) { request, context in
        try activity(request, in: context.pathParameter("id"))
      },
      ServiceRoute(.get, "/v1/sessions", .balancer) { _, _ in
        let sessions = core.readCounted(\.openSessions).map(SessionInfo.init)
        return try Response(
          json: SessionList(
            sessions: sessions.sorted { ($0.since, $0.session) < ($1.since, $1.session) }))
      },
      ServiceRoute(.delete, "/v1/sessions/:id", .balancer, knows: .operators()) { _, context in
        guard core.end(context.pathParameter("id")) else { throw unknownSession }
        return Response(status: .noContent)
      },
    ]
  }

  private var unknownSession: Problem {
    Problem(.unknownSession, "\(core.id) has no such session; it may have ended.")
  }

  private func openSession(
    _ request: Request, _ context: ServiceContext
  ) async throws -> Response {
    let body: SessionRequest = try await request.json(limit: Self.longestBody)
    let outbox = Outbox(limit: Self.streamBytes)
    let session = try core.openSession(
      Caller(
        kind: body.kind, user: body.user, computer: body.computer, ticket: body.ticket),
      on: outbox)
    let beat = heartbeats.add(outbox, everySeconds: Self.heartbeatSeconds)
    return Response(events: outbox, in: context) { [core, heartbeats] in
      heartbeats.remove(beat)
      core.close(session)
    }
  }

  private func activity(_ request: Request, in session: String) throws -> Response {
    switch core.noteActivity(in: session, secret: request.bearer ?? "") {
    case .noted: return Response(status: .noContent)
    case .unknownSession: throw unknownSession
    case .wrongSecret:
      throw Problem(
        .unauthorized, "Activity needs the session's secret: Authorization: Bearer SECRET.")
    }
  }
}

extension SessionInfo {
  fileprivate init(_ session: HostedSession) {
    let traffic = session.connections.all > 0 ? session.connections : nil
    self.init(
      session: session.id, kind: session.kind, user: session.user,
      computer: session.computer, since: session.since, activeAt: session.activeAt,
      withoutNotices: session.hasStream ? nil : true, connections: traffic?.open,
      bytesFromClient: traffic?.bytesFromClient,
      bytesFromApplication: traffic?.bytesFromApplication)
  }
}
