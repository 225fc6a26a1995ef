package import ClusterModel

/// How many events are kept. The oldest are deleted first.
package struct EventRetention: Equatable, Sendable {
  /// Events of one instance. An instance that flaps removes only its own events.
  package var ofEachInstance = 100
  /// Events of all instances together.
  package var inAll = 10_000

  package init() {}
}

/// A query for events.
package struct EventQuery: Equatable, Sendable {
  /// The most events.
  package var limit: Int
  /// Only events with a smaller number; nil: the newest ones.
  package var before: Int64?
  /// Only events of this instance; nil: all.
  package var instance: InstanceID?

  package init(limit: Int, before: Int64? = nil, instance: InstanceID? = nil) {
    self.limit = limit
    self.before = before
    self.instance = instance
  }
}
