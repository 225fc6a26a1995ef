package import ClusterModel

/// The life of one server instance as a value: events and time go in, decisions come out.
///
/// It uses no socket, no clock and no randomness. The service around it keeps it behind a lock and
/// carries out its decisions.
package struct InstanceLife: Sendable {
  package let id: InstanceID
  /// Its profile; it is a server.
  package let profile: InstanceProfile
  package let startedAt: Timestamp

  /// The order that it obeys; nil before its first document.
  package internal(set) var desired: DesiredState?
  /// The last document that was stored on the disk.
  var keptDesired: DesiredState?
  /// The start of the drain that ended with the restart, which distinguishes it from any later one.
  let endedDrain: Timestamp?
  var sessions: [String: HostedSession] = [:]
  var tickets = TicketLog()
  /// Nil where it has no application.
  package var application: ApplicationHealth?
  /// Nil until the first tick.
  var clock: ClockWatch?
  /// The sessions ended by the deadline of the last drain that ended any.
  var lastDeadlineEnds: DeadlineEnds?
  package private(set) var isStopping = false
  /// Whether it is about to stop: it admits nobody, and open sessions may stay.
  package private(set) var isLeaving = false

  /// Sessions opened and refused since the start, for the metrics.
  package private(set) var openedTotal = 0
  package private(set) var refusedTotal = 0
  /// The bytes through all connections to the application since the start.
  package internal(set) var bytesFromClientTotal = 0
  package internal(set) var bytesFromApplicationTotal = 0

  /// Begins a life.
  ///
  /// - Parameter kept: The order that it obeyed in its last life. A drain until restart ends here.
  package init(
    id: InstanceID, profile: InstanceProfile, startedAt: Timestamp,
    kept: DesiredState? = nil, application: ApplicationHealth? = nil
  ) {
    self.id = id
    self.profile = profile
    self.startedAt = startedAt
    self.application = application
    desired = kept
    keptDesired = kept
    endedDrain = kept?.drain.flatMap { $0.untilRestart ? $0.startedAt : nil }
  }

  /// The number of open sessions.
  package var connected: Int { sessions.count }
  /// Of these, sessions without a stream of events: no notice reaches them.
  package internal(set) var withoutNotices = 0

  package var load: Load {
    Load(
      connected: connected, withoutNotices: withoutNotices,
      maximum: desired?.limit ?? profile.ownMaximum)
  }

  /// Why a client of this kind would be refused now; nil: it would be admitted.
  package func refusal(of kind: ClientKind) -> AdmissionRefusal? {
    guard kind != .service else { return .rpcOnly }
    guard profile.role.serves(kind) else { return .kindNotServed(kind) }
    guard !isStopping, !isLeaving else { return .stopping }
    guard let desired else { return .notJoined }
    guard !desired.removed else { return .removed }
    if let reason = desired.unlicensedReason { return .unlicensed(reason) }
    guard admission == .accepting else { return .rejectingClients }
    if let down = application?.down { return .applicationDown(down.reason ?? "no reason is known") }
    return load.isFull ? .full(maximum: load.maximum) : nil
  }

  /// Admits a client.
  ///
  /// - Parameter generator: Its numbers must be impossible to guess.
  /// - Throws: Why the client is refused.
  package mutating func openSession(
    _ caller: Caller, now: Moment, using generator: inout some RandomNumberGenerator
  ) throws(AdmissionRefusal) -> HostedSession.Grant {
    if let refusal = refusal(of: caller.kind) {
      refusedTotal += 1
      throw refusal
    }
    var id = RandomText.make(length: 10, using: &generator)
    while sessions[id] != nil { id = RandomText.make(length: 10, using: &generator) }
    let secret = RandomText.make(length: 40, using: &generator)
    sessions[id] = HostedSession(
      id: id, kind: caller.kind, user: caller.user, computer: caller.computer,
      since: now.wall, secret: secret)
    openedTotal += 1
    application?.admitted(id, now: now)
    if let ticket = caller.ticket { tickets.append(ticket, at: now) }
    return HostedSession.Grant(session: id, secret: secret)
  }

  /// The session's connection is gone: its place is free.
  ///
  /// - Returns: Whether there was one.
  @discardableResult
  package mutating func close(_ session: String) -> Bool {
    application?.left(session)
    guard let closed = sessions.removeValue(forKey: session) else { return false }
    if !closed.hasStream { withoutNotices -= 1 }
    return true
  }

  /// The result of a report of activity.
  package enum ActivityOutcome: Hashable, Sendable {
    case noted, unknownSession, wrongSecret
  }

  /// A session's user did something.
  package mutating func noteActivity(
    in session: String, secret: String, now: Moment
  ) -> ActivityOutcome {
    guard let known = sessions[session] else { return .unknownSession }
    guard known.hasSecret(secret) else { return .wrongSecret }
    sessions[session]?.activeAt = now.wall
    sessions[session]?.lastActivity = now
    return .noted
  }

  /// Ends one session for an operator.
  ///
  /// - Returns: Nil where there is no such session.
  package mutating func end(_ session: String) -> Delivery? {
    guard close(session) else { return nil }
    return Delivery(session: session, message: .end(reason: "Ended by an operator."))
  }

  /// Begins a planned stop that waits for the open sessions: no new one opens, and every user is
  /// told.
  ///
  /// - Parameter endsAt: When the remaining sessions will be ended; nil: not before they end by
  ///   themselves.
  package mutating func leave(endsAt: Timestamp?) -> [Delivery] {
    guard !isLeaving else { return [] }
    isLeaving = true
    return sessions.keys.map {
      Delivery(
        session: $0, message: .notice(message: "This server is about to stop.", endsAt: endsAt))
    }
  }

  /// A planned stop: nobody is admitted any more, and every session ends.
  package mutating func stop() -> [Delivery] {
    isStopping = true
    defer { (sessions, withoutNotices) = ([:], 0) }
    return sessions.keys.sorted().map {
      Delivery(session: $0, message: .end(reason: "The instance is stopping."))
    }
  }

  /// The open sessions, in no order.
  package var openSessions: [HostedSession] { Array(sessions.values) }
}

/// Names and secrets that are easy to read out and need no quoting anywhere.
private enum RandomText {
  /// Crockford's base 32, five bits each: no two characters look or sound alike.
  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  static func make(length: Int, using generator: inout some RandomNumberGenerator) -> String {
    let characters = (0..<length).map { _ in alphabet[Int(generator.next() & 31)] }
    return String(decoding: characters, as: UTF8.self)
  }
}

extension Moment {
  /// The milliseconds from `earlier` to this moment, by the monotonic clock.
  func milliseconds(since earlier: Moment) -> Int64 {
    monotonicMilliseconds - earlier.monotonicMilliseconds
  }
}
