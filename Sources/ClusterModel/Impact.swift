/// The warnings about a change, computed for all the instances that it names together.
public enum ImpactWarning: String, Hashable, Codable, Sendable, CaseIterable, Worded {
  /// No server would take clients any more.
  case lastServer
  /// No server would take batch any more.
  case lastBatchServer
  /// No balancer would be left.
  case lastBalancer
  /// The sessions of the whole list would not fit on the servers that remain.
  case overCapacity

  /// The warning in words for a person.
  public var sentence: String {
    switch self {
    case .lastServer: "no server would take clients any more"
    case .lastBatchServer: "no server would take batch any more"
    case .lastBalancer: "no load balancer would be left"
    case .overCapacity: "the sessions would not fit on the servers that remain"
    }
  }
}

// A client names these warnings as it names those of the closed enumeration.
extension OpenEnum<ImpactWarning> {
  /// As in `ImpactWarning`.
  public static var lastServer: Self { .known(.lastServer) }
  /// As in `ImpactWarning`.
  public static var lastBatchServer: Self { .known(.lastBatchServer) }
  /// As in `ImpactWarning`.
  public static var lastBalancer: Self { .known(.lastBalancer) }
  /// As in `ImpactWarning`.
  public static var overCapacity: Self { .known(.overCapacity) }
}

/// The effect of a change on the handshake list.
public struct Impact: Hashable, Codable, Sendable {
  /// The list after the change.
  public var handshakeList: [InstanceID]
  /// Connected ÷ maximum over all servers of the list before the change; nil for an empty list.
  public var workloadBefore: Double?
  /// The same after the change, if the sessions of the servers that leave the list came back to the
  /// others.
  public var workloadAfter: Double?
  /// The warnings that an operator must acknowledge before the change is made.
  public var warnings: [OpenEnum<ImpactWarning>]

  public init(
    handshakeList: [InstanceID], workloadBefore: Double?, workloadAfter: Double?,
    warnings: [OpenEnum<ImpactWarning>]
  ) {
    self.handshakeList = handshakeList
    self.workloadBefore = workloadBefore
    self.workloadAfter = workloadAfter
    self.warnings = warnings
  }

  private enum CodingKeys: String, CodingKey {
    case handshakeList, workloadBefore, workloadAfter, warnings
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    handshakeList = try values.decode([InstanceID].self, forKey: .handshakeList)
    workloadBefore = try values.decodeRateIfPresent(forKey: .workloadBefore)
    workloadAfter = try values.decodeRateIfPresent(forKey: .workloadAfter)
    warnings = try values.decode([OpenEnum<ImpactWarning>].self, forKey: .warnings)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(handshakeList, forKey: .handshakeList)
    try values.encode(workloadBefore, forKey: .workloadBefore)
    try values.encode(workloadAfter, forKey: .workloadAfter)
    try values.encode(warnings, forKey: .warnings)
  }
}
