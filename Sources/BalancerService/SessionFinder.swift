internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hummingbird
internal import ServiceSupport
internal import Synchronization

/// The user or computer whose sessions are searched.
struct SessionWish: Sendable {
  var user: NamePattern?
  var computer: NamePattern?

  func fits(_ info: SessionInfo) -> Bool {
    user.map { $0.matches(info.user) } ?? true
      && computer.map { $0.matches(info.computer) } ?? true
  }
}

/// The searches in progress. Each asks many instances, so a token may have only a few.
final class SearchSeats: Sendable {
  private let searches = Mutex(Shares<String>())

  /// - Parameter token: The asker's; nil: the Unix socket.
  /// - Throws: `Problem`, `too-many`.
  func searching<Value>(
    for token: String?, _ work: () async throws -> Value
  ) async throws -> Value {
    let token = token ?? ""
    let enters = searches.withLock {
      $0.claim(by: token, most: Limits.searchesOfToken, mostInAll: Limits.searches)
    }
    guard enters else {
      throw Problem(.tooMany, "Too many searches are under way.", retryAfterSeconds: 1)
    }
    defer { searches.withLock { $0.giveBack(of: token) } }
    return try await work()
  }
}

/// Searches for sessions on all servers at once, with one time limit for all.
struct SessionFinder: Sendable {
  let wish: SessionWish
  /// When the answer is due, in monotonic milliseconds.
  let endsAt: Int64
  /// Asks one server.
  let ask: @Sendable (InstanceID) async throws -> [SessionInfo]

  private enum Finding: Sendable {
    case sessions([FoundSession])
    case silent(UnansweredInstance)
  }

  /// - Parameter servers: The servers to ask. Those that cannot be asked are reported with their
  ///   state, or have no session.
  func run(on servers: [InstanceStatus]) async -> SessionFindings {
    var findings = SessionFindings(sessions: [], more: false, unanswered: [])
    var waiting: [InstanceID] = []
    for server in servers {
      if server.health != .alive {
        findings.unanswered.append(
          UnansweredInstance(id: server.id, reason: "is \(server.state.name)"))
      } else if server.load.connected > 0 {
        waiting.append(server.id)
      }
    }
    await withTaskGroup(of: Finding.self) { group in
      var rest = waiting[...]
      for _ in 0..<Limits.searchedAtOnce {
        guard let id = rest.popFirst() else { break }
        group.addTask { await look(at: id) }
      }
      for await finding in group {
        switch finding {
        case .sessions(let found): findings.sessions += found
        case .silent(let server): findings.unanswered.append(server)
        }
        // There are too many rows already, so the servers that were not asked do not matter.
        guard findings.sessions.count <= SessionFindings.most else { continue }
        if let id = rest.popFirst() { group.addTask { await look(at: id) } }
      }
    }
    findings.more = findings.sessions.count > SessionFindings.most
    findings.sessions.sort {
      ($0.instance, $0.info.since, $0.info.session) < ($1.instance, $1.info.since, $1.info.session)
    }
    findings.sessions = Array(findings.sessions.prefix(SessionFindings.most))
    findings.unanswered.sort { $0.id < $1.id }
    return findings
  }

  private func look(at id: InstanceID) async -> Finding {
    let left = endsAt - SystemClock.monotonicMilliseconds
    let late = UnansweredInstance(id: id, reason: "did not answer in time")
    guard left > 0 else { return .silent(late) }
    let answer = await BoundedWait.result(milliseconds: left) { () -> Finding in
      do {
        let sessions = try await ask(id).filter(wish.fits)
        return .sessions(
          sessions.prefix(SessionFindings.most + 1).map { FoundSession($0, at: id) })
      } catch {
        let words = (error as? Problem)?.detail ?? error.plainWords
        return .silent(
          UnansweredInstance(id: id, reason: PlainText.cut(words, to: Limits.sentenceCharacters)))
      }
    }
    return answer ?? .silent(late)
  }
}

extension MutationRoutes {
  /// `GET /v1/sessions`: sessions of a user or a computer on all servers.
  func findSessions(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let wish = SessionWish(
      user: try request.pattern("user"), computer: try request.pattern("computer"))
    guard wish.user != nil || wish.computer != nil else {
      throw Problem(.invalidRequest, "user or computer must say whose sessions are looked for.")
    }
    let token = context.caller?.tokenID
    let findings = try await searches.searching(for: token) {
      let servers = try core.snapshot().instances.filter { !$0.role.isLoadBalancer }
      let search = SessionFinder(
        wish: wish, endsAt: SystemClock.monotonicMilliseconds + configuration.searchMilliseconds
      ) { id in
        try await questions.sessions(of: id, for: token, ofSearch: true) {
          try await carried(to: id) { try await $0.ownSessions() }
        }
      }
      return await search.run(on: servers)
    }
    return try Response(json: findings)
  }
}

extension Request {
  /// A name to search for; nil where it is not given.
  ///
  /// - Throws: `InvalidValue`; `Problem`, `invalid-request`, for an empty name.
  fileprivate func pattern(_ name: String) throws -> NamePattern? {
    guard let text = try text(name) else { return nil }
    guard !text.isEmpty else { throw Problem(.invalidRequest, "\(name) is empty.") }
    return NamePattern(try PlainText.checked(text, field: name))
  }
}
