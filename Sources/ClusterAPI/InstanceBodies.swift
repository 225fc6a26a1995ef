public import ClusterModel

/// `PUT /v1/instances/{id}`: an instance joins, and repeats this from time to time.
public struct JoinRequest: Equatable, Sendable {
  /// The addresses of the instance.
  public var reach: InstanceReach
  /// Its role, maximum and zone.
  public var profile: InstanceProfile
  /// The version of its program, for display.
  public var version: String
  /// When its process started, by the instance's clock.
  public var startedAt: Timestamp
  /// The order that it obeys; nil before its first one.
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

/// `GET /v1/cluster-key`: the key that an instance needs when an operator adds it.
public struct ClusterKeyAnswer: Equatable, Sendable, Codable {
  /// The name of the cluster. An instance of another cluster refuses the key.
  public var cluster: String
  /// 32 bytes of Ed25519 in base64url: the contents of the file for `--cluster-key`. Not secret.
  public var publicKey: String

  public init(cluster: String, publicKey: String) {
    self.cluster = cluster
    self.publicKey = publicKey
  }
}

/// The answer to a join: the key of the cluster, and the first order signed with it.
public struct JoinAnswer: Equatable, Sendable, Codable {
  /// The name of the cluster. An instance of another cluster refuses the answer.
  public var cluster: String
  /// The cluster's public key: 32 bytes of Ed25519 in base64url.
  public var publicKey: String
  /// The desired state, signed (JWT, EdDSA).
  public var desired: String
  /// The steps to the current key, for an instance that knows an older one; nil where the key never
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

/// The order that an instance obeys: the answer to `PUT /v1/desired`, the event `obeys` of a load
/// feed, and a part of a join.
public struct DesiredAnswer: Equatable, Sendable, Codable {
  /// The registry's revision of the order; 0 before the first.
  public var revision: Int64
  /// The digest of the order with that revision; nil before the first.
  public var digest: String?
  /// The signed document (JWT) of the order, as a proof; nil where the reader has sent the document
  /// itself.
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
  /// The first event of a feed: the name and state of the instance.
  public static let hello = "hello"
  /// The number of open sessions, at every change and as a heartbeat.
  public static let load = "load"
  /// The order that the instance obeys, after it changed: a `DesiredAnswer`.
  public static let obeys = "obeys"
  /// The instance is about to stop.
  public static let goodbye = "goodbye"
}

/// Event `hello`, the first of a load feed: the name and state of the instance.
public struct LoadHello: Equatable, Sendable {
  /// The id of the instance.
  public var id: InstanceID
  /// The name of the cluster. A balancer of another cluster refuses the feed.
  public var cluster: String
  /// Its role, maximum and zone.
  public var profile: InstanceProfile
  /// When its process started, by the instance's clock.
  public var startedAt: Timestamp
  /// The version of its program, for display.
  public var version: String
  /// The revision of the desired state that it obeys.
  public var revision: Int64
  /// When the drain of that state began, if it was to last until a restart and a restart has ended
  /// it; otherwise left out.
  public var endedDrain: Timestamp?
  /// The digest of the order with that revision; nil before the first.
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
  /// The number of open sessions.
  public var connected: Int
  /// Of these, sessions that no notice reaches; left out where there are none.
  public var withoutNotices: Int?
  /// Tickets that have arrived since the last report, of any balancer.
  public var tickets: [String]
  /// The sessions that the deadline of the current drain has ended; left out where there are none.
  public var deadlineEnds: DeadlineEnds?
  /// What is wrong with the application behind it; left out where nothing is wrong.
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
  /// The id of the instance or balancer.
  public var id: InstanceID
  /// `loadBalancer` or `server`.
  public var role: String
  /// The name of the cluster.
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
