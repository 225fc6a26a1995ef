internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hummingbird
internal import Registry
internal import ServiceSupport

/// Requests about sessions, which are passed on to the instance.
extension MutationRoutes {
  /// Calls an instance over a separate connection.
  ///
  /// - Throws: `Problem`; the instance's own words are quoted.
  func carried<Answer: Sendable>(
    to id: InstanceID, _ call: (ClusterConnection) async throws -> Answer
  ) async throws -> Answer {
    let address = try address(of: id)
    let keeper = try access.opened().keeper
    do {
      return try await keeper.delivery.proven(to: id) {
        try await call(try await keeper.connection(to: id, at: address, givesWay: true))
      }
    } catch ClientFailure.problem(let problem) {
      throw Problem(carried: problem, from: id)
    } catch let failure as ClientFailure {
      throw Problem(
        .instanceUnreachable,
        "\(id) did not answer: \(PlainText.cut(failure.plainWords, to: Limits.quotedCharacters)).")
    }
  }

  /// The address of an instance that can be reached.
  ///
  /// - Throws: `Problem`.
  private func address(of id: InstanceID) throws -> Address {
    let status = try core.read { balancer, _ in balancer.status(of: id) }
    guard let status else { throw Problem(MutationRefusal.unknown(id)) }
    guard !status.role.isLoadBalancer else { throw Problem(MutationRefusal.loadBalancer(id)) }
    guard status.health == .alive else {
      throw Problem(.instanceUnreachable, "\(id) is \(status.state.name).")
    }
    return status.address
  }

  /// Ends a session: first it is logged, then it is ended. So no session ends without a line in the
  /// log, and a request with an unknown outcome can be repeated.
  func endSession(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let isDryRun = try request.flag("dryRun")
    let session = try PlainText.checked(
      context.pathParameter("session"), field: "session")
    let id = try context.instance()
    let sessions = try await carried(to: id) { try await $0.ownSessions() }
    let info = sessions.first { $0.session == session }
    if isDryRun {
      guard let info else {
        throw Problem(.unknownSession, "\(id) has no such session; it may have ended.")
      }
      return try Response(json: info)
    }
    let note = try info.map { String(decoding: try WireJSON.encode($0), as: UTF8.self) }
    let commit = try await logEnd(
      of: info, at: id, key: try request.key(context, note: note), actor: await context.actor())
    if info != nil { try await carried(to: id) { try await end(session, over: $0) } }
    guard let ended = try info ?? commit.note.map({ try WireJSON.decode(from: $0.utf8) }) else {
      throw Problem(.unknownSession, "\(id) has no such session; it may have ended.")
    }
    if let action = commit.actions.first, action.delivered != true {
      try await access.opened().runner.carriedOut(
        action, result: "ended the session of \(ended.who)")
    }
    return try Response(json: ended)
  }

  /// - Parameter info: Nil where there is no such session: then only the repeat of a request that
  ///   has ended one is accepted.
  private func logEnd(
    of info: SessionInfo?, at id: InstanceID, key: RequestKey?, actor: ActionActor
  ) async throws -> RegistryCommit {
    do {
      let commit = try await access.opened().registry.change(
        key, at: SystemClock.now, actor: actor
      ) { _ in
        guard let info else {
          throw Problem(.unknownSession, "\(id) has no such session; it may have ended.")
        }
        return [
          ActionDraft(
            .endSession, instance: id, result: "is to end the session of \(info.who)",
            delivered: false)
        ]
      }
      core.committed(commit)
      return commit
    } catch {
      throw MutationRunner.problem(error)
    }
  }

  /// Ends it. It is fine if it has ended by itself meanwhile.
  ///
  /// - Throws: `Problem` `outcome-unknown` where the instance, which answered a moment ago, does
  ///   not report the result.
  func end(_ session: String, over connection: ClusterConnection) async throws {
    do {
      try await connection.endOwnSession(session)
    } catch {
      if case .problem(let problem) = error, problem.name == .unknownSession { return }
      guard case .unreachable(let reason) = error else { throw error }
      throw Problem(
        .outcomeUnknown,
        "The instance did not say whether it ended the session: \(PlainText.cleaned(reason)). "
          + "Send the same request again.")
    }
  }
}

extension Problem {
  /// A refusal of an instance, quoted as its words: nothing that it says looks as if the balancer
  /// refused, asked for a token or wanted an acknowledgement.
  fileprivate init(carried problem: Problem, from id: InstanceID) {
    let name: ProblemName =
      problem.name == .unknownSession ? .unknownSession : .instanceUnreachable
    self.init(
      name,
      "\(id) refuses (\(problem.name.rawValue)). \(PlainText.quoted(problem.detail, by: id.text))")
  }
}

extension SessionInfo {
  /// The names that the instance gives them, in quotation marks where a name could be read as part
  /// of the sentence around it.
  var who: String { "\(Self.quoted(user)) at \(Self.quoted(computer))" }

  private static func quoted(_ name: String) -> String {
    let isPlain =
      !name.isEmpty
      && name.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || $0.properties.numericType != nil
          || "._-@$\\".unicodeScalars.contains($0)
      }
    return isPlain ? name : "\"\(name.map { $0 == "\"" ? "'" : String($0) }.joined())\""
  }
}
