internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hummingbird
internal import Registry
internal import ServiceSupport

/// The sessions of an instance, carried through to it.
extension MutationRoutes {
  func connection(
    _ context: ServiceContext
  ) async throws -> (ClusterConnection, InstanceID) {
    let id = try context.instance()
    let status = try core.read { balancer, _ in balancer.status(of: id) }
    guard let status else { throw Problem(Refusal.unknown(id)) }
    guard !status.role.isLoadBalancer else { throw Problem(Refusal.loadBalancer(id)) }
    guard status.health == .alive else {
      throw Problem(.instanceUnreachable, "\(id) is \(status.state.name).")
    }
    let connection = try await access.opened().keeper.connection(to: id, at: status.address)
    return (connection, id)
  }

  /// Ends a session: first it is logged, then it is done. So no session ends without a line in
  /// the log, and a request whose outcome is unknown can be sent again.
  func endSession(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try request.refuseBrowsers()
    let isDryRun = try request.flag("dryRun")
    let session = try PlainText.checked(
      context.parameters.get("session") ?? "", field: "session")
    let (connection, id) = try await connection(context)
    let sessions = try await carried { try await connection.ownSessions() }
    let info = sessions.first { $0.session == session }
    if isDryRun {
      guard let info else { throw Problem(.unknownSession, "\(id) has no such session.") }
      return try Response(json: info)
    }
    let note = try info.map { String(decoding: try WireJSON.encode($0), as: UTF8.self) }
    let commit = try await logEnd(
      of: info, at: id, key: try request.key(context, note: note), actor: await context.actor())
    if info != nil { try await carried { try await end(session, over: connection) } }
    guard let ended = try info ?? commit.note.map({ try WireJSON.decode(from: $0.utf8) }) else {
      throw Problem(.unknownSession, "\(id) has no such session any more.")
    }
    if let action = commit.actions.first, action.delivered != true {
      try await access.opened().runner.settle(
        action, delivered: true, result: "ended the session of \(ended.who)")
    }
    return try Response(json: ended)
  }

  /// - Parameter info: Nil where there is no such session: then only the repeat of a request that
  ///   has ended one is taken.
  private func logEnd(
    of info: SessionInfo?, at id: InstanceID, key: RequestKey?, actor: String
  ) async throws -> RegistryCommit {
    do {
      let commit = try await access.opened().registry.change(
        key, at: SystemClock.now, actor: actor
      ) { _ in
        guard let info else { throw Problem(.unknownSession, "\(id) has no such session.") }
        return [
          ActionDraft(
            .endSession, instance: id, result: "is to end the session of \(info.who)",
            delivered: false)
        ]
      }
      if !commit.isRepeat {
        for action in commit.actions { core.record(action) }
      }
      return commit
    } catch {
      throw MutationRunner.problem(error)
    }
  }

  /// Ends it; one that ended by itself meanwhile is well, too.
  private func end(_ session: String, over connection: ClusterConnection) async throws {
    do {
      try await connection.endOwnSession(session)
    } catch ClientFailure.problem(let problem) where problem.name == .unknownSession {}
  }

  /// A call to an instance, whose failures become problems of this balancer.
  func carried<Answer>(_ call: () async throws -> Answer) async throws -> Answer {
    do {
      return try await call()
    } catch ClientFailure.problem(let problem) {
      throw problem
    } catch let failure as ClientFailure {
      throw Problem(.instanceUnreachable, "The instance did not answer: \(failure).")
    }
  }
}

extension SessionInfo {
  fileprivate var who: String { "\(user) at \(computer)" }
}
