/// What an instance says of the application behind it.
public enum ApplicationState: String, Hashable, Codable, Sendable {
  /// A client's connection would fail, so the instance takes no new sessions.
  case down
}

/// The state of the application behind an instance, where there is something to report.
public struct ApplicationStatus: Hashable, Sendable {
  /// The state. A name that only a later release knows is kept as text and excludes nothing.
  public var state: OpenEnum<ApplicationState>
  /// When this state began.
  public var since: Timestamp
  /// Why, in words for a person; nil where the reason is not known.
  public var reason: String?

  public init(_ state: ApplicationState, since: Timestamp, reason: String? = nil) {
    self.state = .known(state)
    self.since = since
    self.reason = reason
  }

  /// Whether the instance takes no new sessions because of it.
  public var isDown: Bool { state == .down }
}

extension ApplicationStatus: Codable {
  private enum CodingKeys: String, CodingKey {
    case state, since, reason
  }

  /// Cuts a reason that is too long.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    state = try values.decode(OpenEnum<ApplicationState>.self, forKey: .state)
    since = try values.decode(Timestamp.self, forKey: .since)
    // A balancer puts the name of the speaker in front of the reason.
    reason = try values.decodeCut(forKey: .reason, to: 2 * Limits.quotedCharacters)
  }
}
