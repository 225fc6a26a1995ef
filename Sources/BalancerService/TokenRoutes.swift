internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Hummingbird
internal import Registry
internal import ServiceSupport

/// The routes by which operators on the balancer's machine make, change and revoke access tokens.
struct TokenRoutes: Sendable {
  let core: BalancerCore
  let access: RegistryAccess

  var all: [ServiceRoute] {
    [
      ServiceRoute(.get, "/v1/tokens", .localOnly) { _, _ in
        let contents = try core.read { balancer, _ in balancer.contents }
        let sorted = contents.tokens.values.sorted {
          ($0.createdAt, $0.id) < ($1.createdAt, $1.id)
        }
        return try Response(json: TokenList(tokens: sorted.map { contents.info(of: $0) }))
      },
      ServiceRoute(
        .post, "/v1/tokens", .localOnly, knows: .operators(fields: TokenRequest.fields)
      ) { try await create($0, $1) },
      ServiceRoute(
        .put, "/v1/tokens/:id/instances", .localOnly,
        knows: .operators(fields: AssignRequest.fields)
      ) { try await assign($0, $1) },
      ServiceRoute(.delete, "/v1/tokens/:id", .localOnly, knows: .operators()) {
        try await revoke($0, $1)
      },
    ].map(\.noting)
  }

  private func create(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body: TokenRequest = try await request.mutation()
    let now = SystemClock.now
    if let end = body.expiresAt, end <= now {
      throw InvalidValue(field: "expiresAt", complaint: "is in the past")
    }
    var random = SystemRandomNumberGenerator()
    let secret = AccessSecret(using: &random)
    let actor = await context.actor()
    let commit = try await change(request, context, actor, at: now) { contents in
      let replaced = body.replaces.flatMap { contents.tokens[$0]?.mostInstances }
      let token = AccessToken(
        id: secret.id, name: body.name ?? "\(body.role.rawValue)-\(secret.id)", role: body.role,
        hash: secret.hash, createdAt: now, createdBy: actor.name, expiresAt: body.expiresAt,
        mostInstances: body.instances ?? replaced ?? AccessToken.usualInstances)
      return try contents.create(token, replacing: body.replaces, owning: body.owns, at: now)
    }
    guard !commit.isRepeat, let token = commit.contents.tokens[secret.id] else {
      throw Problem(
        .alreadyExists,
        "This request has made its token before, and a token is shown once. Find it with aosctl "
          + "token list, revoke it and make another.")
    }
    return try Response(
      json: commit.contents.info(of: token, secret: secret.text), status: .created)
  }

  private func assign(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body: AssignRequest = try await request.mutation()
    let (id, now) = (context.pathParameter("id"), SystemClock.now)
    guard !body.ids.isEmpty else {
      throw Problem(.invalidRequest, "ids must name one instance at least.")
    }
    let commit = try await change(
      request, context, await context.actor(), at: now
    ) { contents in
      [try contents.give(body.ids, to: id, at: now)]
    }
    guard let token = commit.contents.tokens[id] else { throw Problem(TokenRefusal.unknown) }
    return try Response(json: commit.contents.info(of: token))
  }

  private func revoke(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let id = context.pathParameter("id")
    let now = SystemClock.now
    let commit = try await change(
      request, context, await context.actor(), at: now
    ) { contents in
      [try contents.revokeToken(id, at: now)].compactMap { $0 }
    }
    guard let token = commit.contents.tokens[id] else { throw Problem(TokenRefusal.unknown) }
    guard token.revokedAt != nil else {
      throw Problem(
        .invalidRequest, "The Idempotency-Key belongs to another request; nothing was revoked.")
    }
    return try Response(json: commit.contents.info(of: token))
  }

  private func change(
    _ request: Request, _ context: ServiceContext, _ actor: ActionActor, at: Timestamp,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit {
    let key = try request.key(context)
    do {
      let commit = try await access.opened().registry.change(
        key, at: at, actor: actor, decide: decide)
      core.committed(commit)
      return commit
    } catch let refusal as TokenRefusal {
      throw Problem(refusal)
    } catch {
      throw MutationRunner.problem(error)
    }
  }
}

extension RegistryContents {
  /// The public part of a token.
  fileprivate func info(of token: AccessToken, secret: String? = nil) -> TokenInfo {
    TokenInfo(
      token, owned: owned(by: token.id).count { !$0.isRemoved }, token: secret)
  }
}

extension Problem {
  fileprivate init(_ refusal: TokenRefusal) {
    switch refusal {
    case .nameTaken(let name):
      self.init(.alreadyExists, "An active token is named \(name) already.")
    case .tooMany(let most):
      self.init(.tooMany, "\(most) tokens are in force; revoke some first.")
    case .unknown: self.init(.unknownToken, "No token has this id.")
    case .ended(let id):
      self.init(
        .invalidRequest, "The token \(id) has ended. Name the instances themselves (--owns).")
    case .ownsNothing(let role):
      self.init(
        .invalidRequest,
        "The token has the role \(role.rawValue); only those of the role instance own instances.")
    case .unknownInstance(let id):
      self.init(.unknownInstance, "No server of the cluster has the id \(id).")
    case .tooManyInstances(let count, let most):
      self.init(
        .tooMany, "The token would own \(count) instances and may own \(most) (--instances).")
    }
  }
}
