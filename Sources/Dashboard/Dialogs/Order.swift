package import ClusterModel

/// A change of the cluster that an operator asks for.
package struct Order: Hashable, Sendable {
  package var command: OperatorCommand
  /// Warnings that the operator accepts.
  package var acknowledge: [OpenEnum<ImpactWarning>]
  /// The session to end; nil for everything else.
  package var session: SessionInfo?

  package init(_ command: OperatorCommand, acknowledge: [OpenEnum<ImpactWarning>] = []) {
    self.command = command
    self.acknowledge = acknowledge
  }

  package init(ending session: SessionInfo, of id: InstanceID) {
    self.init(.endSession(session.session, of: id))
    self.session = session
  }

  /// Command and targets, for a message: `drain AOS03`, `drain 3 instances`.
  package var summary: String {
    let ids = command.ids
    let whom = ids.count == 1 ? ids[0].text : Format.count(ids.count, "instance")
    if let session { return "end the session of \(session.userText) at \(whom)" }
    if case .limit = command { return "maximum of \(whom)" }
    return "\(command.kind.rawValue) \(whom)"
  }

  /// The `aosctl` command that does the same.
  ///
  /// - Parameter sent: When it was sent: a deadline is written as a span. Nil: without the
  ///   deadline.
  package func commandLine(at sent: Timestamp? = nil) -> String {
    command.commandLine(acknowledging: acknowledge, sent: sent)
  }
}
