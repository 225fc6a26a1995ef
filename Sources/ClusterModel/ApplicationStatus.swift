/// What an instance says of the application behind it.
public enum ApplicationState: String, Hashable, Codable, Sendable {
  /// A client's connection would come to nothing: no new sessions are taken.
  case down
}

/// The application behind an instance, where there is something to be said of it.
public struct ApplicationStatus: Hashable, Sendable {
  /// A word that only a later release knows is kept as text, and excludes nothing.
  public var state: OpenEnum<ApplicationState>
  /// Since when it is so.
  public var since: Timestamp
  /// Why, in words for a person; nil where nothing is known of it.
  public var reason: String?

  public init(_ state: ApplicationState, since: Timestamp, reason: String? = nil) {
    self.state = .known(state)
    self.since = since
    self.reason = reason
  }

  /// No new sessions are taken because of it.
  public var isDown: Bool { state == .down }
}

extension ApplicationStatus: Codable {
  private enum CodingKeys: String, CodingKey {
    case state, since, reason
  }

  /// A reason that is too long is cut.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    state = try values.decode(OpenEnum<ApplicationState>.self, forKey: .state)
    since = try values.decode(Timestamp.self, forKey: .since)
    // A balancer puts its speaker in front of it.
    reason = try values.decodeCut(forKey: .reason, to: 2 * Limits.quotedCharacters)
  }
}
