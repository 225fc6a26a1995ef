package import ClusterModel

/// An open session. It lives exactly as long as its stream of events; one without such a stream,
/// as long as its one connection to the application.
package struct HostedSession: Sendable {
  package let id: String
  package let kind: ClientKind
  package let user: String
  package let computer: String
  package let since: Timestamp
  /// When it last reported activity, or a byte went through it; nil for one that does neither,
  /// which can never be idle.
  package internal(set) var activeAt: Timestamp?
  package internal(set) var connections = SessionConnections()
  /// Its user can be told something. The instance opened any other on behalf of one connection to
  /// the application.
  package internal(set) var hasStream = true

  /// Known to this client alone.
  let secret: String
  var lastActivity: Moment?
  /// When its user was last told what the drain under way will do; nil: nothing was said.
  var toldAt: Moment?

  /// What an instance gives to a client that it lets in.
  package struct Grant: Hashable, Sendable {
    package let session: String
    /// Goes with reports of activity.
    package let secret: String
  }

  /// Compares in a time that does not depend on where the two differ.
  func hasSecret(_ candidate: String) -> Bool {
    let (own, other) = (Array(secret.utf8), Array(candidate.utf8))
    guard own.count == other.count else { return false }
    return zip(own, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// Something to be written to an open session's user.
package enum SessionMessage: Hashable, Sendable {
  /// Words for the user, and when the session will be ended; nil: it will not be.
  case notice(message: String, endsAt: Timestamp?)
  /// The session is over: it is out of the books, and its connection is to be closed.
  case end(reason: String)
}

/// A message and its receiver.
package struct Delivery: Hashable, Sendable {
  package var session: String
  package var message: SessionMessage
}

/// What a client says when it asks to be let in.
package struct Caller: Hashable, Sendable {
  package var kind: ClientKind
  package var user: String
  package var computer: String
  /// From the handshake that led here, if one did.
  package var ticket: String?

  package init(kind: ClientKind, user: String, computer: String, ticket: String? = nil) {
    self.kind = kind
    self.user = user
    self.computer = computer
    self.ticket = ticket
  }
}
