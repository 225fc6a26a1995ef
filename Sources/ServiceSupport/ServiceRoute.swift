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

/// Decides whether a request that came over TCP may use a route.
///
/// - Throws: `Problem`, `unauthorized` or `forbidden`.
package typealias Gatekeeper = @Sendable (Access, Request) async throws -> Void

/// Answers requests: finds the route, lets the gatekeeper look, and turns every error into a
/// problem document.
package struct ServiceResponder: HTTPResponder {
  private let router: RouterResponder<ServiceContext>
  /// Every route, that of the document included.
  package let routes: [ServiceRoute]

  package init(routes own: [ServiceRoute], gatekeeper: @escaping Gatekeeper) {
    let routes = own + [.document]
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    for route in routes {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        switch (context.door, route.access) {
        case (_, .open), (_, .selfProving), (.local, _): break
        case (.network, .localOnly):
          throw Problem(.forbidden, "This route is served on the Unix socket only.")
        case (.network, let access): try await gatekeeper(access, request)
        }
        return try await route.handler(request, context)
      }
    }
    self.router = router.buildResponder()
    self.routes = routes
  }

  package func respond(to request: Request, context: ServiceContext) async throws -> Response {
    do {
      let response = try await router.respond(to: request, context: context)
      // Hummingbird answers its own errors itself, with no body or one of another form.
      guard response.status.code >= 400, response.headers[.contentType] != Problem.contentType
      else { return response }
      return Response(problem(forStatus: response.status.code, request))
    } catch let problem as Problem {
      return Response(problem)
    } catch let invalid as InvalidValue {
      return Response(Problem(.invalidRequest, "The request is refused: \(invalid)."))
    } catch let error as any HTTPResponseError {
      return Response(problem(forStatus: error.status.code, request))
    } catch is CancellationError {
      return Response(Problem(.notReady, "The program is stopping."))
    } catch {
      context.logger.error(
        "A request failed: \(error)", metadata: ["path": "\(request.uri.path)"])
      return Response(Problem(.internalError, "The program's log has the details."))
    }
  }

  private func problem(forStatus code: Int, _ request: Request) -> Problem {
    switch code {
    case 404:
      let methods = routes.filter { $0.matches(request.uri.path) }.map(\.method.rawValue)
      guard methods.isEmpty else {
        return Problem(
          .methodNotAllowed, "This route takes \(methods.joined(separator: ", ")) only.")
      }
      return Problem(.unknownRoute, "The interface is described in openapi.yaml.")
    case 413:
      return Problem(.tooLarge, "The body is longer than this route takes.")
    default:
      return Problem(.invalidRequest, "The request cannot be read.")
    }
  }
}
