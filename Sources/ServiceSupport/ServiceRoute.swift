internal import ClusterAPI
internal import ClusterModel
package import Hummingbird
internal import Logging

/// Who may use a route over TCP. The Unix socket has every right, unless the route says not.
package enum Access: Hashable, Sendable {
  /// Anybody.
  case open
  case viewer
  case `operator`
  case instance
  /// A balancer of the cluster, by a token signed with the cluster's key.
  case balancer
  /// Carries its own proof: a signed body, or a secret.
  case selfProving
  /// Never over TCP.
  case localOnly
}

/// One route of a daemon.
package struct ServiceRoute: Sendable {
  package typealias Handler = @Sendable (Request, ServiceContext) async throws -> Response

  package let method: HTTPRequest.Method
  /// Hummingbird's spelling, `/v1/instances/:id`.
  package let path: String
  package let access: Access
  package let handler: Handler

  package init(
    _ method: HTTPRequest.Method, _ path: String, _ access: Access,
    handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.access = access
    self.handler = handler
  }

  /// Whether this path, whatever its method, is the route's.
  fileprivate func matches(_ requested: String) -> Bool {
    let own = path.split(separator: "/")
    let parts = requested.split(separator: "/")
    return own.count == parts.count
      && zip(own, parts).allSatisfy { $0.first == ":" || $0 == $1 }
  }
}

/// Decides whether a request that came over TCP may use a route, and knows who sent it.
///
/// - Throws: `Problem`, `unauthorized` or `forbidden`.
package typealias Gatekeeper =
  @Sendable (Access, Request, ServiceContext) async throws -> TokenBearer

/// Answers requests: finds the route, lets the gatekeeper look, and turns every error into a
/// problem document.
package struct ServiceResponder: HTTPResponder {
  private let router: RouterResponder<ServiceContext>
  /// Every route, that of the document included.
  package let routes: [ServiceRoute]

  package init(routes own: [ServiceRoute], gatekeeper: @escaping Gatekeeper) {
    let routes = own + [.document]
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: ProblemsForErrors(routes: routes))
    for route in routes {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        var context = context
        switch (context.door, route.access) {
        case (_, .open), (_, .selfProving), (.local, _): break
        case (.network, .localOnly):
          throw Problem(.forbidden, "This route is served on the Unix socket only.")
        case (.network, let access):
          context.caller = try await gatekeeper(access, request, context)
        }
        return try await route.handler(request, context)
      }
    }
    self.router = router.buildResponder()
    self.routes = routes
  }

  /// Answers. A body without an end that the route did not read to its end closes the connection
  /// with the answer: the server would read on for ever, to find the next request.
  package func respond(to request: Request, context: ServiceContext) async throws -> Response {
    guard request.announcesEndlessBody else { return await answer(request, context) }
    var request = request
    let note = NotedBody.Note()
    request.body = RequestBody(asyncSequence: NotedBody(request.body, note))
    var response = await answer(request, context)
    if !note.isRead {
      response.headers[.connection] = "close"
      let body = response.body
      response.body = ResponseBody(contentLength: body.contentLength) { writer in
        try await body.write(writer)
        context.closeSoon()
      }
    }
    return response
  }

  private func answer(_ request: Request, _ context: ServiceContext) async -> Response {
    do {
      return try await router.respond(to: request, context: context)
    } catch let problem as Problem {
      return Response(problem)
    } catch let invalid as InvalidValue {
      return Response(Problem(.invalidRequest, "The request is refused: \(invalid)."))
    } catch is CancellationError {
      return Response(Problem(.notReady, "The program is stopping."))
    } catch {
      context.logger.error(
        "A request failed: \(error)", metadata: ["path": "\(request.uri.path)"])
      return Response(Problem(.internalError, "The program's log has the details."))
    }
  }
}

/// Puts the house's own words in the place of the router's: it answers by itself where it finds
/// no route, and would do so without a body.
private struct ProblemsForErrors: RouterMiddleware {
  let routes: [ServiceRoute]

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as any HTTPResponseError {
      return Response(problem(for: error, request))
    }
  }

  private func problem(for error: any HTTPResponseError, _ request: Request) -> Problem {
    switch error.status.code {
    case 404:
      let methods = routes.filter { $0.matches(request.uri.path) }.map(\.method.rawValue)
      guard methods.isEmpty else {
        return Problem(
          .methodNotAllowed, "This route takes \(methods.joined(separator: ", ")) only.")
      }
      return Problem(.unknownRoute, "/openapi.yaml describes every route.")
    case 413:
      return Problem(.tooLarge, "The body is longer than this route takes.")
    default:
      return Problem(.invalidRequest, "The request cannot be read.")
    }
  }
}
