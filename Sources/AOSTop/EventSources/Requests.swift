internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import Recordings

extension Order {
  /// Sends it, and puts the result into the dashboard's words.
  ///
  /// - Parameter dryRun: Only ask what it would do.
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
  /// The open sessions of an instance.
  static func sessions(of id: InstanceID, over connection: ClusterConnection) async -> Answer {
    do throws(ClientFailure) {
      return .sessions(try await connection.sessions(of: id).map(UserSession.init))
    } catch {
      return Answer(error)
    }
  }

  /// The sessions of a user or a computer on all servers.
  static func sessions(
    matching query: SessionQuery, over connection: ClusterConnection
  ) async -> Answer {
    do throws(ClientFailure) {
      let findings = try await connection.findSessions(
        user: query.user, computer: query.computer)
      return .found(
        FoundSessions(
          sessions: findings.sessions.map {
            FoundUserSession(UserSession($0.info), at: $0.instance)
          }, more: findings.more, unanswered: findings.unanswered.map(\.id)))
    } catch {
      return Answer(error)
    }
  }

  /// Ends the sessions with one request.
  static func ended(
    _ sessions: [FoundUserSession], over connection: ClusterConnection
  ) async -> Answer {
    do throws(ClientFailure) {
      let names = sessions.map {
        SessionName(instance: $0.instance, session: $0.session.id)
      }
      let answer = try await connection.endSessions(names)
      return .ended(
        answer.ended.count,
        missed: answer.missed.map { PlainText.cleaned("\($0.instance): \($0.reason)") })
    } catch {
      return Answer(error)
    }
  }

  /// Loads of this many minutes.
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

extension UserSession {
  fileprivate init(_ info: SessionInfo) {
    self.init(
      id: info.session, kind: info.kind, user: info.user, computer: info.computer,
      since: info.since, activeAt: info.activeAt,
      getsNotices: info.withoutNotices != true,
      traffic: info.connections.map {
        Traffic(
          connections: $0, bytesFromClient: info.bytesFromClient ?? 0,
          bytesFromApplication: info.bytesFromApplication ?? 0)
      })
  }
}
