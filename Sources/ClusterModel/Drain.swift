/// What a drain does besides rejecting new clients. Nothing of this happens by default.
public struct DrainTerms: Hashable, Codable, Sendable {
  /// The message for users with an open session.
  public var message: String?
  /// Ends sessions that have reported activity before, and none for this long. 1 to 86,400 s.
  public var closeIdleAfterSeconds: Int?
  /// When the remaining sessions are ended. Without a deadline no session is ended.
  public var deadline: Timestamp?
  /// Whether the drain ends when the instance restarts.
  public var untilRestart: Bool

  public init(
    message: String? = nil, closeIdleAfterSeconds: Int? = nil, deadline: Timestamp? = nil,
    untilRestart: Bool = false
  ) {
    self.message = message
    self.closeIdleAfterSeconds = closeIdleAfterSeconds
    self.deadline = deadline
    self.untilRestart = untilRestart
  }

  /// Rejects new clients and does nothing else.
  public static let plain = DrainTerms()
}

/// How many sessions the deadline of a drain has ended so far.
public struct DeadlineEnds: Hashable, Codable, Sendable {
  /// When the drain began.
  public var drain: Timestamp
  /// The number of sessions; 1 or more.
  public var sessions: Int

  public init(drain: Timestamp, sessions: Int) {
    self.drain = drain
    self.sessions = sessions
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    drain = try values.decode(Timestamp.self, forKey: .drain)
    sessions = try values.decodeCount(forKey: .sessions)
  }
}

/// A current drain: its terms and how it began.
public struct Drain: Hashable, Codable, Sendable {
  /// When it was first ordered.
  public var startedAt: Timestamp
  /// The number of open sessions when it began.
  public var startedWith: Int
  /// As in `DrainTerms`.
  public var message: String?
  /// As in `DrainTerms`.
  public var closeIdleAfterSeconds: Int?
  /// As in `DrainTerms`.
  public var deadline: Timestamp?
  /// As in `DrainTerms`.
  public var untilRestart: Bool

  public init(startedAt: Timestamp, startedWith: Int, terms: DrainTerms = .plain) {
    self.startedAt = startedAt
    self.startedWith = startedWith
    message = terms.message
    closeIdleAfterSeconds = terms.closeIdleAfterSeconds
    deadline = terms.deadline
    untilRestart = terms.untilRestart
  }

  private enum CodingKeys: String, CodingKey {
    case startedAt, startedWith, message, closeIdleAfterSeconds, deadline, untilRestart
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    startedAt = try values.decode(Timestamp.self, forKey: .startedAt)
    startedWith = try values.decodeCount(forKey: .startedWith)
    message = try values.decodeIfPresent(String.self, forKey: .message)
    closeIdleAfterSeconds = try values.decodeCountIfPresent(forKey: .closeIdleAfterSeconds)
    deadline = try values.decodeIfPresent(Timestamp.self, forKey: .deadline)
    untilRestart = try values.decode(Bool.self, forKey: .untilRestart)
  }

  /// The terms that the operator set.
  public var terms: DrainTerms {
    DrainTerms(
      message: message, closeIdleAfterSeconds: closeIdleAfterSeconds, deadline: deadline,
      untilRestart: untilRestart)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(startedAt, forKey: .startedAt)
    try container.encode(startedWith, forKey: .startedWith)
    try container.encode(message, forKey: .message)
    try container.encode(closeIdleAfterSeconds, forKey: .closeIdleAfterSeconds)
    try container.encode(deadline, forKey: .deadline)
    try container.encode(untilRestart, forKey: .untilRestart)
  }
}
