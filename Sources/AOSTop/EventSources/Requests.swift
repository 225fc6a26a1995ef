internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import Recordings

extension Order {
  /// Sends the command, and puts the result into the dashboard's words.
  ///
  /// - Parameter dryRun: Whether to ask only for the effect.
  func send(over connection: ClusterConnection, dryRun: Bool) async -> Answer {
    do throws(ClientFailure) {
      if case .endSession(let session, let id) = command {
        try await connection.endSession(session, of: id)
        return .done(
          instances: [], delivered: true,
          impact: Impact(
            handshakeList: [], workloadBefore: nil, workloadAfter: nil, warnings: []))
      }
      let answer = try await connection.change(
        command, options: MutationOptions(dryRun: dryRun, acknowledge: acknowledge))
      return .done(
        instances: answer.instances, delivered: answer.delivered, impact: answer.impact)
    } catch {
      return Answer(error)
    }
  }
}

extension Answer {
  /// Asks for the open sessions of an instance.
  static func sessions(of id: InstanceID, over connection: ClusterConnection) async -> Answer {
    do throws(ClientFailure) {
      return .sessions(try await connection.sessions(of: id))
    } catch {
      return Answer(error)
    }
  }

  /// Asks for the sessions of a user or a computer on all servers.
  static func sessions(
    matching query: SessionQuery, over connection: ClusterConnection
  ) async -> Answer {
    do throws(ClientFailure) {
      return .found(
        try await connection.findSessions(user: query.user, computer: query.computer))
    } catch {
      return Answer(error)
    }
  }

  /// Ends the sessions with one request.
  static func ended(
    _ sessions: [FoundSession], over connection: ClusterConnection
  ) async -> Answer {
    do throws(ClientFailure) {
      let answer = try await connection.endSessions(sessions.map(\.name))
      return .ended(
        answer.ended.count,
        missed: answer.missed.map { PlainText.cleaned("\($0.instance): \($0.reason)") })
    } catch {
      return Answer(error)
    }
  }

  /// Asks for the loads of this many minutes.
  static func history(minutes: Int, over connection: ClusterConnection) async -> Answer {
    do throws(ClientFailure) {
      return .history(BalancerHistory(try await connection.history(minutes: minutes)))
    } catch {
      return Answer(error)
    }
  }

  fileprivate init(_ failure: ClientFailure) {
    switch failure {
    case .problem(let problem) where problem.name != .outcomeUnknown:
      self = .refused("\(failure)", warnings: problem.warnings ?? [])
    case .problem, .unreachable, .malformed, .outcomeUnknown:
      self = .failed("\(failure)")
    }
  }
}
