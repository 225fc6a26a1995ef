public import ClusterModel

/// An error answer of RFC 9457, `application/problem+json`.
///
/// Its `type` is `urn:aos:problem:<name>`. One table, `ProblemName`, has the names with their
/// statuses and titles.
public struct Problem: Error, Equatable, Sendable {
  /// The name. For a problem that only a later release knows: the known one nearest to its status.
  public var name: ProblemName
  /// The type and the title of a problem that only a later release knows, as they were received.
  public private(set) var unrecognized: Unrecognized?
  /// What happened this time, for a person. It never contains unchecked text of the request.
  public var detail: String
  /// With `needs-acknowledgement`: the warnings that must be acknowledged.
  public var warnings: [OpenEnum<ImpactWarning>]?
  /// With `removed` as the answer to a join: the signed desired state that orders the removal.
  public var desired: String?
  /// How long to wait before the next try; also sent as the header `Retry-After`.
  public var retryAfterSeconds: Int?
  /// With `method-not-allowed`: the methods of the path; also sent as the header `Allow`.
  public var allowedMethods: [String]?

  public init(
    _ name: ProblemName, _ detail: String, warnings: [OpenEnum<ImpactWarning>]? = nil,
    desired: String? = nil, retryAfterSeconds: Int? = nil, allowedMethods: [String]? = nil
  ) {
    self.name = name
    self.detail = detail
    self.warnings = warnings
    self.desired = desired
    self.retryAfterSeconds = retryAfterSeconds
    self.allowedMethods = allowedMethods
  }

  /// Whether a proxy refuses the way to an application without a session: `unauthorized` with the
  /// status of a proxy, 407 (RFC 9110, 15.5.8).
  public private(set) var isOfProxy = false

  /// The names that a later release gives a problem.
  public struct Unrecognized: Hashable, Sendable {
    /// The URI that names the problem (RFC 9457).
    public let type: String
    /// The problem in a few words, the same for each occurrence.
    public let title: String
  }

  /// The title, which is the same every time.
  public var title: String { unrecognized?.title ?? name.title }

  /// The HTTP status of the answer.
  public var status: Int { isOfProxy ? 407 : name.status }

  /// The refusal of a `CONNECT` that names no session.
  public static func noSession(_ detail: String) -> Problem {
    var problem = Problem(.unauthorized, detail)
    problem.isOfProxy = true
    return problem
  }

  /// The challenge of a proxy that refuses (`Proxy-Authenticate`).
  public static let proxyChallenge = "Basic realm=\"aos session\""

  /// The content type of every error answer.
  public static let contentType = "application/problem+json"
}

extension Problem: PlainError {
  /// The name and the detail, for a log line.
  public var description: String { "\(name.rawValue): \(detail)" }
}

/// The name of a problem. Scripts may rely on it.
public enum ProblemName: String, Hashable, Sendable, CaseIterable {
  case rpcOnly = "rpc-only"
  case noActiveInstance = "no-active-instance"
  case unknownInstance = "unknown-instance"
  case unknownSession = "unknown-session"
  case unknownToken = "unknown-token"
  case notDrained = "not-drained"
  case alreadyExists = "already-exists"
  case keyReused = "key-reused"
  case needsAcknowledgement = "needs-acknowledgement"
  case dedicatedLoadBalancer = "dedicated-load-balancer"
  case stillRunning = "still-running"
  case invalidLicense = "invalid-license"
  case licenseHolds = "license-holds"
  case registryUnavailable = "registry-unavailable"
  case outcomeUnknown = "outcome-unknown"
  case instanceUnreachable = "instance-unreachable"
  case noApplication = "no-application"
  case applicationUnreachable = "application-unreachable"
  case applicationDown = "application-down"
  case invalidRequest = "invalid-request"
  case unknownRoute = "unknown-route"
  case methodNotAllowed = "method-not-allowed"
  case expectationFailed = "expectation-failed"
  case tooLarge = "too-large"
  case tooMany = "too-many"
  case overloaded
  case tooSlow = "too-slow"
  case unauthorized
  case forbidden
  case full
  case rejectingClients = "rejecting-clients"
  case kindNotServed = "kind-not-served"
  case unlicensed
  case notJoined = "not-joined"
  case removed
  case outdated
  case notReady = "not-ready"
  case internalError = "internal-error"

  /// The HTTP status of the answer.
  public var status: Int { row.status }
  /// The title, which is the same every time.
  public var title: String { row.title }

  private var row: (status: Int, title: String) {
    switch self {
    case .rpcOnly: (409, "Dedicated load balancers serve RPC connections only")
    case .noActiveInstance: (503, "No server is active")
    case .unknownInstance: (404, "No such instance")
    case .unknownSession: (404, "No such session")
    case .unknownToken: (404, "No such token")
    case .notDrained: (409, "The instance is not drained")
    case .alreadyExists: (409, "The instance or address exists already")
    case .keyReused: (409, "The Idempotency-Key belongs to another request")
    case .needsAcknowledgement: (409, "The change has warnings that are not acknowledged")
    case .dedicatedLoadBalancer: (409, "This is a dedicated load balancer")
    case .stillRunning: (409, "The load balancer is still running")
    case .invalidLicense: (409, "The license is refused; nothing was changed")
    case .licenseHolds: (409, "A license is installed and sets the seats")
    case .registryUnavailable: (503, "The registry is unavailable")
    case .outcomeUnknown: (503, "It is not known whether the change was made")
    case .instanceUnreachable: (502, "The instance cannot be reached")
    case .noApplication: (501, "The instance leads to no application")
    case .applicationUnreachable: (502, "The application cannot be reached")
    case .applicationDown: (503, "The application behind the instance is down")
    case .invalidRequest: (400, "The request is not valid")
    case .unknownRoute: (404, "No such route")
    case .methodNotAllowed: (405, "The route does not take this method")
    case .expectationFailed: (417, "The server cannot meet the expectation")
    case .tooLarge: (413, "The request is too large")
    case .tooMany: (429, "Too many")
    case .overloaded: (503, "Too many connections are open")
    case .tooSlow: (408, "The request took too long to arrive")
    case .unauthorized: (401, "No valid token")
    case .forbidden: (403, "Not allowed here")
    case .full: (503, "All places are taken")
    case .rejectingClients: (503, "The instance rejects new clients")
    case .kindNotServed: (409, "The instance does not serve this kind of client")
    case .unlicensed: (503, "The instance has no license")
    case .notJoined: (503, "The instance has not joined its cluster")
    case .removed: (503, "The instance was removed from its cluster")
    case .outdated: (409, "A newer desired state is known")
    case .notReady: (503, "Not ready yet")
    case .internalError: (500, "Something went wrong in the program")
    }
  }
}

// MARK: - Wire

extension Problem: Codable {
  private enum Key: String, CodingKey {
    case type, title, detail, status, warnings, desired
  }

  private static let prefix = "urn:aos:problem:"

  /// Reads a problem. A name that this release does not know is replaced by one for its status.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let type = try values.decode(String.self, forKey: .type)
    let status = try values.decodeIfPresent(Int.self, forKey: .status) ?? 500
    let short = type.hasPrefix(Self.prefix) ? type.dropFirst(Self.prefix.count) : ""
    let known = ProblemName(rawValue: String(short))
    isOfProxy = known == .unauthorized && status == 407
    name = known ?? (status < 500 ? .invalidRequest : .internalError)
    if known == nil, !short.isEmpty {
      let shown = OpenName.shown(String(short))
      let title = try values.decodeIfPresent(String.self, forKey: .title)
      unrecognized = Unrecognized(
        type: Self.prefix + shown, title: title.map { OpenName.shown($0) } ?? shown)
    }
    detail = try values.decodeCut(forKey: .detail, to: Limits.problemCharacters) ?? name.title
    let warnings = try values.decodeIfPresent([OpenEnum<ImpactWarning>].self, forKey: .warnings)
    self.warnings = warnings.map { Array($0.prefix(Limits.warnings)) }
    desired = try values.decodeShort(forKey: .desired, bytes: Limits.documentBytes)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(unrecognized?.type ?? Self.prefix + name.rawValue, forKey: .type)
    try values.encode(title, forKey: .title)
    try values.encode(detail, forKey: .detail)
    try values.encode(status, forKey: .status)
    try values.encodeIfPresent(warnings, forKey: .warnings)
    try values.encodeIfPresent(desired, forKey: .desired)
  }
}
