internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Logging
internal import ServiceSupport
internal import Synchronization

/// Holds the load feeds open that the balancer wants, and sends instances their desired state.
final class LoadFeedKeeper: EffectHandler {
  private struct State {
    var feeds: [Int: Task<Void, Never>] = [:]
    /// Instances that are being told; the value says that there is something newer meanwhile.
    var delivering: [InstanceID: Bool] = [:]
    /// When the log last said that an instance lets nobody read.
    var refusedAt: [InstanceID: Int64] = [:]
    var isClosed = false
  }

  private let id: InstanceID
  private let cluster: String
  private let key: ClusterKey
  private let core: BalancerCore
  private let transport: HTTPTransport
  private let logger: Logger
  private let learn: @Sendable (InstanceID, Role, Int) async -> Void
  private let write: @Sendable (Balancing.Mutation, InstanceID) async -> Void
  private let state = Mutex(State())

  private static let lineMilliseconds: Int64 = 60_000

  /// An instance must answer a delivery within this time: a mutation waits for no longer.
  private let deliveryMilliseconds: Int64

  init(
    id: InstanceID, cluster: String, key: ClusterKey, core: BalancerCore,
    transport: HTTPTransport, deliveryMilliseconds: Int64, logger: Logger,
    learn: @escaping @Sendable (InstanceID, Role, Int) async -> Void,
    write: @escaping @Sendable (Balancing.Mutation, InstanceID) async -> Void
  ) {
    self.id = id
    self.cluster = cluster
    self.key = key
    self.core = core
    self.transport = transport
    self.deliveryMilliseconds = deliveryMilliseconds
    self.logger = logger
    self.learn = learn
    self.write = write
  }

  func carryOut(_ effect: Balancer.Effect) {
    switch effect {
    case .openFeed(let id, let address, let number, let delay):
      open(id, address, number: number, delayMilliseconds: delay)
    case .closeFeed(_, let number):
      state.withLock { $0.feeds.removeValue(forKey: number) }?.cancel()
    case .deliver(let id):
      deliver(id)
    case .learn(let id, let role, let ownMaximum):
      Task.detached { [learn] in await learn(id, role, ownMaximum) }
    case .endDrain(let id, let startedAt):
      Task.detached { [write] in await write(.restarted(id, drain: startedAt), id) }
    case .pass(let id, let revision, let digest):
      Task.detached { [write] in await write(.pass(id, revision: revision, digest: digest), id) }
    case .confirm, .verifyLicense, .reviewLicense: break  // others'
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

  /// A connection to an instance that proves whose it is.
  ///
  /// - Throws: `TrustFailure`.
  func connection(to instance: InstanceID, at address: Address) async throws -> ClusterConnection {
    let token = try await key.balancerToken(
      balancer: id, instance: instance, cluster: cluster, now: SystemClock.now)
    let tls = try core.read { balancer, _ in balancer.contents.instances[instance]?.tls }
    return ClusterConnection(
      Endpoint(address, tls: tls ?? false), token: token, transport: transport)
  }

  // MARK: Feeds

  private func open(
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
        _ = self.state.withLock { $0.feeds.removeValue(forKey: number) }
        guard !Task.isCancelled else { return }
        self.core.run { $0.feed(id, number: number, end, now: $1) }
      }
    }
  }

  /// Reads a feed to its end.
  ///
  /// - Returns: How it ended.
  private func read(_ id: InstanceID, _ address: Address, number: Int) async -> LoadFeedEvent {
    var isOpen = false
    do {
      let connection = try await connection(to: id, at: address)
      let events = try await connection.events(
        "/v1/load", silenceMilliseconds: 10_000, longestEvent: Limits.loadEventBytes)
      isOpen = true
      for try await item in events {
        guard let event = try loadEvent(item) else { continue }
        core.run { $0.feed(id, number: number, event, now: $1) }
      }
      return .closed(reason: "its load feed ended")
    } catch {
      let reason = Self.words(for: error)
      guard !isOpen else { return .closed(reason: reason) }
      let isRefusal = Self.isRefusal(error)
      if isRefusal { sayRefused(id, reason) }
      return .refused(reason: reason, isRefusal: isRefusal)
    }
  }

  private func loadEvent(_ item: ServerSentEventParser.Item) throws -> LoadFeedEvent? {
    guard case .event(let event) = item else { return .heartbeat }
    switch event.name {
    case LoadEventName.hello:
      let hello = try WireJSON.decode(LoadHello.self, from: event.data.utf8)
      return .hello(
        LoadFeedHello(
          id: hello.id, cluster: hello.cluster, role: hello.role, ownMaximum: hello.maximum,
          startedAt: hello.startedAt, version: hello.version, revision: hello.revision,
          endedDrain: hello.endedDrain, digest: hello.digest))
    case LoadEventName.load:
      let load = try WireJSON.decode(LoadReport.self, from: event.data.utf8)
      return .load(connected: load.connected, tickets: load.tickets)
    case LoadEventName.goodbye: return .goodbye
    default: return nil  // of a later release
    }
  }

  /// An instance that is on its way out refuses as well, and that is no news.
  private static func isRefusal(_ error: any Error) -> Bool {
    if case ClientFailure.problem(let problem) = error { problem.name == .unauthorized } else {
      false
    }
  }

  /// Once a minute of each: it is tried again every few seconds.
  private func sayRefused(_ id: InstanceID, _ reason: String) {
    let isNews = state.withLock { state in
      let now = SystemClock.monotonicMilliseconds
      if let last = state.refusedAt[id], now - last < Self.lineMilliseconds { return false }
      state.refusedAt[id] = now
      return true
    }
    if isNews { logger.warning("\(id) cannot be read: \(reason)") }
  }

  private static func words(for error: any Error) -> String {
    switch error {
    case ClientFailure.unreachable(let reason): PlainText.cleaned(reason)
    case ClientFailure.problem(let problem):
      PlainText.cleaned("its load feed is refused: \(problem.detail)")
    case ClientFailure.malformed(let reason):
      PlainText.cleaned("its load feed cannot be read: \(reason)")
    default: PlainText.cleaned("its load feed cannot be read: \(error)")
    }
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
      repeat { await self.sendDesired(id) } while self.state.withLock { state in
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
          (Endpoint(row.address, tls: row.tls), balancer.contents.desiredState(of: id))
        }
      }
      guard let (endpoint, desired) = target, let desired else { return }
      let document = try await key.sign(desired)
      let connection = ClusterConnection(endpoint, transport: transport)
      let answer = try await connection.putDesired(
        document, timeoutMilliseconds: deliveryMilliseconds)
      core.run { balancer, _ in
        balancer.obeys(id, revision: answer.revision, digest: answer.digest)
        return []
      }
    } catch {
      logger.info(
        "The desired state was not taken", metadata: ["instance": "\(id)", "error": "\(error)"])
    }
  }
}
