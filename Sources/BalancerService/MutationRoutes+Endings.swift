internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hummingbird
internal import Registry
internal import ServiceSupport

/// Ends several sessions at once.
extension MutationRoutes {
  /// `POST /v1/sessions/end`: first all of them are logged in one transaction, then each is ended.
  /// A repeat of the request reports the same sessions again.
  func endSessions(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let isDryRun = try request.flag("dryRun")
    let body: SessionEndRequest = try await request.mutation()
    let found = await look(for: body.sessions)
    if isDryRun { return try Response(json: found) }
    let note = String(decoding: try WireJSON.encode(found), as: UTF8.self)
    let commit = try await logEnds(
      of: found, key: try request.key(context, note: note), actor: await context.actor())
    // For a repeat these are the sessions of the first request, which may be repeated because its
    // answer was lost.
    let meant =
      commit.isRepeat
      ? try commit.note.map { try WireJSON.decode(SessionEndings.self, from: $0.utf8) } ?? found
      : found
    return try Response(json: await end(meant, logged: commit.actions))
  }

  /// Finds out which of these sessions are open.
  private func look(for names: [SessionName]) async -> SessionEndings {
    let ids = Set(names.map(\.instance)).sorted()
    let answers = await inParallel(ids) { id -> Result<[SessionInfo], Problem> in
      do {
        return .success(try await carried(to: id) { try await $0.ownSessions() })
      } catch {
        return .failure(error as? Problem ?? Problem(.internalError, error.plainWords))
      }
    }
    let byID = Dictionary(uniqueKeysWithValues: zip(ids, answers))
    var endings = SessionEndings(ended: [], missed: [])
    for name in names {
      switch byID[name.instance] {
      case .success(let sessions)?:
        if let info = sessions.first(where: { $0.session == name.session }) {
          endings.ended.append(FoundSession(info, at: name.instance))
        } else {
          endings.missed.append(MissedSession(name, reason: "there is no such session"))
        }
      case .failure(let problem)?:
        endings.missed.append(MissedSession(name, reason: problem.detail))
      case nil: break
      }
    }
    return endings
  }

  private func logEnds(
    of found: SessionEndings, key: RequestKey?, actor: ActionActor
  ) async throws -> RegistryCommit {
    let drafts = found.ended.map { session in
      ActionDraft(
        .endSession, instance: session.instance,
        result: "is to end the session of \(session.info.who)", delivered: false)
    }
    do {
      let commit = try await access.opened().registry.change(
        key, at: SystemClock.now, actor: actor
      ) { _ in drafts }
      core.committed(commit)
      return commit
    } catch {
      throw MutationRunner.problem(error)
    }
  }

  /// Ends the open sessions and completes the log.
  ///
  /// - Parameter logged: Their lines, in the same order.
  private func end(_ found: SessionEndings, logged: [ActionRecord]) async throws -> SessionEndings {
    let runner = try access.opened().runner
    let reasons = await inParallel(Array(found.ended.enumerated())) { place, session -> String? in
      do {
        try await carried(to: session.instance) { try await end(session.info.session, over: $0) }
      } catch {
        return (error as? Problem)?.detail ?? error.plainWords
      }
      if place < logged.count, logged[place].delivered != true {
        await runner.carriedOut(
          logged[place], result: "ended the session of \(session.info.who)")
      }
      return nil
    }
    var endings = SessionEndings(ended: [], missed: found.missed)
    for (session, reason) in zip(found.ended, reasons) {
      if let reason {
        endings.missed.append(MissedSession(session.name, reason: reason))
      } else {
        endings.ended.append(session)
      }
    }
    return endings
  }

  /// Does something for each, several at one time, and returns the results in the same order.
  private func inParallel<Item: Sendable, Value: Sendable>(
    _ items: [Item], _ work: @escaping @Sendable (Item) async -> Value
  ) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
      var results: [Int: Value] = [:]
      var rest = items.enumerated().makeIterator()
      for _ in 0..<Limits.searchedAtOnce {
        guard let (place, item) = rest.next() else { break }
        group.addTask {
          let value = await work(item)
          return (place, value)
        }
      }
      for await (place, result) in group {
        results[place] = result
        guard let (next, item) = rest.next() else { continue }
        group.addTask {
          let value = await work(item)
          return (next, value)
        }
      }
      return items.indices.compactMap { results[$0] }
    }
  }
}
