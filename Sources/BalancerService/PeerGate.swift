internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Hummingbird
internal import Logging
internal import ServiceSupport
internal import Synchronization

/// Accepts the other balancers of the cluster, as instances do: with a token that the cluster's key
/// has signed for this balancer, and that can be used once.
final class PeerGate: Sendable {
  private let core: BalancerCore
  private let id: InstanceID
  private let cluster: String
  private let keys: SigningKeys
  private let refused: RefusedTokens
  private let used = Mutex(
    UsedTokens(
      lifetime: (BalancerToken.lifetimeSeconds + 2 * BalancerToken.skewSeconds) * 1_000))

  init(core: BalancerCore, id: InstanceID, cluster: String, logger: Logger) {
    (self.core, self.id, self.cluster) = (core, id, cluster)
    keys = SigningKeys(core: core)
    refused = RefusedTokens(logger: logger)
  }

  /// Accepts a request or throws the reason for its refusal.
  ///
  /// - Throws: `Problem`: `unauthorized`, `too-many` or `registry-unavailable`.
  func admit(_ request: Request, _ context: ServiceContext) async throws -> TokenBearer {
    guard let shown = request.bearer else {
      throw Problem(
        .unauthorized,
        "Over TCP this route is for the cluster's balancers. The Unix socket needs no token.")
    }
    let key = try keys.current.publicKey
    let token: BalancerToken
    do throws(TrustFailure) {
      token = try await key.balancer(in: shown, for: id, cluster: cluster, now: SystemClock.now)
    } catch {
      throw refused.problem("The token is refused: \(error.plainWords).", from: context)
    }
    let row = try core.read { balancer, _ in balancer.contents.instances[token.balancer] }
    guard let row, row.role.isLoadBalancer, !row.isRemoved, row.id != id else {
      throw refused.problem(
        "\(token.balancer) is not another balancer of the cluster.", from: context)
    }
    try use(token, context)
    return TokenBearer(name: token.balancer.text)
  }

  private func use(_ token: BalancerToken, _ context: ServiceContext) throws {
    guard let name = token.id else {
      throw refused.problem("The token has no name.", from: context)
    }
    let now = SystemClock.monotonicMilliseconds
    switch used.withLock({ $0.use("\(token.balancer) \(name)", now: now) }) {
    case .isNew: return
    case .wasShown:
      throw refused.problem(
        "The token was shown before, and opens one request.", from: context)
    case .isFull:
      throw Problem(
        .tooMany, "Balancers ask \(id) more often than it can remember their tokens.",
        retryAfterSeconds: 1)
    }
  }
}
