package import ClusterModel

/// What is known of the cluster, and how fresh it is.
package struct Feed: Equatable, Sendable {
  package enum Connection: Equatable, Sendable {
    case none
    case connecting(endpoint: String)
    case live(endpoint: String)
    /// - Parameter retryAt: Monotonic milliseconds of the next attempt.
    case lost(reason: String, retryAt: Int64)
  }

  package private(set) var connection = Connection.none
  /// The newest; stays when the connection goes.
  var picture = Picture()
  /// Since when nothing is heard; nil while live.
  package private(set) var lostAt: Int64?
  /// Which balancer was lost; nil while none is.
  package private(set) var lostEndpoint: String?
  /// Why the connection went, until it is back.
  package private(set) var lostReason: String?

  package var snapshot: ClusterSnapshot? { picture.snapshot }

  package var isLive: Bool {
    if case .live = connection { picture.hasSnapshot } else { false }
  }

  /// The cluster itself says what the picture shows, and goes on doing so.
  var isHeard: Bool { isLive && picture.origin == .live }

  /// There is a picture, and it is no longer kept up to date.
  package var isStale: Bool { picture.hasSnapshot && !isLive }

  package mutating func connect(to endpoint: String) {
    connection = .connecting(endpoint: PlainText.cleaned(endpoint))
  }

  package mutating func beLive(at endpoint: String) {
    connection = .live(endpoint: PlainText.cleaned(endpoint))
    (lostAt, lostReason, lostEndpoint) = (nil, nil, nil)
  }

  package mutating func lose(reason: String, retryAt: Int64, at now: Int64) {
    if lostReason == nil, case .live(let endpoint) = connection { lostEndpoint = endpoint }
    connection = .lost(reason: PlainText.cleaned(reason), retryAt: retryAt)
    lostAt = lostAt ?? now
    lostReason = PlainText.cleaned(reason)
  }

  /// Lets time go on.
  mutating func pass(to now: Int64) {
    if picture.origin == .live { picture.now = now }
  }

  mutating func receive(_ snapshot: ClusterSnapshot) {
    picture.snapshot = snapshot
    picture.heardAt = picture.now
    picture.clearMarks()
    for instance in snapshot.instances {
      picture.drains.note(instance, at: picture.now, clock: nil)
    }
  }

  /// Takes in a change, and marks what it moves and whose state is a different one by it: not those
  /// that are only emptier. (The snapshot before it is not kept: it would be copied whole.)
  mutating func apply(_ change: ClusterChange) {
    let list = picture.snapshot?.handshakeList ?? []
    let ids = change.instances.map(\.id) + change.loads.map(\.id)
    let states = ids.map { picture.snapshot?[$0]?.state.name }
    picture.snapshot?.apply(change)
    guard let snapshot = picture.snapshot else { return }
    picture.heardAt = picture.now
    for (id, state) in zip(ids, states) {
      let instance = snapshot[id]
      if instance?.state.name != state { picture.stateMarks.set(true, id, at: picture.now) }
      if let instance, instance.drain != nil || picture.drains.unseen.contains(id) {
        picture.drains.note(instance, at: picture.now, clock: picture.clock)
      } else {
        picture.drains.forget(id)
      }
    }
    picture.rankMarks.note(
      change.moves, from: list, to: snapshot.handshakeList, at: picture.now)
  }

  mutating func append(_ action: ActionRecord) { picture.snapshot?.append(action) }

  mutating func append(_ event: ClusterEvent) { picture.snapshot?.append(event) }

  /// Puts what the balancer kept in front of what was seen here.
  mutating func fill(from history: BalancerHistory) {
    picture.history.fill(from: history)
    if let at = history.at, Int64(history.stepSeconds) * 1_000 == ClusterTrend.stepMilliseconds {
      picture.trend.fill(from: history.cluster, until: at)
    }
    picture.drains.fill(from: history, at: picture.now)
    picture.drains.recall(snapshot?.instances ?? [], from: history, clock: picture.clock)
  }

  /// Takes in what time alone brings.
  ///
  /// - Returns: The trends are others.
  mutating func sampleTrends() -> Bool {
    guard picture.origin == .live else { return false }
    picture.expireMarks()
    guard let snapshot = picture.snapshot else { return false }
    if isLive { picture.drains.sample(snapshot, at: picture.now) }
    let isKnown = isLive
    picture.trend.sample(isKnown ? ClusterSample(snapshot) : nil, at: picture.clock)
    let sampledAt = picture.history.newestAt
    picture.history.sample(
      snapshot.instances, list: snapshot.handshakeList, at: picture.now, isLive: isLive)
    return picture.history.newestAt != sampledAt
  }
}
