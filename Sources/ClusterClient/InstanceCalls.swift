public import ClusterAPI
public import ClusterModel

/// Calls to instances, and calls about them.
extension ClusterConnection {
  /// Joins an instance to its cluster, at a balancer. Idempotent.
  ///
  /// - Throws: `problem` `removed`, with the signed desired state that orders the removal.
  public func join(
    _ id: InstanceID, _ request: JoinRequest
  ) async throws(ClientFailure) -> JoinAnswer {
    try await send(
      .put, "/v1/instances/\(id.text.percentEncoded)", body: request,
      timeoutMilliseconds: max(TimeLimit.join, transport.answerMilliseconds))
  }

  /// Sends an instance its desired state.
  ///
  /// - Parameters:
  ///   - document: A signed desired state (JWT), sent as it is.
  ///   - timeoutMilliseconds: For the whole answer.
  /// - Returns: The revision that the instance now obeys.
  /// - Throws: `problem` `outdated` when the instance knows a newer one.
  public func putDesired(
    _ document: String, timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) -> DesiredAnswer {
    let body = RequestBody(contentType: "application/jwt", bytes: Array(document.utf8))
    let answer = try await raw(
      .put, "/v1/desired", body: body, timeoutMilliseconds: timeoutMilliseconds,
      longestAnswer: Limits.shortAnswerBytes)
    return try answer.decoded()
  }

  /// Sends an instance the list of the cluster's servers.
  ///
  /// - Parameters:
  ///   - document: A signed list of servers (JWT), sent as it is.
  ///   - timeoutMilliseconds: For the whole answer.
  ///   - closes: Whether the connection ends with the answer: for a balancer that rarely sends to
  ///     each of thousands of instances.
  /// - Throws: `problem` `outdated` when the instance knows a newer one.
  public func putServers(
    _ document: String, closes: Bool = false, timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) {
    let body = RequestBody(contentType: "application/jwt", bytes: Array(document.utf8))
    let headers = closes ? ["Connection": "close"] : [:]
    let answer = try await raw(
      .put, "/v1/servers", body: body, headers: headers,
      timeoutMilliseconds: timeoutMilliseconds, longestAnswer: Limits.shortAnswerBytes)
    guard answer.isSuccess else { throw answer.failure }
  }

  /// Leads an instance to the current signing key.
  ///
  /// - Returns: The key that the instance now obeys.
  public func putKey(
    _ steps: KeySteps, timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) -> KeyAnswer {
    try await send(.put, "/v1/key", body: steps, timeoutMilliseconds: timeoutMilliseconds)
  }

  /// The open sessions of an instance, asked at a balancer.
  public func sessions(of id: InstanceID) async throws(ClientFailure) -> [SessionInfo] {
    let answer: SessionList = try await get("/v1/instances/\(id.text.percentEncoded)/sessions")
    return answer.sessions
  }

  /// The open sessions of the instance at the other end.
  public func ownSessions() async throws(ClientFailure) -> [SessionInfo] {
    let answer: SessionList = try await get(
      "/v1/sessions", longestAnswer: Limits.sessionListBytes)
    return answer.sessions
  }

  /// Ends a session of the instance at the other end.
  public func endOwnSession(_ session: String) async throws(ClientFailure) {
    let answer = try await raw(
      .delete, "/v1/sessions/\(session.percentEncoded)", longestAnswer: Limits.shortAnswerBytes)
    guard answer.isSuccess else { throw answer.failure }
  }

  /// Ends a session of an instance, asked at a balancer.
  public func endSession(_ session: String, of id: InstanceID) async throws(ClientFailure) {
    let answer = try await raw(.endSession(session, of: id))
    guard answer.isSuccess else { throw answer.failure }
  }

  /// Finds the sessions of a user or a computer on all servers, asked at a balancer: at most 1,000,
  /// within 2 s, with the servers that did not answer. Case does not matter, and `*` stands for any
  /// text.
  ///
  /// - Parameters:
  ///   - user: Nil: any user; then a computer is needed.
  ///   - computer: Nil: any computer; then a user is needed.
  public func findSessions(
    user: String? = nil, computer: String? = nil
  ) async throws(ClientFailure) -> SessionFindings {
    let items = [user.map { ("user", $0) }, computer.map { ("computer", $0) }].compactMap { $0 }
    return try await get(
      "/v1/sessions?" + items.map { "\($0)=\($1.percentEncoded)" }.joined(separator: "&"))
  }

  /// Ends several sessions, at most 100, asked at a balancer.
  public func endSessions(
    _ sessions: [SessionName], options: MutationOptions = MutationOptions()
  ) async throws(ClientFailure) -> SessionEndings {
    try await raw(.endSessions(sessions, options: options)).decoded()
  }

  /// Reports that the user of a session is active.
  public func reportActivity(_ opened: SessionOpened) async throws(ClientFailure) {
    let answer = try await raw(
      .post, "/v1/sessions/\(opened.session.percentEncoded)/activity",
      headers: ["Authorization": "Bearer \(opened.secret)"])
    guard answer.isSuccess else { throw answer.failure }
  }
}
