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

  package init(
    id: String, kind: OpenEnum<ClientKind>, user: String, computer: String,
    since: Timestamp, activeAt: Timestamp?
  ) {
    self.id = id
    self.kind = kind
    self.user = user
    self.computer = computer
    self.since = since
    self.activeAt = activeAt
  }

  /// The user as the screen shows it.
  package var userText: String { user.isEmpty ? "nobody" : PlainText.cleaned(user) }
  package var computerText: String { computer.isEmpty ? "—" : PlainText.cleaned(computer) }
}
