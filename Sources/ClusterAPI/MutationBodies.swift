public import ClusterModel

/// The answer to every mutation, a dry run included.
public struct MutationAnswer: Equatable, Sendable, Codable {
  /// The instances that were named, as they are now; as they would be after a dry run.
  public var instances: [InstanceStatus]
  /// Every one of them is known to obey.
  public var delivered: Bool
  /// What the change does, or would do in a dry run, to the rest of the cluster.
  public var impact: Impact

  public init(instances: [InstanceStatus], delivered: Bool, impact: Impact) {
    self.instances = instances
    self.delivered = delivered
    self.impact = impact
  }
}

/// `GET /v1/actions`, newest first.
public struct ActionList: Equatable, Sendable, Codable {
  /// The newest first.
  public var actions: [ActionRecord]

  public init(actions: [ActionRecord]) {
    self.actions = actions
  }
}

/// `GET /v1/events`, newest first.
public struct EventList: Equatable, Sendable, Codable {
  /// The newest first.
  public var events: [ClusterEvent]

  public init(events: [ClusterEvent]) {
    self.events = events
  }
}

/// `GET /v1/history`: what was connected and allowed, in steps back from now.
public struct LoadHistory: Equatable, Sendable, Codable {
  /// Seconds between two values.
  public var step: Int
  /// A day.
  private static let longestStep = 86_400
  /// When the last value was taken, by the balancer's clock; nil before the first, and from a
  /// release before this field.
  public var at: Timestamp?
  /// Oldest first; each is [connected, maximum]. An instance that came later has fewer.
  public var instances: [String: [[Int]]]
  /// The cluster as a whole, oldest first. Empty from a release before this field.
  public var cluster: [ClusterSample]

  public init(
    step: Int, at: Timestamp? = nil, instances: [String: [[Int]]], cluster: [ClusterSample] = []
  ) {
    self.step = step
    self.at = at
    self.instances = instances
    self.cluster = cluster
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    guard let step = try values.decodeNumber(forKey: .step, in: 1...Self.longestStep) else {
      throw InvalidValue(field: "step", complaint: "is missing")
    }
    self.step = step
    at = try values.decodeIfPresent(Timestamp.self, forKey: .at)
    instances = try values.decode([String: [[Int]]].self, forKey: .instances)
    guard instances.values.joined().joined().allSatisfy((0...Limits.count).contains) else {
      throw InvalidValue(field: "instances", complaint: "holds a number out of range")
    }
    cluster = try values.decodeIfPresent([ClusterSample].self, forKey: .cluster) ?? []
  }
}
