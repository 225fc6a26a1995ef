internal import ClusterAPI
internal import ClusterModel
package import Hummingbird
package import Logging

/// Who may use a route over TCP. The Unix socket has every right, unless the route says otherwise.
package enum Access: Hashable, Sendable {
  /// Anybody.
  case open
  case viewer
  case `operator`
  case instance
  /// A balancer of the cluster, with a token signed by the cluster's key.
  case balancer
  /// Anybody whose request contains its own proof: a signed body, or a secret.
  case selfProving
  /// Never over TCP.
  case localOnly
}

/// One route of a daemon.
package struct ServiceRoute: Sendable {
  package typealias Handler = @Sendable (Request, ServiceContext) async throws -> Response

  package let method: HTTPRequest.Method
  /// A segment that begins with `:` is a parameter: `/v1/instances/:id`.
  package let path: String
  package let access: Access
  /// What it accepts in a request. A changing request with anything else is refused.
  package let knows: RequestVocabulary
  package let handler: Handler

  package init(
    _ method: HTTPRequest.Method, _ path: String, _ access: Access,
    knows: RequestVocabulary = .plain, handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.access = access
    self.knows = knows
    self.handler = handler
  }
}

/// Decides whether a request over TCP may use a route, and finds out who sent it.
///
/// - Throws: `Problem`, `unauthorized` or `forbidden`.
package typealias Gatekeeper =
  @Sendable (Access, Request, ServiceContext) async throws -> TokenBearer

/// Answers requests: finds the route, asks the gatekeeper, and turns every error into a problem
/// document.
package struct ServiceResponder: HTTPResponder {
  private let table: RouteTable
  private let gatekeeper: Gatekeeper
  private let strangersBodies = StrangersBodies()
  /// Every route, including that of the document.
  package let routes: [ServiceRoute]

  /// Logs at level debug why a request was refused, to find a mistake.
  private let logger: Logger?

  /// - Parameter logger: Nil: refusals are not logged.
  package init(
    routes own: [ServiceRoute], logger: Logger? = nil, gatekeeper: @escaping Gatekeeper
  ) {
    self.logger = logger
    routes = own + [.document]
    table = RouteTable(routes)
    self.gatekeeper = gatekeeper
  }

  /// Answers a request. The connection ends with the answer in two cases: the route did not read a
  /// body without an end, since the server would read on forever to find the next request; or the
  /// client may never send the body, since nobody told it to continue.
  package func respond(to request: Request, context: ServiceContext) async throws -> Response {
    let mayWait = request.headers[.expect] != nil
    guard request.announcesEndlessBody || mayWait else { return await answer(request, context) }
    var request = request
    let note = NotedBody.Note()
    request.body = RequestBody(
      asyncSequence: NotedBody(request.body, note) { if mayWait { context.continueBody() } })
    var response = await answer(request, context)
    if !note.isRead { response.headers[.connection] = "close" }
    return response
  }

  private func answer(_ request: Request, _ context: ServiceContext) async -> Response {
    do {
      return try await handled(request, context)
    } catch let problem as Problem {
      if request.method == .options, let methods = problem.allowedMethods {
        return Response(
          status: .noContent, headers: [.allow: methods.joined(separator: ", ")])
      }
      logger?.debug(
        "A request is refused",
        metadata: [
          "request": "\(request.method.rawValue) \(PlainText.cleaned(request.uri.path))",
          "from": "\(context.peer.network)", "reason": "\(PlainText.cleaned("\(problem)"))",
        ])
      return Response(problem)
    } catch let invalid as InvalidValue {
      return Response(Problem(.invalidRequest, "The request is refused: \(invalid)."))
    } catch let error as any HTTPResponseError where error.status.code == 413 {
      return Response(Problem(.tooLarge, "The body is longer than this route takes."))
    } catch is any HTTPResponseError {
      return Response(Problem(.invalidRequest, "The request cannot be read."))
    } catch is CancellationError {
      return Response(Problem(.notReady, "The program is stopping."))
    } catch {
      context.logger.error(
        "A request failed",
        metadata: ["path": "\(request.uri.path)", "error": "\(error.networkWords)"])
      return Response(Problem(.internalError, "The program's log has the details."))
    }
  }

  /// Finds the route, asks the gatekeeper, and checks the request against what the route accepts.
  private func handled(
    _ request: Request, _ context: ServiceContext
  ) async throws -> Response {
    let (route, parameters) = try table.find(request)
    var context = context
    context.pathParameters = parameters
    if request.method != .get, request.method != .head { try request.refuseBrowsers() }
    switch (context.door, route.access) {
    case (_, .open), (_, .selfProving), (.local, _): break
    case (.network, .localOnly):
      throw Problem(.forbidden, "This route is served on the Unix socket only.")
    case (.network, let access):
      context.caller = try await gatekeeper(access, request, context)
    }
    let seat =
      context.door == .network
      ? try strangersBodies.seat(for: request, route.access, from: context.peer) : nil
    defer { withExtendedLifetime(seat) {} }
    let request = try await route.knows.checked(request)
    let response = try await route.handler(request, context)
    return request.method == .head ? response.createHeadResponse() : response
  }
}
