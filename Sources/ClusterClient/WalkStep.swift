public import ClusterAPI
internal import ClusterModel

/// One step of a client on its way to a session.
public enum WalkStep: Equatable, Sendable {
  /// Shakes hands with this entry; with its number and the number of entries.
  case asking(ServerEntry, number: Int, of: Int)
  /// The entry returned no list; the next one is asked.
  case passedOver(ServerEntry, ClientFailure)
  /// The entry returned a list, or the rest of one.
  case answered(ServerEntry, HandshakeAnswer)
  /// Opens a session at this server of the list; with its number and the number of servers.
  case trying(HandshakeServer, number: Int, of: Int)
  /// The server took no session; the next one is tried.
  case refused(HandshakeServer, ClientFailure)
  /// The session is open.
  case opened(HandshakeServer, SessionOpened)
  /// A message of the operator.
  case notice(SessionNotice)
}

/// How a client's way ended.
public enum WalkEnd: Equatable, Sendable {
  /// The client closed its session, or was cancelled before it had one.
  case closed
  /// The server ended the session, for this reason.
  case ended(String)
  /// The connection of the open session was lost.
  case lost(ClientFailure)
  /// An entry refused in a way that no other entry would change.
  case refused(Problem)
  /// Every entry and every list was tried. `answered`: at least one of them refused with a reason.
  case exhausted(answered: Bool)
}

/// The limits of a client's walk, in milliseconds. The transport has the limit for a connection.
public struct WalkLimits: Equatable, Sendable {
  /// For the answer to a handshake.
  public var answer: Int64
  /// For opening a session, including the connection.
  public var opening: Int64
  /// A session without a heartbeat for longer than this is lost.
  public var silence: Int64

  public init(
    answer: Int64 = 5_000, opening: Int64 = 5_000,
    silence: Int64 = ClusterConnection.sessionSilenceMilliseconds
  ) {
    self.answer = answer
    self.opening = opening
    self.silence = silence
  }
}
