package import ClusterModel

/// What is known about the cluster, and how recent it is.
package struct Feed: Equatable, Sendable {
  package enum Connection: Equatable, Sendable {
    case none
    case connecting(endpoint: String)
    case live(endpoint: String)
    /// - Parameter retryAt: The time of the next attempt, in monotonic milliseconds.
    case lost(reason: String, retryAt: Int64)
  }

  package private(set) var connection = Connection.none
  /// The newest picture. It stays when the connection is lost.
  var picture = Picture()
  /// Since when the feed is lost; nil while it is live.
  package private(set) var lostAt: Int64?
  /// Which balancer was lost; nil while none is.
  package private(set) var lostEndpoint: String?
  /// Why the connection was lost, until it is back.
  package private(set) var lostReason: String?

  package var snapshot: ClusterSnapshot? { picture.snapshot }

  package var isLive: Bool {
    if case .live = connection { picture.hasSnapshot } else { false }
  }

  /// Whether the picture comes from the cluster itself and is kept up to date.
  var isHeard: Bool { isLive && picture.origin == .live }

  /// Whether there is a picture that is no longer kept up to date.
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

  /// Lets time pass.
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

  /// Takes a change, and marks the instances that it moves and those whose state it changes, but
  /// not those whose load alone changed. (The snapshot before it is not kept, since it would have
  /// to be copied.)
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

  /// Puts values of the balancer before those that were seen here.
  mutating func fill(from history: BalancerHistory) {
    picture.history.fill(from: history)
    if let at = history.at, Int64(history.stepSeconds) * 1_000 == ClusterTrend.stepMilliseconds {
      picture.trend.fill(from: history.cluster, until: at)
    }
    picture.drains.fill(from: history, at: picture.now)
    picture.drains.recall(snapshot?.instances ?? [], from: history, clock: picture.clock)
  }

  /// Takes what changes with time alone.
  ///
  /// - Returns: Whether the trends changed.
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
