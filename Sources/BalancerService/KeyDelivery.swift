internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Logging
internal import Synchronization

/// Leads instances to the current signing key. Each balancer does so by itself, as soon as it has
/// read of a new key, and whenever an instance refuses what it signs.
struct KeyDelivery: Sendable {
  let core: BalancerCore
  let keys: SigningKeys
  let transport: HTTPTransport
  let timeoutMilliseconds: Int64
  let logger: Logger
  /// Reads the registry again, since another balancer may have replaced the key a moment ago.
  let reread: @Sendable () async -> Void
  private let soon = OneAtATime()

  init(
    core: BalancerCore, keys: SigningKeys, transport: HTTPTransport, timeoutMilliseconds: Int64,
    logger: Logger, reread: @escaping @Sendable () async -> Void
  ) {
    (self.core, self.keys, self.transport) = (core, keys, transport)
    (self.timeoutMilliseconds, self.logger) = (timeoutMilliseconds, logger)
    self.reread = reread
  }

  /// The number of instances that are led at one time.
  private static let atOnce = 64

  /// Leads every instance that can be reached.
  ///
  /// - Parameter told: Called with each instance after it has answered or refused: nil, or why it
  ///   does not follow.
  func leadAll(told: @escaping @Sendable (InstanceID, String?) -> Void = { _, _ in }) async {
    let servers = (try? core.read { balancer, _ in balancer.contents.members }) ?? []
    var rest = servers.filter { !$0.role.isLoadBalancer }.map(\.id)[...]
    await withTaskGroup(of: Void.self) { group in
      for id in rest.prefix(Self.atOnce) { group.addTask { told(id, await lead(id)) } }
      rest = rest.dropFirst(Self.atOnce)
      while await group.next() != nil {
        guard let id = rest.popFirst() else { continue }
        group.addTask { told(id, await lead(id)) }
      }
    }
  }

  /// Leads an instance in the background. While the balancer leads it, further calls do nothing.
  func leadSoon(_ id: InstanceID) {
    soon.run(id.text) { _ = await lead(id) }
  }

  /// Leads one instance.
  ///
  /// - Returns: Why it does not follow; nil where it does.
  func lead(_ id: InstanceID) async -> String? {
    do {
      let row = try core.read { balancer, _ in balancer.contents.instances[id] }
      guard let row, let steps = keys.steps else { return "there is no step to follow" }
      let connection = ClusterConnection(
        Endpoint(row.address, tls: row.tls), transport: transport, payer: row.owner.text)
      let answer = try await connection.putKey(
        KeySteps(rotations: steps), timeoutMilliseconds: timeoutMilliseconds)
      guard answer.publicKey == (try keys.current.publicKey.text) else {
        return "it obeys another key, from which no kept step leads to this one"
      }
      return nil
    } catch {
      return PlainText.told(error, by: id.text)
    }
  }

  /// Makes a call with a token of this balancer. If an instance refuses the token, it may have
  /// missed a step of the key, so it is led and the call is made once more.
  func proven<Answer>(
    to id: InstanceID, _ call: () async throws -> Answer
  ) async throws -> Answer {
    do {
      return try await call()
    } catch ClientFailure.problem(let problem) where problem.name == .unauthorized {
      if keys.steps != nil, await lead(id) == nil {
        logger.notice("\(id) follows the cluster's new key")
      } else {
        let before = try keys.current.publicKey
        await reread()
        guard try keys.current.publicKey != before else { throw ClientFailure.problem(problem) }
      }
      return try await call()
    }
  }
}
