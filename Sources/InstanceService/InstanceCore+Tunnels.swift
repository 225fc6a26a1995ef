internal import ClusterAPI
internal import ClusterModel
internal import Hosting
internal import ServiceSupport
internal import Synchronization

/// Connections of sessions to the application.
extension InstanceCore {
  /// Admits a connection.
  ///
  /// - Parameter caller: The caller, if the credentials ask for a separate session for a user.
  /// - Returns: The session of the connection. Call `disconnect` later.
  /// - Throws: `Problem` with the reason for a refusal.
  func connect(
    _ tunnel: Tunnel, showing credentials: SessionCredentials, as caller: (String) throws -> Caller
  ) throws -> String {
    switch credentials {
    case .session(let session, let secret):
      try admit(tunnel) { state in
        do throws(ConnectionRefusal) {
          try state.life.connect(in: session, secret: secret, now: SystemClock.moment)
        } catch {
          throw Problem(error)
        }
        return session
      }
    case .user(let user):
      try admit(tunnel, caller: caller(user))
    }
  }

  private func admit(_ tunnel: Tunnel, caller: Caller) throws -> String {
    defer { ringFeeds() }
    return try admit(tunnel) { state in
      var generator = SystemRandomNumberGenerator()
      do throws(AdmissionRefusal) {
        return try state.life.connect(caller, now: SystemClock.moment, using: &generator)
      } catch {
        throw Problem(error, by: id)
      }
    }
  }

  private func admit(
    _ tunnel: Tunnel, _ decide: (inout State) throws -> String
  ) throws -> String {
    try state.withLock { state in
      let session = try decide(&state)
      state.tunnels.add(tunnel, to: session)
      return session
    }
  }

  /// A connection has ended, or could not be made.
  func disconnect(_ tunnel: Tunnel, from session: String) {
    state.withLock { state in
      if let traffic = tunnel.takeTraffic() {
        state.life.note(traffic, in: session, now: SystemClock.moment)
      }
      state.tunnels.remove(tunnel, from: session)
      state.life.disconnect(from: session)
    }
    ringFeeds()
    ringWhenEmptied()
  }

  /// Reads from the life after counting everything that went through its connections.
  func readCounted<Value: Sendable>(_ body: (InstanceLife) -> Value) -> Value {
    state.withLock { state in
      state.countTraffic()
      return body(state.life)
    }
  }
}

extension InstanceCore.State {
  mutating func countTraffic() { tunnels.report(to: &life, now: SystemClock.moment) }
}

extension Problem {
  fileprivate init(_ refusal: ConnectionRefusal) {
    switch refusal {
    case .notItsSession:
      self = .noSession("There is no such session with this secret; it may have ended.")
    case .tooMany(let number):
      self.init(.tooMany, "The session has \(number) connections open, the most it can have.")
    }
  }
}
