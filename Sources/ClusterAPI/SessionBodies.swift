public import ClusterModel

/// `POST /v1/sessions` at an instance. The answer is an event stream that *is* the session.
public struct SessionRequest: Equatable, Sendable, Codable {
  /// What opens it: a client or a batch job; a service is refused.
  public var kind: ClientKind
  /// The name of the user.
  public var user: String
  /// The client's computer.
  public var computer: String
  /// From the handshake that led here, if one did.
  public var ticket: String?

  public init(kind: ClientKind, user: String, computer: String, ticket: String? = nil) {
    self.kind = kind
    self.user = user
    self.computer = computer
    self.ticket = ticket
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    kind = try values.decodeName(forKey: .kind) ?? .client
    user = try values.decodeText(forKey: .user) ?? ""
    computer = try values.decodeText(forKey: .computer) ?? ""
    ticket = try values.decodeText(forKey: .ticket)
  }
}

/// The names of the events of a session's stream.
public enum SessionEventName {
  /// The session is open; the first event.
  public static let open = "open"
  /// The server is about to end the session, and says when.
  public static let notice = "notice"
  /// The session has ended; the last event.
  public static let end = "end"
}

/// Event `open`.
public struct SessionOpened: Equatable, Sendable, Codable {
  /// The session's id.
  public var session: String
  /// Known to this client alone; goes with `activity`.
  public var secret: String

  public init(session: String, secret: String) {
    self.session = session
    self.secret = secret
  }
}

/// Event `notice`: words of the operator.
public struct SessionNotice: Equatable, Sendable, Codable {
  /// What to tell the user.
  public var message: String
  /// When the session will be ended; nil: it will not be.
  public var endsAt: Timestamp?

  public init(message: String, endsAt: Timestamp?) {
    self.message = message
    self.endsAt = endsAt
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    message = try values.decodeCut(forKey: .message, to: PlainText.longestSentence) ?? ""
    endsAt = try values.decodeIfPresent(Timestamp.self, forKey: .endsAt)
  }
}

/// Event `end`: the last one.
public struct SessionEnded: Equatable, Sendable, Codable {
  /// Why the session ended.
  public var reason: String

  public init(reason: String) {
    self.reason = reason
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    reason = try values.decodeCut(forKey: .reason, to: PlainText.longestSentence) ?? ""
  }
}

/// `GET /v1/sessions` at an instance, `GET /v1/instances/{id}/sessions` at a balancer.
public struct SessionList: Equatable, Sendable, Codable {
  /// The open sessions.
  public var sessions: [SessionInfo]

  public init(sessions: [SessionInfo]) {
    self.sessions = sessions
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    sessions = try values.decode([SessionInfo].self, forKey: .sessions)
    guard sessions.count <= Limits.sessions else {
      throw InvalidValue(
        field: "sessions", complaint: "has more than \(Limits.sessions) entries")
    }
  }
}

/// An open session, as operators see it.
public struct SessionInfo: Hashable, Sendable, Codable {
  /// The session's id.
  public var session: String
  /// What holds it; a kind of a later release stays as text.
  public var kind: OpenEnum<ClientKind>
  /// The name of the user.
  public var user: String
  /// The client's computer.
  public var computer: String
  /// When it was opened.
  public var since: Timestamp
  /// Last reported activity, or the last byte; nil for a session that has neither.
  public var activeAt: Timestamp?
  /// True of a session that no notice reaches: it is one connection to the application, and ends
  /// with it; nil of any other.
  public var withoutNotices: Bool?
  /// Connections to the application that are open in it; nil: it had none yet.
  public var connections: Int?
  /// Bytes that went through them since it began; nil: it had none yet.
  public var bytesFromClient: Int?
  /// Bytes that the application sent to the client; nil before its first connection.
  public var bytesFromApplication: Int?

  public init(
    session: String, kind: ClientKind, user: String, computer: String, since: Timestamp,
    activeAt: Timestamp?, withoutNotices: Bool? = nil, connections: Int? = nil,
    bytesFromClient: Int? = nil,
    bytesFromApplication: Int? = nil
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
