internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Hummingbird
internal import Registry
internal import ServiceSupport

/// The routes by which operators on the balancer's machine make and revoke access tokens.
struct TokenRoutes: Sendable {
  let core: BalancerCore
  let access: RegistryAccess

  var all: [ServiceRoute] {
    [
      ServiceRoute(.get, "/v1/tokens", .localOnly) { _, _ in
        let tokens = try core.read { balancer, _ in balancer.contents.tokens.values.map { $0 } }
        let sorted = tokens.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        return try Response(json: TokenList(tokens: sorted.map { TokenInfo($0) }))
      },
      ServiceRoute(.post, "/v1/tokens", .localOnly) { try await create($0, $1) },
      ServiceRoute(.delete, "/v1/tokens/:id", .localOnly) { try await revoke($0, $1) },
    ].map(\.noting)
  }

  private func create(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body: TokenRequest = try await request.mutation()
    var random = SystemRandomNumberGenerator()
    let secret = AccessSecret(using: &random)
    let token = AccessToken(
      id: secret.id, name: body.name ?? "\(body.role.rawValue)-\(secret.id)", role: body.role,
      hash: secret.hash, createdAt: SystemClock.now, createdBy: await context.actor())
    let commit = try await change(
      request, context, token.createdBy, at: token.createdAt
    ) {
      [try $0.create(token)]
    }
    guard !commit.isRepeat else {
      throw Problem(
        .alreadyExists,
        "This request has made its token before, and a token is shown once. Revoke it and make "
          + "another.")
    }
    return try Response(json: TokenInfo(token, token: secret.text), status: .created)
  }

  private func revoke(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try request.refuseBrowsers()
    let id = context.parameters.get("id") ?? ""
    let now = SystemClock.now
    let commit = try await change(
      request, context, await context.actor(), at: now
    ) { contents in
      [try contents.revokeToken(id, at: now)].compactMap { $0 }
    }
    guard let token = commit.contents.tokens[id] else { throw Problem(TokenRefusal.unknown) }
    guard !token.isInForce else {
      throw Problem(
        .invalidRequest, "The Idempotency-Key is that of another request; nothing was revoked.")
    }
    return try Response(json: TokenInfo(token))
  }

  private func change(
    _ request: Request, _ context: ServiceContext, _ actor: String, at: Timestamp,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit {
    let key = try request.key(context)
    do {
      let commit = try await access.opened().registry.change(
        key, at: at, actor: actor, decide: decide)
      core.run { $0.registryChanged(to: commit.contents, now: $1) }
      if !commit.isRepeat {
        for action in commit.actions { core.record(action) }
      }
      return commit
    } catch let refusal as TokenRefusal {
      throw Problem(refusal)
    } catch {
      throw MutationRunner.problem(error)
    }
  }
}

extension Problem {
  fileprivate init(_ refusal: TokenRefusal) {
    switch refusal {
    case .nameTaken(let name):
      self.init(.alreadyExists, "A token named \(name) is in force already.")
    case .tooMany(let most):
      self.init(.tooMany, "\(most) tokens are in force; revoke some first.")
    case .unknown: self.init(.unknownToken, "No token has this id.")
    }
  }
}
