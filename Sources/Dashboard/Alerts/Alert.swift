package import ClusterModel

/// Something that an operator should know, whether the beginning was seen or not.
package struct Alert: Equatable, Sendable {
  package enum Level: Int, Comparable, Sendable {
    case warning, critical

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// What alerts are about, the worst first; the help screen lists them.
  package enum Kind: Int, Hashable, Sendable, CaseIterable {
    case noService, registry, license, seats, listLoad, lost, application, load, undelivered
    case forgottenDrain

    package var help: String {
      switch self {
      case .noService: "no server takes new clients: none is in the list, or all are full"
      case .registry: "the registry is away: nothing can be changed"
      case .license: "the license expires soon, has expired or is invalid"
      case .seats: "servers have no license seat"
      case .listLoad: "the load of the whole list is over a threshold"
      case .lost: "an instance is unreachable, or was added and is not started yet"
      case .application: "the application behind an instance is down: it takes no new clients"
      case .load: "the load of an instance is over a threshold"
      case .undelivered: "a change has not reached its instance for some seconds"
      case .forgottenDrain: "an instance has rejected new clients for a day"
      }
    }
  }

  /// The subject of an alert: one condition that is true or not.
  package struct Key: Hashable, Sendable {
    package var kind: Kind
    /// Nil: the whole cluster.
    package var instance: InstanceID?
  }

  package let key: Key
  package internal(set) var level: Level
  /// The worst level so far: an alert is reported again only when it becomes worse than ever.
  var worst: Level
  package internal(set) var text: String
  /// When it began, by the balancer's clock.
  package internal(set) var began: Timestamp
  /// When it was resolved; nil while it is active.
  package internal(set) var ended: Timestamp?
  /// When it was resolved, in monotonic milliseconds.
  var endedAt: Int64 = 0
  package internal(set) var isSeen = false
}
