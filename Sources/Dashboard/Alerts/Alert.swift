package import ClusterModel

/// Something that an operator should know of, seen when it began or not.
package struct Alert: Equatable, Sendable {
  package enum Level: Int, Comparable, Sendable {
    case warning, critical

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// What is watched for, the worst first; the help screen lists them.
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

  /// What it is about: one thing that holds or does not.
  package struct Key: Hashable, Sendable {
    package var kind: Kind
    /// Nil: the whole cluster.
    package var instance: InstanceID?
  }

  package let key: Key
  package internal(set) var level: Level
  /// The worst it was: only what becomes worse than ever is told again.
  var worst: Level
  package internal(set) var text: String
  /// The balancer's clock.
  package internal(set) var began: Timestamp
  /// Nil while it holds.
  package internal(set) var ended: Timestamp?
  /// Monotonic milliseconds when it ended.
  var endedAt: Int64 = 0
  package internal(set) var isSeen = false
}
