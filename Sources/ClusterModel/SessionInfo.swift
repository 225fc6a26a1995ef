/// An open session, as operators see it.
public struct SessionInfo: Hashable, Sendable, Codable {
  /// The id of the session.
  public var session: String
  /// The kind of client; a kind of a later release stays as text.
  public var kind: OpenEnum<ClientKind>
  /// The name of the user.
  public var user: String
  /// The client's computer.
  public var computer: String
  /// When it was opened.
  public var since: Timestamp
  /// When activity or a byte was last seen; nil for a session without either.
  public var activeAt: Timestamp?
  /// True of a session that no notice reaches: it is one connection to the application, and ends
  /// with it; nil of any other.
  public var withoutNotices: Bool?
  /// The number of its open connections to the application; nil where it never had one.
  public var connections: Int?
  /// The number of bytes that the client sent through them; nil before the first connection.
  public var bytesFromClient: Int?
  /// The number of bytes that the application sent; nil before the first connection.
  public var bytesFromApplication: Int?

  public init(
    session: String, kind: ClientKind, user: String, computer: String, since: Timestamp,
    activeAt: Timestamp?, withoutNotices: Bool? = nil, connections: Int? = nil,
    bytesFromClient: Int? = nil, bytesFromApplication: Int? = nil
  ) {
    self.session = session
    self.kind = .known(kind)
    self.user = user
    self.computer = computer
    self.since = since
    self.activeAt = activeAt
    self.withoutNotices = withoutNotices
    self.connections = connections
    self.bytesFromClient = bytesFromClient
    self.bytesFromApplication = bytesFromApplication
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    session = try PlainText.checked(
      values.decode(String.self, forKey: .session), field: "session")
    kind = try values.decode(OpenEnum<ClientKind>.self, forKey: .kind)
    user = try values.decodeCut(forKey: .user) ?? ""
    computer = try values.decodeCut(forKey: .computer) ?? ""
    since = try values.decode(Timestamp.self, forKey: .since)
    activeAt = try values.decodeIfPresent(Timestamp.self, forKey: .activeAt)
    withoutNotices = try values.decodeIfPresent(Bool.self, forKey: .withoutNotices)
    connections = try values.decodeCountIfPresent(forKey: .connections)
    let bytes = 0...Int(Limits.revision)
    bytesFromClient = try values.decodeNumber(forKey: .bytesFromClient, in: bytes)
    bytesFromApplication = try values.decodeNumber(forKey: .bytesFromApplication, in: bytes)
  }
}

/// A session and its server.
public struct FoundSession: Hashable, Sendable {
  /// The server.
  public var instance: InstanceID
  /// The session, as its server describes it.
  public var info: SessionInfo

  public init(_ info: SessionInfo, at instance: InstanceID) {
    (self.info, self.instance) = (info, instance)
  }
}

/// A server whose sessions are missing in the answer, and why.
public struct UnansweredInstance: Hashable, Sendable, Codable {
  /// The server.
  public var id: InstanceID
  /// The reason, in words.
  public var reason: String

  public init(id: InstanceID, reason: String) {
    (self.id, self.reason) = (id, reason)
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(InstanceID.self, forKey: .id)
    reason = try values.decodeCut(forKey: .reason, to: PlainText.longestSentence) ?? ""
  }
}

/// `GET /v1/sessions` at a balancer: the sessions of a user or a computer on all servers.
public struct SessionFindings: Equatable, Sendable, Codable {
  /// At most `most` sessions, ascending by server.
  public var sessions: [FoundSession]
  /// Whether there are more sessions.
  public var more: Bool
  /// The servers that did not answer in time or cannot be asked, ascending.
  public var unanswered: [UnansweredInstance]

  /// The most sessions in one answer.
  public static let most = 1_000

  public init(sessions: [FoundSession], more: Bool, unanswered: [UnansweredInstance]) {
    self.sessions = sessions
    self.more = more
    self.unanswered = unanswered
  }
}

// MARK: - Wire

extension FoundSession: Codable {
  private enum Key: String, CodingKey { case instance }

  public init(from decoder: any Decoder) throws {
    instance = try decoder.container(keyedBy: Key.self).decode(InstanceID.self, forKey: .instance)
    info = try SessionInfo(from: decoder)
  }

  /// Writes the fields of the session and `instance` beside them.
  public func encode(to encoder: any Encoder) throws {
    try info.encode(to: encoder)
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(instance, forKey: .instance)
  }
}
