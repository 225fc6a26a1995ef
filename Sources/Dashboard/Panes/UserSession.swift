package import ClusterModel

/// An open session of an instance, as its operator sees it.
package struct UserSession: Hashable, Sendable {
  package let id: String
  package let kind: OpenEnum<ClientKind>
  /// As the client named them: anything.
  package let user: String
  package let computer: String
  package let since: Timestamp
  /// Last reported activity; nil for a session that reports none.
  package let activeAt: Timestamp?
  /// False of a session that is one connection to the application: nobody can tell its user
  /// anything.
  package let getsNotices: Bool
  /// Its connections to the application; nil where it had none yet.
  package let traffic: Traffic?

  /// What went through a session's connections since it began.
  package struct Traffic: Hashable, Sendable {
    /// Connections that are open.
    package var connections: Int
    package var bytesFromClient: Int
    package var bytesFromApplication: Int

    package init(connections: Int, bytesFromClient: Int, bytesFromApplication: Int) {
      self.connections = connections
      self.bytesFromClient = bytesFromClient
      self.bytesFromApplication = bytesFromApplication
    }
  }

  package init(
    id: String, kind: OpenEnum<ClientKind>, user: String, computer: String,
    since: Timestamp, activeAt: Timestamp?, getsNotices: Bool = true, traffic: Traffic? = nil
  ) {
    self.id = id
    self.kind = kind
    self.user = user
    self.computer = computer
    self.since = since
    self.activeAt = activeAt
    self.getsNotices = getsNotices
    self.traffic = traffic
  }

  /// The user as the screen shows it.
  package var userText: String { user.isEmpty ? "nobody" : PlainText.cleaned(user) }
  package var computerText: String { computer.isEmpty ? "—" : PlainText.cleaned(computer) }
}
