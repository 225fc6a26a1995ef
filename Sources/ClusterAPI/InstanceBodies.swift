public import ClusterModel

/// `PUT /v1/instances/{id}`: an instance joins, and repeats it.
public struct JoinRequest: Equatable, Sendable {
  /// The addresses under which others reach the instance.
  public var reach: InstanceReach
  /// Its role, limits and features.
  public var profile: InstanceProfile
  /// The version of its program, for display.
  public var version: String
  /// When its process started, by the instance's clock.
  public var startedAt: Timestamp
  /// What it obeys; nil before its first document.
  public var obeys: DesiredAnswer?

  public init(
    reach: InstanceReach, profile: InstanceProfile, version: String, startedAt: Timestamp,
    obeys: DesiredAnswer? = nil
  ) {
    self.reach = reach
    self.profile = profile
    self.version = version
    self.startedAt = startedAt
    self.obeys = obeys
  }
}

extension JoinRequest: Codable {
  private enum Key: String, CodingKey {
    case version, startedAt, obeys
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    reach = try InstanceReach(from: decoder)
    profile = try InstanceProfile(from: decoder)
    version = try values.decodeText(forKey: .version) ?? ""
    startedAt = try values.decode(Timestamp.self, forKey: .startedAt)
    obeys = try values.decodeIfPresent(DesiredAnswer.self, forKey: .obeys)
  }

  public func encode(to encoder: any Encoder) throws {
    try reach.encode(to: encoder)
    try profile.encode(to: encoder)
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(version, forKey: .version)
    try values.encode(startedAt, forKey: .startedAt)
    try values.encodeIfPresent(obeys, forKey: .obeys)
  }
}

/// `GET /v1/cluster-key`: whose word an instance obeys that is added by an operator.
public struct ClusterKeyAnswer: Equatable, Sendable, Codable {
  /// The cluster's name; what names another is refused.
  public var cluster: String
  /// 32 bytes of Ed25519 in base64url: the content of the file for `--cluster-key`. No secret.
  public var publicKey: String

  public init(cluster: String, publicKey: String) {
    self.cluster = cluster
    self.publicKey = publicKey
  }
}

/// The answer to a join: whose word to obey, and the first of it.
public struct JoinAnswer: Equatable, Sendable, Codable {
  /// The cluster's name; what names another is refused.
  public var cluster: String
  /// The cluster's public key: 32 bytes of Ed25519 in base64url.
  public var publicKey: String
  /// The desired state, signed (JWT, EdDSA).
  public var desired: String
  /// How the key came to be what it is, for those who know an older one; nil where it never
  /// changed.
  public var rotations: [KeyStep]?

  public init(
    cluster: String, publicKey: String, desired: String, rotations: [KeyStep]? = nil
  ) {
    self.cluster = cluster
    self.publicKey = publicKey
    self.desired = desired
    self.rotations = rotations
  }
}

/// What an instance obeys: the answer to `PUT /v1/desired`, the event `obeys` of a load feed, and a
/// part of a join.
public struct DesiredAnswer: Equatable, Sendable, Codable {
  /// The registry's revision of the orders, 0 before the first.
  public var revision: Int64
  /// Stands for what it obeys with that revision; nil before its first document.
  public var digest: String?
  /// The signed document (JWT) that proves it; nil where the reader has sent the document itself.
  public var desired: String?

  public init(revision: Int64, digest: String? = nil, desired: String? = nil) {
    self.revision = revision
    self.digest = digest
    self.desired = desired
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    revision = try values.decodeRevision(forKey: .revision)
    digest = try values.decodeShort(forKey: .digest, bytes: Limits.digestBytes)
    desired = try values.decodeShort(forKey: .desired, bytes: Limits.documentBytes)
  }
}

/// The names of the events of a load feed.
public enum LoadEventName {
  /// The first event of a feed: who the instance is.
  public static let hello = "hello"
  /// How many sessions are open, at every change and as a heartbeat.
  public static let load = "load"
  /// What the instance obeys is not what its hello said any more: a `DesiredAnswer`.
  public static let obeys = "obeys"
  /// The instance is about to stop.
  public static let goodbye = "goodbye"
}

/// Event `hello`: the first of a load feed; who is there.
public struct LoadHello: Equatable, Sendable {
  /// The instance's id.
  public var id: InstanceID
  /// The cluster's name; what names another is refused.
  public var cluster: String
  /// Its role, limits and features.
  public var profile: InstanceProfile
  /// When its process started, by the instance's clock.
  public var startedAt: Timestamp
  /// The version of its program, for display.
  public var version: String
  /// The revision of the desired state that it obeys.
  public var revision: Int64
  /// When the drain of that state began, where it was to last until a restart and has ended with
  /// one; left out otherwise.
  public var endedDrain: Timestamp?
  /// Stands for what it obeys with that revision; nil before its first document.
  public var digest: String?
  /// The signed document (JWT) that proves the revision; nil before the first.
  public var desired: String?

  public init(
    id: InstanceID, cluster: String, profile: InstanceProfile, startedAt: Timestamp,
    version: String, revision: Int64, endedDrain: Timestamp? = nil, digest: String? = nil,
    desired: String? = nil
  ) {
    self.id = id
    self.cluster = cluster
    self.profile = profile
    self.startedAt = startedAt
    self.version = version
    self.revision = revision
    self.endedDrain = endedDrain
    self.digest = digest
    self.desired = desired
  }
}

extension LoadHello: Codable {
  private enum Key: String, CodingKey {
    case id, cluster, startedAt, version, revision, endedDrain, digest, desired
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    id = try values.decode(InstanceID.self, forKey: .id)
    cluster = try PlainText.checkedKept(
      values.decode(String.self, forKey: .cluster), field: "cluster")
    profile = try InstanceProfile(from: decoder)
    startedAt = try values.decode(Timestamp.self, forKey: .startedAt)
    version = try values.decodeText(forKey: .version) ?? ""
    revision = try values.decodeRevision(forKey: .revision)
    endedDrain = try values.decodeIfPresent(Timestamp.self, forKey: .endedDrain)
    digest = try values.decodeShort(forKey: .digest, bytes: Limits.digestBytes)
    desired = try values.decodeShort(forKey: .desired, bytes: Limits.documentBytes)
  }

  public func encode(to encoder: any Encoder) throws {
    try profile.encode(to: encoder)
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(id, forKey: .id)
    try values.encode(cluster, forKey: .cluster)
    try values.encode(startedAt, forKey: .startedAt)
    try values.encode(version, forKey: .version)
    try values.encode(revision, forKey: .revision)
    try values.encodeIfPresent(endedDrain, forKey: .endedDrain)
    try values.encodeIfPresent(digest, forKey: .digest)
    try values.encodeIfPresent(desired, forKey: .desired)
  }
}

/// Event `load`.
public struct LoadReport: Equatable, Sendable, Codable {
  /// Sessions open now.
  public var connected: Int
  /// Of these, sessions that no notice reaches; left out where there are none.
  public var withoutNotices: Int?
  /// Tickets that arrived since the last report, of whichever balancer.
  public var tickets: [String]
  /// What the deadline of the drain in force has ended; left out where it has ended nothing.
  public var deadlineEnds: DeadlineEnds?
  /// What is wrong with the application behind it; left out where nothing is.
  public var application: ApplicationStatus?

  public init(
    connected: Int, withoutNotices: Int? = nil, tickets: [String] = [],
    deadlineEnds: DeadlineEnds? = nil, application: ApplicationStatus? = nil
  ) {
    self.connected = connected
    self.withoutNotices = withoutNotices
    self.tickets = tickets
    self.deadlineEnds = deadlineEnds
    self.application = application
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    connected = try values.decodeNumber(forKey: .connected, in: 0...Limits.sessions) ?? 0
    withoutNotices = try values.decodeNumber(forKey: .withoutNotices, in: 0...Limits.sessions)
    tickets = try values.decodeIfPresent([String].self, forKey: .tickets) ?? []
    deadlineEnds = try values.decodeIfPresent(DeadlineEnds.self, forKey: .deadlineEnds)
    application = try values.decodeIfPresent(ApplicationStatus.self, forKey: .application)
    guard tickets.count <= Limits.ticketsPerEvent else {
      throw InvalidValue(
        field: "tickets", complaint: "has more than \(Limits.ticketsPerEvent) entries")
    }
    guard tickets.allSatisfy({ $0.utf8.count <= Limits.ticketBytes }) else {
      throw InvalidValue(
        field: "tickets", complaint: "has one of more than \(Limits.ticketBytes) bytes")
    }
  }
}

/// `GET /livez`.
public struct Liveness: Equatable, Sendable, Codable {
  /// The instance's id.
  public var id: InstanceID
  /// `loadBalancer` or `server`.
  public var role: String
  /// The cluster's name; what names another is refused.
  public var cluster: String
  /// The version of its program, for display.
  public var version: String

  public init(id: InstanceID, role: String, cluster: String, version: String) {
    self.id = id
    self.role = role
    self.cluster = cluster
    self.version = version
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(InstanceID.self, forKey: .id)
    role = try values.decodeCut(forKey: .role) ?? ""
    cluster = try values.decodeCut(forKey: .cluster) ?? ""
    version = try values.decodeCut(forKey: .version, to: Limits.versionCharacters) ?? ""
  }
}
