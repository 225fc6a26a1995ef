internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Hummingbird
internal import Logging
internal import ServiceSupport
internal import Synchronization

/// Decides who may do what over TCP. It reads the tokens from the balancer's memory, which is as
/// new as the registry's last signal, and ends the feeds of tokens that have ended.
final class AccessGate: Sendable {
  private struct OpenStream {
    let tokenID: String
    let outbox: Outbox
  }

  private let core: BalancerCore
  private let policy: AccessPolicy
  private let refused: RefusedTokens
  private let streams = Mutex<(open: [Int: OpenStream], nextKey: Int)>(([:], 0))

  init(core: BalancerCore, policy: AccessPolicy, logger: Logger) {
    self.core = core
    self.policy = policy
    refused = RefusedTokens(logger: logger)
  }

  /// Accepts a request or throws the reason for its refusal.
  ///
  /// - Throws: `Problem`: `unauthorized`, `forbidden`, `too-many` or `registry-unavailable`.
  func admit(
    _ access: Access, _ request: Request, _ context: ServiceContext
  ) throws -> TokenBearer {
    // This comes first: nobody may send such a request this way.
    if let problem = policy.refusal(of: access, from: context.peer) { throw problem }
    guard let shown = request.bearer else {
      throw Problem(
        .unauthorized,
        "Over TCP this route needs a token (Authorization: Bearer). The Unix socket needs none.")
    }
    guard let secret = AccessSecret(shown) else {
      throw refused.problem("This is not an access token.", from: context)
    }
    let (kept, now) = try core.read { balancer, now in
      (balancer.contents.tokens[secret.id], now.wall)
    }
    guard let kept, secret.matches(kept.hash) else {
      throw refused.problem("The token is not known.", from: context)
    }
    guard kept.revokedAt == nil else {
      throw refused.problem("The token was revoked.", from: context)
    }
    if let end = kept.expiresAt, kept.isExpired(at: now) {
      throw refused.problem("The token expired at \(end).", from: context)
    }
    if let problem = AccessPolicy.refusal(of: access, to: kept.role) { throw problem }
    let refusal =
      policy.refusal(of: .operator, from: context.peer)
      ?? AccessPolicy.refusal(of: .operator, to: kept.role)
    return TokenBearer(name: kept.name, tokenID: kept.id, refusal: refusal?.detail)
  }

  // MARK: Streams

  /// Ends this stream when the caller's token is revoked or expires.
  ///
  /// - Returns: A key for `forget`; nil where there is no token.
  func watch(_ outbox: Outbox, of caller: TokenBearer?) -> Int? {
    guard let id = caller?.tokenID else { return nil }
    let key = streams.withLock { streams in
      streams.nextKey += 1
      streams.open[streams.nextKey] = OpenStream(tokenID: id, outbox: outbox)
      return streams.nextKey
    }
    // The token may have ended since the caller was accepted.
    endStreams()
    return key
  }

  func forget(_ key: Int?) {
    guard let key else { return }
    streams.withLock { _ = $0.open.removeValue(forKey: key) }
  }

  /// Ends the streams of tokens that are not valid any more.
  func endStreams() {
    let open = streams.withLock { $0.open }
    guard !open.isEmpty else { return }
    let known = try? core.read { balancer, now in (balancer.contents.tokens, now.wall) }
    guard let (tokens, now) = known else { return }
    for stream in open.values where tokens[stream.tokenID]?.isInForce(at: now) != true {
      stream.outbox.finish()
    }
  }
}

/// The rules of access, without sockets.
struct AccessPolicy: Equatable, Sendable {
  /// Whether the listener speaks TLS.
  var isEncrypted = false
  /// Whether changes from other machines are accepted over plain text, too.
  var allowsPlaintextOperators = false

  /// Why nobody may use the route from there; nil where somebody may.
  func refusal(of access: Access, from peer: Peer) -> Problem? {
    guard !isEncrypted, !allowsPlaintextOperators, !peer.isLoopback else { return nil }
    guard access == .operator || access == .instance else { return nil }
    return Problem(
      .forbidden,
      "Changes from other machines are taken over TLS only: start the balancer with "
        + "--tls-certificate and --tls-key, or use its Unix socket.")
  }

  /// Why a token of this role may not use the route; nil where it may.
  static func refusal(of access: Access, to role: TokenRole) -> Problem? {
    switch (access, role) {
    case (.viewer, .viewer), (.viewer, .operator), (.operator, .operator),
      (.instance, .instance):
      nil
    case (.instance, _):
      Problem(.forbidden, "Joining needs a token of the role instance.")
    case (_, .instance):
      Problem(.forbidden, "A token of the role instance can only join.")
    case (.operator, _):
      Problem(.forbidden, "The token may read and change nothing: its role is \(role.rawValue).")
    default: Problem(.forbidden, "No token opens this route.")
    }
  }
}
