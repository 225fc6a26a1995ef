/// What an operator asks of a drain beyond rejecting new clients. Each only if asked for.
public struct DrainTerms: Hashable, Codable, Sendable {
  /// Shown to the users with an open session.
  public var message: String?
  /// Sessions that reported activity, and none for this long, are ended. 1 to 86,400 s.
  public var closeIdleAfterSeconds: Int?
  /// When the sessions left are ended. Without one, none ever is.
  public var deadline: Timestamp?
  /// The drain is over when the instance has restarted.
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

  /// Rejects new clients, and nothing else.
  public static let plain = DrainTerms()
}

/// How many sessions the deadline of a drain has ended so far.
public struct DeadlineEnds: Hashable, Codable, Sendable {
  /// When the drain began.
  public var drain: Timestamp
  /// The sessions; 1 or more.
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

/// A drain under way: its terms and how it began.
public struct Drain: Hashable, Codable, Sendable {
  /// When it was ordered first.
  public var startedAt: Timestamp
  /// Sessions when it began.
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

  /// What the operator asked of it.
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
