package import ClusterModel

/// The connections of a session to the application: how many, and their traffic.
package struct SessionConnections: Hashable, Sendable {
  /// The number of open connections.
  package internal(set) var open = 0
  /// The number of all connections of the session.
  package internal(set) var all = 0
  /// The bytes from the client and from the application, in all connections of the session.
  package internal(set) var bytesFromClient = 0
  package internal(set) var bytesFromApplication = 0
}

/// Bytes that went through a connection since the last count.
package struct Traffic: Hashable, Sendable {
  package var fromClient: Int
  package var fromApplication: Int
  /// When the last of them came, in monotonic milliseconds; nil: there were none.
  package var lastAt: Int64?

  package init(fromClient: Int, fromApplication: Int, lastAt: Int64?) {
    self.fromClient = fromClient
    self.fromApplication = fromApplication
    self.lastAt = lastAt
  }
}

/// Why a session gets no further connection.
package enum ConnectionRefusal: Error, Hashable, Sendable {
  /// There is no such session, or it has another secret.
  case notItsSession
  /// It has this many already.
  case tooMany(Int)
}

extension InstanceLife {
  /// Opens a connection in a session. A drain does not affect open sessions.
  ///
  /// - Throws: The reason for a refusal.
  package mutating func connect(
    in session: String, secret: String, now: Moment
  ) throws(ConnectionRefusal) {
    guard let known = sessions[session], known.hasSecret(secret) else { throw .notItsSession }
    guard known.connections.open < Limits.connectionsOfSession else {
      throw .tooMany(Limits.connectionsOfSession)
    }
    addConnection(to: session, now: now)
  }

  /// Admits a client whose session is one connection, and ends with it. It has no stream of events,
  /// so its user cannot be told anything: a notice counts as delivered.
  ///
  /// - Returns: The session's id.
  /// - Throws: The reason for a refusal.
  package mutating func connect(
    _ caller: Caller, now: Moment, using generator: inout some RandomNumberGenerator
  ) throws(AdmissionRefusal) -> String {
    let grant = try openSession(caller, now: now, using: &generator)
    sessions[grant.session]?.hasStream = false
    withoutNotices += 1
    addConnection(to: grant.session, now: now)
    return grant.session
  }

  private mutating func addConnection(to session: String, now: Moment) {
    sessions[session]?.connections.open += 1
    sessions[session]?.connections.all += 1
    sessions[session]?.activeAt = now.wall
    sessions[session]?.lastActivity = now
  }

  /// Counts what went through a session's connection. Bytes in either direction are activity.
  package mutating func note(_ traffic: Traffic, in session: String, now: Moment) {
    bytesFromClientTotal += traffic.fromClient
    bytesFromApplicationTotal += traffic.fromApplication
    guard sessions[session] != nil else { return }
    sessions[session]?.connections.bytesFromClient += traffic.fromClient
    sessions[session]?.connections.bytesFromApplication += traffic.fromApplication
    guard let lastAt = traffic.lastAt else { return }
    let ago = max(0, now.monotonicMilliseconds - lastAt)
    let known = sessions[session]?.lastActivity?.monotonicMilliseconds ?? .min
    guard now.monotonicMilliseconds - ago > known else { return }
    let wall = now.wall.adding(milliseconds: -ago)
    sessions[session]?.lastActivity = Moment(
      monotonicMilliseconds: now.monotonicMilliseconds - ago, wall: wall)
    sessions[session]?.activeAt = wall
  }

  /// A connection of a session has ended. A session with a stream of events stays.
  package mutating func disconnect(from session: String) {
    guard let known = sessions[session] else { return }
    sessions[session]?.connections.open -= 1
    if !known.hasStream { close(session) }
  }

  /// The number of open connections to the application.
  package var connections: Int { sessions.values.reduce(0) { $0 + $1.connections.open } }
}
