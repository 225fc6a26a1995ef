public import ClusterModel

/// The answer to every change, including a dry run.
public struct MutationAnswer: Equatable, Sendable, Codable {
  /// The instances of the request as they are now; in a dry run, as they would be.
  public var instances: [InstanceStatus]
  /// Whether all of them are known to obey.
  public var delivered: Bool
  /// The effect of the change, or of the dry run, on the rest of the cluster.
  public var impact: Impact

  public init(instances: [InstanceStatus], delivered: Bool, impact: Impact) {
    self.instances = instances
    self.delivered = delivered
    self.impact = impact
  }
}

/// `GET /v1/actions`, newest first.
public struct ActionList: Equatable, Sendable, Codable {
  /// The actions, newest first.
  public var actions: [ActionRecord]

  public init(actions: [ActionRecord]) {
    self.actions = actions
  }
}

/// `GET /v1/events`, newest first.
public struct EventList: Equatable, Sendable, Codable {
  /// The events, newest first.
  public var events: [ClusterEvent]

  public init(events: [ClusterEvent]) {
    self.events = events
  }
}

/// `GET /v1/history`: sessions and maximums of the past, in equal steps back from now.
public struct LoadHistory: Equatable, Sendable, Codable {
  /// The number of seconds between two values.
  public var step: Int
  /// The longest step: a day.
  private static let longestStep = 86_400
  /// When the last value was taken, by the balancer's clock; nil before the first one, and in what
  /// a release before this field wrote.
  public var at: Timestamp?
  /// The values of each instance, oldest first, as [connected, maximum]. An instance that came
  /// later has fewer.
  public var instances: [String: [[Int]]]
  /// The cluster as a whole, oldest first. Empty in what a release before this field wrote.
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
