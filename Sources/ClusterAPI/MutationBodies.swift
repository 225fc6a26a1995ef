public import ClusterModel

/// `POST /v1/drain` and `/v1/enable`, and the same for one instance, where `ids` is left out.
public struct AdmissionRequest: OperatorRequest, Equatable, Sendable, Codable {
  public var ids: [InstanceID]
  public var reason: String?
  public var message: String?
  public var closeIdleAfterSeconds: Int?
  public var deadline: Timestamp?
  public var untilRestart: Bool
  public var acknowledge: [OpenEnum<ImpactWarning>]

  /// Most instances one request may name.
  public static let mostIDs = 10_000

  public init(
    ids: [InstanceID] = [], reason: String? = nil, terms: DrainTerms = .plain,
    acknowledge: [OpenEnum<ImpactWarning>] = []
  ) {
    self.ids = ids
    self.reason = reason
    message = terms.message
    closeIdleAfterSeconds = terms.closeIdleAfterSeconds
    deadline = terms.deadline
    untilRestart = terms.untilRestart
    self.acknowledge = acknowledge
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case ids, reason, message, closeIdleAfterSeconds, deadline, untilRestart, acknowledge
  }

  public static let fields = names(of: CodingKeys.self)

  /// What an enable knows: the terms of a drain mean nothing to it. The release before this one
  /// sends `untilRestart` with it, always false.
  public static let enableFields = names(of: CodingKeys.self).filter {
    !["message", "closeIdleAfterSeconds", "deadline"].contains($0)
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    ids = try values.decodeIDs(forKey: .ids)
    reason = try values.decodeSentence(forKey: .reason)
    message = try values.decodeSentence(forKey: .message)
    closeIdleAfterSeconds = try values.decodeNumber(
      forKey: .closeIdleAfterSeconds, in: 1...86_400)
    deadline = try values.decodeIfPresent(Timestamp.self, forKey: .deadline)
    untilRestart = try values.decodeIfPresent(Bool.self, forKey: .untilRestart) ?? false
    acknowledge = try values.decodeAcknowledged(forKey: .acknowledge)
  }

  public var terms: DrainTerms {
    DrainTerms(
      message: message, closeIdleAfterSeconds: closeIdleAfterSeconds, deadline: deadline,
      untilRestart: untilRestart)
  }
}

/// `POST /v1/remove`: several at once, decided together.
public struct RemoveRequest: OperatorRequest, Equatable, Sendable, Codable {
  public var ids: [InstanceID]
  /// Even if they are not drained.
  public var force: Bool
  public var acknowledge: [OpenEnum<ImpactWarning>]

  public init(ids: [InstanceID], force: Bool = false, acknowledge: [OpenEnum<ImpactWarning>] = []) {
    self.ids = ids
    self.force = force
    self.acknowledge = acknowledge
  }

  private enum CodingKeys: String, CodingKey, CaseIterable { case ids, force, acknowledge }

  public static let fields = names(of: CodingKeys.self)

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    ids = try values.decodeIDs(forKey: .ids)
    force = try values.decodeIfPresent(Bool.self, forKey: .force) ?? false
    acknowledge = try values.decodeAcknowledged(forKey: .acknowledge)
  }
}

/// `POST /v1/instances`: an operator adds an instance.
public struct AddRequest: OperatorRequest, Equatable, Sendable, Codable {
  public var id: InstanceID
  public var address: Address
  /// Takes clients at once; otherwise it arrives rejecting them.
  public var accept: Bool
  /// It speaks TLS at its address, and nothing else.
  public var tls: Bool

  public init(id: InstanceID, address: Address, accept: Bool = false, tls: Bool = false) {
    self.id = id
    self.address = address
    self.accept = accept
    self.tls = tls
  }

  private enum CodingKeys: String, CodingKey, CaseIterable { case id, address, accept, tls }

  public static let fields = names(of: CodingKeys.self)

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(InstanceID.self, forKey: .id)
    address = try values.decode(Address.self, forKey: .address)
    accept = try values.decodeIfPresent(Bool.self, forKey: .accept) ?? false
    tls = try values.decodeIfPresent(Bool.self, forKey: .tls) ?? false
  }
}

/// `POST /v1/limit`, decided together, and `PUT /v1/instances/{id}/limit`, where `ids` is left
/// out.
public struct LimitRequest: OperatorRequest, Equatable, Sendable, Codable {
  public var ids: [InstanceID]
  /// 0 to 65,535; nil: the instance's own maximum.
  public var maximum: Int?

  public var acknowledge: [OpenEnum<ImpactWarning>]

  private enum CodingKeys: String, CodingKey, CaseIterable { case ids, maximum, acknowledge }

  public static let fields = names(of: CodingKeys.self)

  public init(
    ids: [InstanceID] = [], maximum: Int?, acknowledge: [OpenEnum<ImpactWarning>] = []
  ) {
    self.ids = ids
    self.maximum = maximum
    self.acknowledge = acknowledge
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    guard values.contains(.maximum) else {
      throw InvalidValue(field: "maximum", complaint: "is missing")
    }
    ids = try values.decodeIDs(forKey: .ids)
    maximum = try values.decodeNumber(forKey: .maximum, in: 0...Load.highestMaximum)
    acknowledge = try values.decodeAcknowledged(forKey: .acknowledge)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    if !ids.isEmpty { try values.encode(ids, forKey: .ids) }
    try values.encode(maximum, forKey: .maximum)
    if !acknowledge.isEmpty { try values.encode(acknowledge, forKey: .acknowledge) }
  }
}

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

/// `PUT /v1/license`: a license, or the cluster's own number of seats where there is none.
public enum LicenseRequest: OperatorRequest, Equatable, Sendable, Codable {
  /// The signed document (JWT); nil takes the license away.
  case license(String?)
  /// 0 to 1,000,000; nil: unlimited.
  case seats(Int?)

  private enum CodingKeys: String, CodingKey, CaseIterable { case license, seats }

  public static let fields = names(of: CodingKeys.self)

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    switch (values.contains(.license), values.contains(.seats)) {
    case (true, false):
      self = .license(try values.decodeIfPresent(String.self, forKey: .license))
    case (false, true):
      self = .seats(try values.decodeNumber(forKey: .seats, in: 0...License.highestSeats))
    case (true, true):
      throw InvalidValue(field: "seats", complaint: "does not go with license")
    case (false, false):
      throw InvalidValue(field: "license", complaint: "is missing, and so is seats")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .license(let document): try values.encode(document, forKey: .license)
    case .seats(let seats): try values.encode(seats, forKey: .seats)
    }
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
