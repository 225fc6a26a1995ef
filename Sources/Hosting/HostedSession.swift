package import ClusterModel

/// An open session. It lives exactly as long as its stream of events or, without such a stream, as
/// its only connection to the application.
package struct HostedSession: Sendable {
  package let id: String
  package let kind: ClientKind
  package let user: String
  package let computer: String
  package let since: Timestamp
  /// When it last reported activity, or a byte passed through it. Nil for a session that has done
  /// neither: such a session never counts as idle.
  package internal(set) var activeAt: Timestamp?
  package internal(set) var connections = SessionConnections()
  /// Whether its user gets notices. If not, the instance opened it for one connection to the
  /// application.
  package internal(set) var hasStream = true

  /// The secret that only this client knows.
  let secret: String
  var lastActivity: Moment?
  /// When its user was last told what the current drain will do; nil: never.
  var toldAt: Moment?

  /// What an instance gives an admitted client.
  package struct Grant: Hashable, Sendable {
    package let session: String
    /// The secret, which is sent with reports of activity.
    package let secret: String
  }

  /// Compares in a time that does not depend on where the two differ.
  func hasSecret(_ candidate: String) -> Bool {
    let (own, other) = (Array(secret.utf8), Array(candidate.utf8))
    guard own.count == other.count else { return false }
    return zip(own, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// A message for the user of an open session.
package enum SessionMessage: Hashable, Sendable {
  /// A text for the user, and when the session will be ended; nil: it will not be.
  case notice(message: String, endsAt: Timestamp?)
  /// The session is over and not counted any more, and its connection must be closed.
  case end(reason: String)
}

/// A message and its receiver.
package struct Delivery: Hashable, Sendable {
  package var session: String
  package var message: SessionMessage
}

/// What a client sends when it asks to be admitted.
package struct Caller: Hashable, Sendable {
  package var kind: ClientKind
  package var user: String
  package var computer: String
  /// The ticket of the handshake, if there was one.
  package var ticket: String?

  package init(kind: ClientKind, user: String, computer: String, ticket: String? = nil) {
    self.kind = kind
    self.user = user
    self.computer = computer
    self.ticket = ticket
  }
}
