public import ClusterAPI
public import ClusterModel

extension ClusterConnection {
  /// The whole cluster as this balancer sees it.
  public func status() async throws(ClientFailure) -> ClusterSnapshot {
    try await get("/v1/status")
  }

  /// The log of what was changed, newest first.
  public func actions(limit: Int? = nil) async throws(ClientFailure) -> [ActionRecord] {
    let answer: ActionList = try await get(
      "/v1/actions" + (limit.map { "?limit=\($0)" } ?? ""))
    return answer.actions
  }

  /// What happened, newest first.
  ///
  /// - Parameters:
  ///   - limit: At most this many, 1 to 1,000.
  ///   - before: Only those with a smaller number; nil: from the newest on.
  ///   - instance: Only those of this instance; nil: all.
  public func events(
    limit: Int = 50, before: Int64? = nil, of instance: InstanceID? = nil
  ) async throws(ClientFailure) -> [ClusterEvent] {
    var path = "/v1/events?limit=\(limit)"
    if let before { path += "&before=\(before)" }
    if let instance { path += "&instance=\(instance.text.percentEncoded)" }
    let answer: EventList = try await get(path)
    return answer.events
  }

  /// The public key of the cluster, for an instance that is added by an operator.
  public func clusterKey() async throws(ClientFailure) -> ClusterKeyAnswer {
    try await get("/v1/cluster-key")
  }

  /// What was connected and allowed in the last minutes.
  ///
  /// - Parameters:
  ///   - minutes: 1 to 60.
  ///   - isOfCluster: The cluster alone, without its servers: a small answer for any number of
  ///     them. A balancer of an earlier release refuses that.
  public func history(
    minutes: Int = 60, isOfCluster: Bool = false
  ) async throws(ClientFailure) -> LoadHistory {
    try await get("/v1/history?minutes=\(minutes)" + (isOfCluster ? "&of=cluster" : ""))
  }

  /// Who is there, balancer or server: open to everybody, answered at once.
  public func livez(
    timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) -> Liveness {
    try await get(
      "/livez", timeoutMilliseconds: timeoutMilliseconds, longestAnswer: Limits.shortAnswerBytes)
  }
}
