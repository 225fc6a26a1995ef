public import ClusterAPI
internal import ClusterModel

/// One step of a client on its way to a session.
public enum WalkStep: Equatable, Sendable {
  /// Shakes hands with this entry; its number, and how many there are.
  case asking(ServerEntry, number: Int, of: Int)
  /// The entry gave no list; the next one is asked.
  case passedOver(ServerEntry, ClientFailure)
  /// The entry gave a list, or the rest of one.
  case answered(ServerEntry, HandshakeAnswer)
  /// Opens a session at this server of the list; its number, and how many there are.
  case trying(HandshakeServer, number: Int, of: Int)
  /// The server took no session; the next one is tried.
  case refused(HandshakeServer, ClientFailure)
  /// The session is open.
  case opened(HandshakeServer, SessionOpened)
  /// Words of the operator.
  case notice(SessionNotice)
}

/// How a client's way ended.
public enum WalkEnd: Equatable, Sendable {
  /// The client closed its session, or was cancelled on the way.
  case closed
  /// The server ended the session, for this reason.
  case ended(String)
  /// The connection of the open session was lost.
  case lost(ClientFailure)
  /// An entry refused for good: no other would do otherwise.
  case refused(Problem)
  /// Every entry and every list was tried. `answered`: at least one of them said no in words.
  case exhausted(answered: Bool)
}

/// The limits of a client on its way, in milliseconds. The limit for a connection is the
/// transport's.
public struct WalkLimits: Equatable, Sendable {
  /// For the answer to a handshake.
  public var answer: Int64
  /// For a session to open, the connection included.
  public var opening: Int64
  /// A session without a heartbeat for longer is lost.
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
