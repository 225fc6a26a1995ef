package import ClusterModel

/// The connections to the application that a session has: how many, and what went through them.
package struct SessionConnections: Hashable, Sendable {
  /// Open now.
  package internal(set) var open = 0
  /// Opened over the session's whole life.
  package internal(set) var all = 0
  /// Bytes that came from the client and from the application, over the session's whole life.
  package internal(set) var bytesFromClient = 0
  package internal(set) var bytesFromApplication = 0
}

/// Bytes that went through a connection since they were last counted.
package struct Traffic: Hashable, Sendable {
  package var fromClient: Int
  package var fromApplication: Int
  /// When the last of them came, in monotonic milliseconds; nil: none did.
  package var lastAt: Int64?

  package init(fromClient: Int, fromApplication: Int, lastAt: Int64?) {
    self.fromClient = fromClient
    self.fromApplication = fromApplication
    self.lastAt = lastAt
  }
}

/// Why a session gets no further connection.
package enum ConnectionRefusal: Error, Hashable, Sendable {
  /// There is no such session, or its secret is a different one.
  case notItsSession
  /// It has this many already.
  case tooMany(Int)
}

extension InstanceLife {
  /// Opens a connection in a session: a drain does not touch open sessions.
  ///
  /// - Throws: Why not.
  package mutating func connect(
    in session: String, secret: String, now: Moment
  ) throws(ConnectionRefusal) {
    guard let known = sessions[session], known.hasSecret(secret) else { throw .notItsSession }
    guard known.connections.open < Limits.connectionsOfSession else {
      throw .tooMany(Limits.connectionsOfSession)
    }
    addConnection(to: session, now: now)
  }

  /// Lets a client in whose session is one connection, and ends with it. It has no stream of
  /// events, so that nobody can tell its user anything: a notice counts as told.
  ///
  /// - Returns: The session's id.
  /// - Throws: Why not.
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

  /// A connection of a session is over. A session that has a stream of events lives on.
  package mutating func disconnect(from session: String) {
    guard let known = sessions[session] else { return }
    sessions[session]?.connections.open -= 1
    if !known.hasStream { close(session) }
  }

  /// Connections to the application that are open now.
  package var connections: Int { sessions.values.reduce(0) { $0 + $1.connections.open } }
}
