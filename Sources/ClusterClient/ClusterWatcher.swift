internal import ClusterAPI
internal import ClusterModel
internal import Synchronization

/// Watches a cluster without end, through whichever of its balancers answers.
///
/// When a feed is lost, the watcher tries the same endpoint again and then the others in turn. It
/// waits before a try only when all of them have failed.
public final class ClusterWatcher: Sendable {
  package typealias Handler = @Sendable (WatchEvent, String?) async -> Void

  private struct State {
    /// Ends the current feed, or the wait for the next try.
    var cancelStep: (@Sendable () -> Void)?
    var wantsReconnect = false
  }

  /// How a feed ended.
  private struct Outcome: Sendable {
    var failure: ClientFailure
    /// Whether at least one event or heartbeat was read, and none was malformed.
    var wasAlive: Bool
  }

  private let connections: [ClusterConnection]
  private let limits: WatchLimits
  private let random: @Sendable () -> Double
  private let state = Mutex(State())
  private let cursor = Mutex(FeedCursor())

  /// - Parameters:
  ///   - endpoints: In the order in which they are tried. Without endpoints nothing is ever
  ///     reported.
  ///   - token: The access token, for balancers on other machines.
  ///   - transport: Owns the connections.
  ///   - limits: The time limits.
  ///   - random: 0 to 1, for the jitter of the waits.
  public init(
    endpoints: [Endpoint], token: String? = nil, transport: HTTPTransport,
    limits: WatchLimits = WatchLimits(),
    random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
  ) {
    connections = endpoints.map { ClusterConnection($0, token: token, transport: transport) }
    self.limits = limits
    self.random = random
  }

  /// Passes every event to the handler, one after the other, until the task is cancelled.
  ///
  /// While the handler works, the feed is not read. If the reader is slow, the balancer sends a
  /// snapshot instead of what the reader missed. Run it only once at a time.
  public func run(_ handle: @escaping @Sendable (WatchEvent) async -> Void) async {
    await run { event, _ in await handle(event) }
  }

  /// The same, with the JSON of a snapshot, a change or an action as it was received.
  package func run(_ handle: @escaping Handler) async {
    var place = 0
    var failedInRound = 0
    var backoff = Backoff(
      firstMilliseconds: limits.firstRetry, mostMilliseconds: limits.mostRetry)
    while !Task.isCancelled, !connections.isEmpty {
      let connection = connections[place]
      var outcome = await read(connection, handle)
      if Task.isCancelled { return }
      if outcome.wasAlive {
        backoff.reset()
        failedInRound = 0
      } else {
        failedInRound += 1
        place = (place + 1) % connections.count
      }
      let waits = outcome.wasAlive || failedInRound == connections.count
      if failedInRound == connections.count { failedInRound = 0 }
      let isWanted = takeReconnect()
      if isWanted { outcome.failure = .unreachable("reconnecting as asked") }
      let wait = waits && !isWanted ? backoff.next(random: random()) : 0
      await handle(.lost(connection.endpoint, outcome.failure, retryInMilliseconds: wait), nil)
      if wait > 0 { await sleep(milliseconds: wait) }
    }
  }

  /// Ends the wait for the next try or the open feed, and connects at once for a snapshot.
  public func reconnectNow() {
    cursor.withLock { $0.forget() }
    let cancel = state.withLock { state in
      state.wantsReconnect = true
      return state.cancelStep
    }
    cancel?()
  }

  private func takeReconnect() -> Bool {
    state.withLock { state in
      defer { state.wantsReconnect = false }
      return state.wantsReconnect
    }
  }

  private func sleep(milliseconds: Int64) async {
    let step = Task { try? await Task.sleep(for: .milliseconds(milliseconds)) }
    let isAsked = state.withLock { state in
      state.cancelStep = { step.cancel() }
      return state.wantsReconnect
    }
    if isAsked { step.cancel() }
    await finish(step)
  }

  private func read(
    _ connection: ClusterConnection, _ handle: @escaping Handler
  ) async -> Outcome {
    let step = Task { await readFeed(connection, handle) }
    state.withLock { state in
      state.cancelStep = { step.cancel() }
      state.wantsReconnect = false  // it is what happens now
    }
    return await finish(step)
  }

  /// Waits for a step that `reconnectNow` and the task's own cancellation can end.
  private func finish<Value: Sendable>(_ step: Task<Value, Never>) async -> Value {
    let value = await withTaskCancellationHandler {
      await step.value
    } onCancel: {
      step.cancel()
    }
    state.withLock { $0.cancelStep = nil }
    return value
  }

  private func readFeed(_ connection: ClusterConnection, _ handle: Handler) async -> Outcome {
    var wasAlive = false
    do throws(ClientFailure) {
      await handle(.connecting(connection.endpoint), nil)
      let events = try await connection.events(
        "/v1/feed", lastEventID: cursor.withLock { $0.lastEventID },
        silenceMilliseconds: limits.silence, timeoutMilliseconds: limits.answer)
      await handle(.connected(connection.endpoint), nil)
      for try await item in events {
        wasAlive = true
        guard case .event(let event) = item else { continue }
        let told = try cursor.withLock { cursor throws(ClientFailure) in try cursor.read(event) }
        if let told { await handle(told, event.data) }
      }
      throw .unreachable("the balancer ended the feed")
    } catch {
      if case .malformed = error {
        cursor.withLock { $0.forget() }
        wasAlive = false
      }
      return Outcome(failure: error, wasAlive: wasAlive)
    }
  }
}
