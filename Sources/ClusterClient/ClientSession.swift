public import ClusterAPI
internal import ClusterModel

/// What happens to an open session.
public enum SessionEvent: Equatable, Sendable {
  case open(SessionOpened)
  /// A message of the operator.
  case notice(SessionNotice)
  /// The last event.
  case end(SessionEnded)
  case heartbeat
}

/// An open session. It lives exactly as long as somebody reads it. Read it only once.
///
/// It ends at once when the reading task is cancelled, or when session and iterator are released.
public struct ClientSession: AsyncSequence, Sendable {
  public typealias Element = SessionEvent
  public typealias Failure = ClientFailure

  let events: EventStream

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(events: events.makeAsyncIterator())
  }

  public struct AsyncIterator: AsyncIteratorProtocol {
    public typealias Failure = ClientFailure

    var events: EventStream.AsyncIterator

    /// The next event. Events that this release does not know are skipped.
    public mutating func next() async throws(ClientFailure) -> SessionEvent? {
      while let item = try await events.next() {
        guard case .event(let event) = item else { return .heartbeat }
        if let known = try SessionEvent(event) { return known }
      }
      return nil
    }
  }
}

extension SessionEvent {
  /// Nil for an event that this release does not know.
  init?(_ event: ServerSentEvent) throws(ClientFailure) {
    switch event.name {
    case SessionEventName.open: self = .open(try event.decoded())
    case SessionEventName.notice: self = .notice(try event.decoded())
    case SessionEventName.end: self = .end(try event.decoded())
    default: return nil
    }
  }
}

extension ServerSentEvent {
  /// Reads the value of the event's data.
  ///
  /// - Throws: `malformed` naming the event and the field.
  public func decoded<Value: Decodable>(
    _ type: Value.Type = Value.self
  ) throws(ClientFailure) -> Value {
    do { return try WireJSON.decode(type, from: data.utf8) } catch {
      throw .malformed("event \(PlainText.cleaned(name)) is not understood: \(error.plainWords)")
    }
  }
}

extension ClusterConnection {
  /// After this many milliseconds of silence a session is lost: three heartbeats of the instance.
  public static let sessionSilenceMilliseconds: Int64 = 30_000

  /// Opens a session at an instance. The first event is `open`.
  ///
  /// - Throws: `problem` with the instance's reason: full, rejecting-clients and others.
  public func openSession(
    _ request: SessionRequest, silenceMilliseconds: Int64 = sessionSilenceMilliseconds,
    timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) -> ClientSession {
    let events = try await events(
      "/v1/sessions", method: .post, body: try .json(request),
      silenceMilliseconds: silenceMilliseconds, timeoutMilliseconds: timeoutMilliseconds)
    return ClientSession(events: events)
  }
}
