public import ClusterModel

/// One session of one instance.
public struct SessionName: Hashable, Sendable, Codable {
  /// The server.
  public var instance: InstanceID
  /// The id that the server gave the session.
  public var session: String

  public init(instance: InstanceID, session: String) {
    (self.instance, self.session) = (instance, session)
  }

  fileprivate enum CodingKeys: String, CodingKey, CaseIterable { case instance, session }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    instance = try values.decode(InstanceID.self, forKey: .instance)
    guard let text = try values.decodeText(forKey: .session), !text.isEmpty else {
      throw InvalidValue(field: "session", complaint: "is missing")
    }
    session = text
  }
}

/// `POST /v1/sessions/end`: ends sessions and logs each of them.
public struct SessionEndRequest: OperatorRequest, Equatable, Sendable, Codable {
  /// 1 to `most` sessions, each once.
  public var sessions: [SessionName]

  /// The most sessions in one request.
  public static let most = 100

  private enum CodingKeys: String, CodingKey, CaseIterable { case sessions }

  /// The names of the fields, for the strict reader.
  public static let fields =
    ["sessions"]
    + names(of: SessionName.CodingKeys.self).map {
      "sessions.\($0)"
    }

  public init(sessions: [SessionName]) {
    self.sessions = sessions
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let named = try values.decodeIfPresent([SessionName].self, forKey: .sessions) ?? []
    guard !named.isEmpty else {
      throw InvalidValue(field: "sessions", complaint: "must name one session at least")
    }
    guard named.count <= Self.most else {
      throw InvalidValue(field: "sessions", complaint: "names more than \(Self.most) sessions")
    }
    var seen: Set<SessionName> = []
    sessions = named.filter { seen.insert($0).inserted }
  }
}

/// The result of `POST /v1/sessions/end`, or of its dry run.
public struct SessionEndings: Equatable, Sendable, Codable {
  /// The sessions that were ended, in the order of the request.
  public var ended: [FoundSession]
  /// The sessions that were not ended, or whose end is not known.
  public var missed: [MissedSession]

  public init(ended: [FoundSession], missed: [MissedSession]) {
    self.ended = ended
    self.missed = missed
  }
}

/// A session that was not ended.
public struct MissedSession: Hashable, Sendable, Codable {
  /// The server in the request.
  public var instance: InstanceID
  /// The session in the request.
  public var session: String
  /// The reason, in words.
  public var reason: String

  public init(_ name: SessionName, reason: String) {
    (instance, session, self.reason) = (name.instance, name.session, reason)
  }
}

extension FoundSession {
  /// The name that a request uses to end it.
  public var name: SessionName { SessionName(instance: instance, session: info.session) }
}
