public import ClusterModel

/// `POST /v1/sessions` at an instance. The answer is an event stream that *is* the session.
public struct SessionRequest: Equatable, Sendable, Codable {
  /// The kind of client: a client or a batch job; a service is refused.
  public var kind: ClientKind
  /// The name of the user.
  public var user: String
  /// The client's computer.
  public var computer: String
  /// The ticket of the handshake, if there was one.
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
  /// A notice that the server will end the session, and when.
  public static let notice = "notice"
  /// The session has ended; the last event.
  public static let end = "end"
}

/// Event `open`.
public struct SessionOpened: Equatable, Sendable, Codable {
  /// The id of the session.
  public var session: String
  /// The secret of the session, which only this client knows. It is sent with `activity`.
  public var secret: String

  public init(session: String, secret: String) {
    self.session = session
    self.secret = secret
  }
}

/// Event `notice`: a message of the operator.
public struct SessionNotice: Equatable, Sendable, Codable {
  /// The message for the user.
  public var message: String
  /// When the session will be ended; nil where it will not be.
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

/// Event `end`, the last one.
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
