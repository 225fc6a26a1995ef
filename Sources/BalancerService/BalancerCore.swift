package import Balancing
internal import ClusterAPI
package import ClusterModel
internal import Logging
internal import NIOCore
internal import ServiceSupport
internal import Synchronization

/// The balancer's state behind a lock. Every event goes in here. Its effects are carried out after
/// the lock is released, and its changes go to the feed.
package final class BalancerCore: Sendable {
  private struct State {
    /// Nil until the registry has been read for the first time.
    var balancer: Balancer?
    var lastFlush: Int64 = .min
    var isFlushPlanned = false
    var deliveryWaiters: [DeliveryWaiter] = []
    var lastPeerReport: Int64 = .min
    var isPeerReportPlanned = false

    /// The time until changes may be reported, in milliseconds.
    func wait(_ now: Moment) -> Int64 {
      guard lastFlush != .min else { return 0 }
      return max(0, BalancerCore.flushMilliseconds - (now.monotonicMilliseconds - lastFlush))
    }
  }

  private struct DeliveryWaiter {
    let ids: [InstanceID]
    let answer: OneTimeValue<Bool>

    /// - Returns: Whether there is nothing left to wait for.
    func isAnswered(by balancer: Balancer) -> Bool {
      guard let isDelivered = balancer.deliveryOutcome(of: ids) else { return false }
      answer.resolve(.success(isDelivered))
      return true
    }
  }

  /// Changes are reported at once, but then at most this often.
  private static let flushMilliseconds: Int64 = 50

  private let state = Mutex(State())
  let feed: StatusFeed
  let peerFeed = PeerFeed()
  private let effectHandler = Mutex<(any EffectHandler)?>(nil)

  /// How long a change waits for instances to obey.
  private let deliveryMilliseconds: Int64

  init(feed: StatusFeed, deliveryMilliseconds: Int64) {
    self.feed = feed
    self.deliveryMilliseconds = deliveryMilliseconds
  }

  /// Sets the handler that opens feeds and sends documents. Call it once, before `start`.
  func setEffectHandler(_ handler: any EffectHandler) {
    effectHandler.withLock { $0 = handler }
  }

  /// The registry was read: the balancer begins.
  func start(_ balancer: Balancer, contents: RegistryContents) {
    state.withLock { $0.balancer = balancer }
    run { $0.registryChanged(to: contents, now: $1) }
  }

  /// Whether the registry was read at least once.
  package var isStarted: Bool { state.withLock { $0.balancer != nil } }

  /// Passes an event to the balancer, carries out the effects and reports the changes.
  func run(_ event: (inout Balancer, Moment) -> [Balancer.Effect]) {
    let now = SystemClock.moment
    let effects = state.withLock { state -> [Balancer.Effect] in
      guard var balancer = state.balancer.take() else { return [] }
      let effects = event(&balancer, now)
      // Under the lock, as changes are, so that nobody learns of an action's end before the action.
      for action in balancer.collectRecorded() { feed.publish(action) }
      for event in balancer.collectEvents() { feed.publish(event) }
      state.deliveryWaiters.removeAll { $0.isAnswered(by: balancer) }
      planPeerReport(&state, &balancer, now)
      state.balancer = balancer
      return effects
    }
    if !effects.isEmpty, let handler = effectHandler.withLock({ $0 }) {
      for effect in effects { handler.carryOut(effect) }
    }
    flush(now)
  }

  /// Reads from the balancer.
  ///
  /// - Throws: `Problem`, `registry-unavailable`, before it has begun.
  package func read<Value>(_ question: (inout Balancer, Moment) -> Value) throws -> Value {
    let now = SystemClock.moment
    let value = state.withLock { state -> Value? in
      guard var balancer = state.balancer.take() else { return nil }
      defer { state.balancer = balancer }
      return question(&balancer, now)
    }
    guard let value else {
      throw Problem(.registryUnavailable, "The registry has not been read yet.")
    }
    return value
  }

  // MARK: Handshakes

  /// Answers a handshake, fast enough for an event loop: its changes are reported elsewhere.
  ///
  /// - Parameter countsWhenEmpty: If false, nothing happens when no server is active.
  /// - Returns: Nil where no server is active, including before the registry was read.
  func handshake(
    _ kind: ClientKind, _ wish: ReservationWish?, limit: Int?, countsWhenEmpty: Bool,
    _ writer: HandshakeWriter
  ) -> ByteBuffer? {
    let now = SystemClock.moment
    return state.withLock { state -> ByteBuffer? in
      guard var balancer = state.balancer.take() else { return nil }
      defer { state.balancer = balancer }
      guard countsWhenEmpty || balancer.hasServers(for: kind) else { return nil }
      let sequence = balancer.sequence
      let answer = balancer.handshake(kind, wish, limit: limit, now: now) { list in
        list.isEmpty
          ? nil : writer.answer(list, for: kind, sequence: sequence, at: now.wall)
      }
      if wish != nil, !state.isFlushPlanned {
        state.isFlushPlanned = true
        flushLater(state.wait(now))
      }
      if wish != nil { planPeerReport(&state, &balancer, now) }
      return answer
    }
  }

  // MARK: Status feed

  /// Reports the changes, at once or as soon as the last report is long enough ago.
  private func flush(_ now: Moment) {
    let plan = state.withLock { state -> Int64? in
      guard !state.isFlushPlanned, state.balancer != nil else { return nil }
      let wait = state.wait(now)
      if wait == 0 {
        tell(&state, now)
        return nil
      }
      state.isFlushPlanned = true
      return wait
    }
    if let plan { flushLater(plan) }
  }

  private func flushLater(_ milliseconds: Int64) {
    Task.detached {
      if milliseconds > 0 { try? await Task.sleep(for: .milliseconds(milliseconds)) }
      self.state.withLock { state in
        state.isFlushPlanned = false
        self.tell(&state, SystemClock.moment)
      }
    }
  }

  /// Under the lock, so that the snapshot of a new subscriber and the changes after it fit
  /// together.
  private func tell(_ state: inout State, _ now: Moment) {
    guard var balancer = state.balancer.take() else { return }
    defer { state.balancer = balancer }
    guard let change = balancer.takeChange(now: now) else { return }
    state.lastFlush = now.monotonicMilliseconds
    feed.publish(change)
    for event in balancer.collectEvents() { feed.publish(event) }
  }

  /// The cluster now, including everything that was reported.
  ///
  /// - Throws: `Problem`, `registry-unavailable`, before the registry was read.
  package func snapshot() throws -> ClusterSnapshot {
    try snapshot { _ in }
  }

  /// The cluster now; `whileLocked` runs before any later change can be reported.
  func snapshot(whileLocked: (ClusterSnapshot) -> Void) throws -> ClusterSnapshot {
    let now = SystemClock.moment
    let snapshot = state.withLock { state -> ClusterSnapshot? in
      tell(&state, now)
      guard var snapshot = state.balancer?.snapshot else { return nil }
      snapshot.at = now.wall
      whileLocked(snapshot)
      return snapshot
    }
    guard let snapshot else {
      throw Problem(.registryUnavailable, "The registry has not been read yet.")
    }
    return snapshot
  }

  /// A separate transaction was carried out, which is not a change of `MutationMachine`.
  func committed(_ commit: RegistryCommit) {
    run { balancer, now in
      if !commit.isRepeat { balancer.record(news: commit.actions.reversed()) }
      return balancer.registryChanged(to: commit.contents, now: now)
    }
  }

  // MARK: Other balancers

  /// Other balancers get reservations at once, but then at most this often.
  private static let peerMilliseconds: Int64 = 20

  /// Call it with the lock held.
  private func planPeerReport(
    _ state: inout State, _ balancer: inout Balancer, _ now: Moment
  ) {
    guard peerFeed.hasReaders, !state.isPeerReportPlanned, balancer.hasPeerNews(now: now) else {
      return
    }
    state.isPeerReportPlanned = true
    let due = state.lastPeerReport == .min ? 0 : state.lastPeerReport + Self.peerMilliseconds
    let wait = max(0, due - now.monotonicMilliseconds)
    Task.detached {
      if wait > 0 { try? await Task.sleep(for: .milliseconds(wait)) }
      self.tellPeers()
    }
  }

  private func tellPeers() {
    let now = SystemClock.moment
    let report = state.withLock { state -> PeerReport? in
      state.isPeerReportPlanned = false
      state.lastPeerReport = now.monotonicMilliseconds
      guard var balancer = state.balancer.take() else { return nil }
      defer { state.balancer = balancer }
      return balancer.takePeerReport(now: now)
    }
    if let report { peerFeed.publish(report) }
  }

  // MARK: Delivery

  /// Waits until these instances obey, but no longer than a change waits.
  ///
  /// - Returns: Whether all of them do.
  func delivered(_ ids: [InstanceID]) async -> Bool {
    let answer = OneTimeValue<Bool>()
    let known = state.withLock { state -> Bool? in
      guard let balancer = state.balancer else { return false }
      if let outcome = balancer.deliveryOutcome(of: ids) { return outcome }
      state.deliveryWaiters.append(DeliveryWaiter(ids: ids, answer: answer))
      return nil
    }
    if let known { return known }
    let timer = Task.detached {
      try await Task.sleep(for: .milliseconds(self.deliveryMilliseconds))
      self.state.withLock { $0.deliveryWaiters.removeAll { $0.answer === answer } }
      answer.resolve(.success(false))
    }
    defer { timer.cancel() }
    return (try? await answer.value) ?? false
  }
}

/// Carries out the balancer's effects without waiting.
protocol EffectHandler: Sendable {
  func carryOut(_ effect: Balancer.Effect)
}
