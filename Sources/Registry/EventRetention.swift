package import ClusterModel

/// How many events are kept; the oldest go first.
package struct EventRetention: Equatable, Sendable {
  /// Events of one instance: what flaps pushes out its own events only.
  package var ofEachInstance = 100
  /// Events of all instances together.
  package var inAll = 10_000

  package init() {}
}

/// Which events are asked for.
package struct EventQuery: Equatable, Sendable {
  /// Most of them.
  package var limit: Int
  /// Only those with a smaller number; nil: from the newest on.
  package var before: Int64?
  /// Only those of this instance; nil: all.
  package var instance: InstanceID?

  package init(limit: Int, before: Int64? = nil, instance: InstanceID? = nil) {
    self.limit = limit
    self.before = before
    self.instance = instance
  }
}
