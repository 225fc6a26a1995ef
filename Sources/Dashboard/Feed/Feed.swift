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
  /// The newest picture; stays when the connection goes.
  package private(set) var snapshot: ClusterSnapshot?
  /// Monotonic milliseconds when the balancer's clock showed `snapshot.at`.
  package private(set) var heardAt: Int64 = 0
  /// Since when nothing is heard; nil while live.
  package private(set) var lostAt: Int64?
  /// Why the connection went, until it is back.
  package private(set) var lostReason: String?

  package var isLive: Bool {
    if case .live = connection { snapshot != nil } else { false }
  }

  /// There is a picture, and it is no longer kept up to date.
  package var isStale: Bool { snapshot != nil && !isLive }

  /// The balancer's clock: what it last said plus the time that went by here.
  package func clock(at now: Int64) -> Timestamp? {
    snapshot?.at.adding(milliseconds: max(0, now - heardAt))
  }

  package mutating func connect(to endpoint: String) {
    connection = .connecting(endpoint: PlainText.cleaned(endpoint))
  }

  package mutating func open(_ endpoint: String) {
    connection = .live(endpoint: PlainText.cleaned(endpoint))
    (lostAt, lostReason) = (nil, nil)
  }

  package mutating func lose(reason: String, retryAt: Int64, at now: Int64) {
    connection = .lost(reason: PlainText.cleaned(reason), retryAt: retryAt)
    lostAt = lostAt ?? now
    lostReason = PlainText.cleaned(reason)
  }

  package mutating func take(_ new: ClusterSnapshot, at now: Int64) {
    snapshot = new
    heardAt = now
  }

  package mutating func apply(_ change: ClusterChange, at now: Int64) {
    guard snapshot != nil else { return }
    snapshot?.apply(change)
    heardAt = now
  }

  package mutating func append(_ action: ActionRecord) {
    snapshot?.append(action)
  }
}
