public import ClusterModel

/// The body of an operator's request: the values of the command, and the accepted warnings.
public struct CommandRequest: Equatable, Sendable {
  /// The operator's command.
  public var command: OperatorCommand
  /// Warnings that the operator has seen and accepts. The balancer refuses a command with others.
  public var acknowledge: [OpenEnum<ImpactWarning>]

  /// The most instances that one request may name.
  public static let mostIDs = 10_000

  public init(_ command: OperatorCommand, acknowledge: [OpenEnum<ImpactWarning>] = []) {
    self.command = command
    self.acknowledge = acknowledge
  }
}

/// The route of a command, and the table of all such routes.
public struct CommandRoute: Sendable {
  /// The HTTP methods of these routes.
  public enum Method: String, Sendable {
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
  }

  /// The command of a route. `license` stands for the license and for the seats.
  public enum Kind: Hashable, Sendable {
    case drain, enable, add, remove, limit, license, endSession
  }

  /// The command of the route.
  public let kind: Kind
  /// The HTTP method.
  public let method: Method
  /// The path. `:id` and `:session` stand for an instance and a session.
  public let path: String

  init(_ kind: Kind, _ method: Method, _ path: String) {
    (self.kind, self.method, self.path) = (kind, method, path)
  }

  /// Adds an instance that will join later.
  public static let add = CommandRoute(.add, .post, "/v1/instances")
  /// Removes several instances in one change.
  public static let remove = CommandRoute(.remove, .post, "/v1/remove")
  /// Removes the instance in the path.
  public static let removeOne = CommandRoute(.remove, .delete, "/v1/instances/:id")
  /// Drains several instances in one change.
  public static let drain = CommandRoute(.drain, .post, "/v1/drain")
  /// Drains the instance in the path.
  public static let drainOne = CommandRoute(.drain, .post, "/v1/instances/:id/drain")
  /// Enables several instances in one change.
  public static let enable = CommandRoute(.enable, .post, "/v1/enable")
  /// Enables the instance in the path.
  public static let enableOne = CommandRoute(.enable, .post, "/v1/instances/:id/enable")
  /// Sets the maximum of several instances in one change.
  public static let limit = CommandRoute(.limit, .post, "/v1/limit")
  /// Sets the maximum of the instance in the path.
  public static let limitOne = CommandRoute(.limit, .put, "/v1/instances/:id/limit")
  /// Sets the license of the cluster.
  public static let license = CommandRoute(.license, .put, "/v1/license")
  /// Ends one session of the instance in the path.
  public static let endSession = CommandRoute(
    .endSession, .delete, "/v1/instances/:id/sessions/:session")

  /// The routes whose requests have a body.
  public static let withBody = [
    add, remove, drain, drainOne, enable, enableOne, limit, limitOne, license,
  ]

  /// Whether the path has a place for an instance id.
  public var namesInstance: Bool { path.contains(":id") }

  /// The fields of the body. A request with any other field is refused, since it may be a mistyped
  /// safety word.
  public var fields: [String] {
    let fields: [String] =
      switch kind {
      case .drain:
        ["ids", "reason", "message", "closeIdleAfterSeconds", "deadline", "untilRestart"]
      case .enable: ["ids", "reason", "untilRestart"]
      case .add: ["id", "address", "accept", "tls"]
      case .remove: ["ids", "force"]
      case .limit: ["ids", "maximum"]
      case .license: ["license", "seats"]
      case .endSession: []
      }
    return (acknowledgesInBody ? fields + ["acknowledge"] : fields)
      .filter { !namesInstance || $0 != "ids" }
  }

  /// Whether accepted warnings are in the body; otherwise they are in the query.
  public var acknowledgesInBody: Bool {
    switch kind {
    case .drain, .enable, .limit: true
    case .remove: method == .post
    case .add, .license, .endSession: false
    }
  }
}

extension OperatorCommand {
  /// The route of the command.
  public var route: CommandRoute {
    switch self {
    case .drain: .drain
    case .enable: .enable
    case .add: .add
    case .remove: .remove
    case .limit: .limit
    case .seats, .license: .license
    case .endSession: .endSession
    }
  }
}

// MARK: JSON

extension CommandRequest: Codable {
  private enum Key: String, CodingKey {
    case ids, reason, message, closeIdleAfterSeconds, deadline, untilRestart
    case id, address, accept, tls, force, maximum, license, seats, acknowledge
  }

  /// The command of a body, which the path determines.
  private struct Shape: Sendable {
    static let key = CodingUserInfoKey(rawValue: "command")
    var kind: CommandRoute.Kind
    var id: InstanceID?
  }

  /// Reads the body of a request.
  ///
  /// - Parameter id: The instance in the path.
  /// - Throws: `InvalidValue` naming the field.
  public init(
    _ kind: CommandRoute.Kind, of id: InstanceID? = nil, from bytes: some Sequence<UInt8>
  ) throws(InvalidValue) {
    let shape = Shape(kind: kind, id: id)
    self = try WireJSON.decode(
      from: bytes, knowing: Shape.key.map { [$0: shape] } ?? [:])
  }

  public init(from decoder: any Decoder) throws {
    guard let shape = Shape.key.flatMap({ decoder.userInfo[$0] }) as? Shape else {
      throw InvalidValue(field: "body", complaint: "is read without its path")
    }
    let values = try decoder.container(keyedBy: Key.self)
    func ids() throws -> [InstanceID] {
      var seen: Set<InstanceID> = []
      // Each id once, in the order of first mention.
      return try shape.id.map { [$0] }
        ?? values.decodeIDs(forKey: .ids).filter { seen.insert($0).inserted }
    }
    func flag(_ key: Key) throws -> Bool {
      try values.decodeIfPresent(Bool.self, forKey: key) ?? false
    }
    switch shape.kind {
    case .drain:
      let reason = try values.decodeSentence(forKey: .reason)
      let terms = DrainTerms(
        message: try values.decodeSentence(forKey: .message),
        closeIdleAfterSeconds: try values.decodeNumber(
          forKey: .closeIdleAfterSeconds, in: 1...86_400),
        deadline: try values.decodeIfPresent(Timestamp.self, forKey: .deadline),
        untilRestart: try flag(.untilRestart))
      command = .drain(try ids(), reason: reason, terms: terms)
    case .enable:
      command = .enable(try ids(), reason: try values.decodeSentence(forKey: .reason))
      guard try !flag(.untilRestart) else {
        throw InvalidValue(
          field: "untilRestart", complaint: "must be false: an enable has no terms")
      }
    case .add:
      command = .add(
        try values.decode(InstanceID.self, forKey: .id),
        at: try values.decode(Address.self, forKey: .address), accept: try flag(.accept),
        tls: try flag(.tls))
    case .remove: command = .remove(try ids(), force: try flag(.force))
    case .limit:
      guard values.contains(.maximum) else {
        throw InvalidValue(field: "maximum", complaint: "is missing")
      }
      command = .limit(
        try ids(), to: try values.decodeNumber(forKey: .maximum, in: 0...Load.highestMaximum))
    case .license:
      switch (values.contains(.license), values.contains(.seats)) {
      case (true, false):
        command = .license(try values.decodeIfPresent(String.self, forKey: .license))
      case (false, true):
        command = .seats(try values.decodeNumber(forKey: .seats, in: 0...License.highestSeats))
      case (true, true):
        throw InvalidValue(field: "seats", complaint: "does not go with license")
      case (false, false):
        throw InvalidValue(field: "license", complaint: "is missing, and so is seats")
      }
    case .endSession: throw InvalidValue(field: "body", complaint: "says nothing here")
    }
    acknowledge = try values.decodeAcknowledged(forKey: .acknowledge)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch command {
    case .drain(let ids, let reason, let terms):
      try values.encode(ids, forKey: .ids)
      try values.encodeIfPresent(reason, forKey: .reason)
      try values.encodeIfPresent(terms.message, forKey: .message)
      try values.encodeIfPresent(terms.closeIdleAfterSeconds, forKey: .closeIdleAfterSeconds)
      try values.encodeIfPresent(terms.deadline, forKey: .deadline)
      try values.encode(terms.untilRestart, forKey: .untilRestart)
    case .enable(let ids, let reason):
      try values.encode(ids, forKey: .ids)
      try values.encodeIfPresent(reason, forKey: .reason)
      try values.encode(false, forKey: .untilRestart)
    case .add(let id, let address, let accept, let tls):
      try values.encode(id, forKey: .id)
      try values.encode(address, forKey: .address)
      try values.encode(accept, forKey: .accept)
      try values.encode(tls, forKey: .tls)
    case .remove(let ids, let force):
      try values.encode(ids, forKey: .ids)
      try values.encode(force, forKey: .force)
    case .limit(let ids, let maximum):
      try values.encode(ids, forKey: .ids)
      try values.encode(maximum, forKey: .maximum)
      if acknowledge.isEmpty { return }
    case .seats(let seats): try values.encode(seats, forKey: .seats)
    case .license(let document): try values.encode(document, forKey: .license)
    case .endSession: break
    }
    guard command.route.acknowledgesInBody else { return }
    try values.encode(acknowledge, forKey: .acknowledge)
  }
}
