internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Logging
internal import ServiceSupport
internal import Synchronization

/// Keeps the load feeds open that the balancer wants, and sends instances their desired state.
final class LoadFeedKeeper: EffectHandler {
  private struct State {
    var feeds: [Int: Task<Void, Never>] = [:]
    var signs: [Int: LifeSigns] = [:]
    /// The instances that are being told; the value says whether there is something newer by now.
    var delivering: [InstanceID: Bool] = [:]
    /// Since when an instance refuses to be read, in monotonic milliseconds.
    var refusedSince: [InstanceID: Int64] = [:]
    var isClosed = false
  }

  private let id: InstanceID
  private let cluster: String
  private let keys: SigningKeys
  let delivery: KeyDelivery
  private let core: BalancerCore
  /// Checks the proofs of instances.
  let proofs: ProofReader
  private let transport: HTTPTransport
  private let logger: Logger
  private let state = Mutex(State())

  /// An instance that has just joined knows the cluster's key a moment later than the balancer
  /// opens its feed. A shorter refusal than this does not concern the operator.
  private static let joinMilliseconds: Int64 = 5_000

  /// How long an instance may take to answer a delivery, since a change waits no longer.
  private let deliveryMilliseconds: Int64

  init(
    id: InstanceID, cluster: String, keys: SigningKeys, core: BalancerCore,
    transport: HTTPTransport, deliveryMilliseconds: Int64, logger: Logger,
    reread: @escaping @Sendable () async -> Void
  ) {
    self.id = id
    self.cluster = cluster
    self.keys = keys
    delivery = KeyDelivery(
      core: core, keys: keys, transport: transport, timeoutMilliseconds: deliveryMilliseconds,
      logger: logger, reread: reread)
    self.core = core
    proofs = ProofReader(keys: keys, cluster: cluster)
    self.transport = transport
    self.deliveryMilliseconds = deliveryMilliseconds
    self.logger = logger
  }

  func carryOut(_ effect: Balancer.Effect) {
    switch effect {
    case .openFeed(let id, let address, let number, let delay):
      openFeed(id, address, number: number, delayMilliseconds: delay)
    case .closeFeed(_, let number):
      state.withLock { $0.feeds.removeValue(forKey: number) }?.cancel()
    case .deliver(let id):
      deliver(id)
    case .report(let id, let words):
      logger.warning("\(id): \(words)")
    case .passKeyOn:
      Task.detached { [delivery] in await delivery.leadAll() }
    case .confirm, .write, .verifyLicense, .log: break  // others'
    }
  }

  /// Ends all feeds.
  func close() {
    let feeds = state.withLock { state in
      state.isClosed = true
      defer { state.feeds = [:] }
      return state.feeds.values
    }
    for feed in feeds { feed.cancel() }
  }

  /// A connection to an instance with a token of this balancer, for one request: an instance
  /// accepts each token once.
  ///
  /// - Throws: `TrustFailure`.
  ///
  /// - Parameter givesWay: Whether it is for somebody's question: deliveries and feeds come first.
  func connection(
    to instance: InstanceID, at address: Address, givesWay: Bool = false
  ) async throws -> ClusterConnection {
    let token = try await keys.current.balancerToken(
      balancer: id, instance: instance, cluster: cluster, now: SystemClock.now)
    let row = try core.read { balancer, _ in balancer.contents.instances[instance] }
    return ClusterConnection(
      Endpoint(address, tls: row?.tls ?? false), token: token, transport: transport,
      payer: row?.owner.text ?? "", givesWay: givesWay)
  }

  // MARK: Feeds

  private func openFeed(
    _ id: InstanceID, _ address: Address, number: Int, delayMilliseconds: Int64
  ) {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.feeds[number] = Task.detached {
        if delayMilliseconds > 0 {
          guard (try? await Task.sleep(for: .milliseconds(delayMilliseconds))) != nil else {
            return
          }
        }
        let end = await self.read(id, address, number: number)
        self.logger.debug(
          "A load feed has ended",
          metadata: ["instance": "\(id)", "reason": "\(end.reason ?? "-")"])
        self.state.withLock { ($0.feeds[number], $0.signs[number]) = (nil, nil) }
        guard !Task.isCancelled else { return }
        self.core.run { $0.feed(id, number: number, end, now: $1) }
      }
    }
  }

  /// Reads a feed to its end.
  ///
  /// - Returns: How it ended.
  private func read(_ id: InstanceID, _ address: Address, number: Int) async -> LoadFeedEvent {
    logger.debug(
      "Opening a load feed", metadata: ["instance": "\(id)", "at": "\(address)"])
    let signs = LifeSigns()
    state.withLock { $0.signs[number] = signs }
    let reader = LoadFeedReader(id: id, proofs: proofs) { [core] event in
      // Heartbeats that arrive here, too, only show that the feed lives.
      if case .heartbeat = event { return signs.heard() }
      core.run { $0.feed(id, number: number, event, now: $1) }
    }
    let end = await reader.read { mayTake in
      let stream = try await delivery.proven(to: id) {
        // Each attempt needs its own token.
        try await connection(to: id, at: address).events(
          "/v1/load", silenceMilliseconds: LoadFeedReader.silenceMilliseconds,
          longestEvent: Limits.loadEventBytes, rate: LoadFeedReader.rate, mayTake: mayTake,
          onHeartbeat: { signs.heard() })
      }
      state.withLock { $0.refusedSince[id] = nil }
      logger.debug("A load feed is open", metadata: ["instance": "\(id)"])
      return stream
    }
    if case .refused(let reason, isRefusal: true) = end { sayRefused(id, reason) }
    return end
  }

  /// When the feed with this number had its last heartbeat that was not reported to the balancer,
  /// in monotonic milliseconds; nil: never.
  func lastHeartbeat(of number: Int) -> Int64? {
    state.withLock { $0.signs[number] }?.heardAt
  }

  /// It is tried again every few seconds.
  private func sayRefused(_ id: InstanceID, _ reason: String) {
    let now = SystemClock.monotonicMilliseconds
    let since = state.withLock { state in
      let since = state.refusedSince[id] ?? now
      state.refusedSince[id] = since
      return since
    }
    guard now - since >= Self.joinMilliseconds else { return }
    logger.warning(
      "An instance cannot be read", metadata: ["instance": "\(id)", "reason": "\(reason)"])
  }

  // MARK: Desired state

  private func deliver(_ id: InstanceID) {
    let begins = state.withLock { state -> Bool in
      guard !state.isClosed else { return false }
      guard state.delivering[id] == nil else {
        state.delivering[id] = true
        return false
      }
      state.delivering[id] = false
      return true
    }
    guard begins else { return }
    Task.detached {
      repeat {
        await self.sendDesired(id)
      } while self.state.withLock { state in
        guard state.delivering[id] == true else {
          state.delivering[id] = nil
          return false
        }
        state.delivering[id] = false
        return true
      }
    }
  }

  private func sendDesired(_ id: InstanceID) async {
    do {
      let target = try core.read { balancer, _ in
        balancer.contents.instances[id].map { row in
          (
            ClusterConnection(
              Endpoint(row.address, tls: row.tls), transport: transport, payer: row.owner.text),
            balancer.contents.desiredState(of: id)
          )
        }
      }
      guard let (connection, desired) = target, let desired else { return }
      logger.debug(
        "Delivering a desired state",
        metadata: ["instance": "\(id)", "revision": "\(desired.revision)"])
      let answer = try await delivery.proven(to: id) {
        try await connection.putDesired(
          try await keys.current.sign(desired), timeoutMilliseconds: deliveryMilliseconds)
      }
      logger.debug(
        "An instance obeys",
        metadata: ["instance": "\(id)", "revision": "\(answer.revision)"])
      core.run { balancer, _ in
        balancer.obeys(id, ProofReader.claim(answer, to: desired))
        return []
      }
    } catch {
      logger.info(
        "The desired state was not taken",
        metadata: [
          "instance": "\(id)",
          "error": "\(PlainText.told(error, by: id.text))",
        ])
    }
  }
}

extension LoadFeedEvent {
  /// Why a feed has ended; nil for other events.
  fileprivate var reason: String? {
    switch self {
    case .closed(let reason), .refused(let reason, _), .misbehaved(let reason): reason
    default: nil
    }
  }
}
