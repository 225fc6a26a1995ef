package import ClusterModel

/// An open session of an instance, for operators.
package struct UserSession: Hashable, Sendable {
  package let id: String
  package let kind: OpenEnum<ClientKind>
  /// The name that the client gave, which may be anything.
  package let user: String
  package let computer: String
  package let since: Timestamp
  /// The last reported activity; nil for a session that reports none.
  package let activeAt: Timestamp?
  /// Its connections to the application; nil where it never had any.
  package let traffic: Traffic?

  /// The traffic of a session's connections since it began.
  package struct Traffic: Hashable, Sendable {
    /// The number of open connections.
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
    since: Timestamp, activeAt: Timestamp?, traffic: Traffic? = nil
  ) {
    self.id = id
    self.kind = kind
    self.user = user
    self.computer = computer
    self.since = since
    self.activeAt = activeAt
    self.traffic = traffic
  }

  /// The user as the screen shows it.
  package var userText: String { user.isEmpty ? "nobody" : PlainText.cleaned(user) }
  package var computerText: String { computer.isEmpty ? "—" : PlainText.cleaned(computer) }
}
