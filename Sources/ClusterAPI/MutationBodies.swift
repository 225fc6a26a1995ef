public import ClusterModel

/// The answer to every mutation, a dry run included.
public struct MutationAnswer: Equatable, Sendable, Codable {
  /// The instances that were named, as they are now; as they would be after a dry run.
  public var instances: [InstanceStatus]
  /// Every one of them is known to obey.
  public var delivered: Bool
  public var impact: Impact

  public init(instances: [InstanceStatus], delivered: Bool, impact: Impact) {
    self.instances = instances
    self.delivered = delivered
    self.impact = impact
  }
}

/// `GET /v1/actions`, newest first.
public struct ActionList: Equatable, Sendable, Codable {
  public var actions: [ActionRecord]

  public init(actions: [ActionRecord]) {
    self.actions = actions
  }
}

/// `GET /v1/events`, newest first.
public struct EventList: Equatable, Sendable, Codable {
  public var events: [ClusterEvent]

  public init(events: [ClusterEvent]) {
    self.events = events
  }
}

/// `GET /v1/history`: what was connected and allowed, in steps back from now.
public struct LoadHistory: Equatable, Sendable, Codable {
  /// Seconds between two values.
  public var step: Int
  /// Oldest first; each is [connected, maximum]. An instance that came later has fewer.
  public var instances: [String: [[Int]]]

  public init(step: Int, instances: [String: [[Int]]]) {
    self.step = step
    self.instances = instances
  }
}
