public import ClusterAPI
public import ClusterModel

extension ClusterConnection {
  /// The whole cluster as this balancer sees it.
  public func status() async throws(ClientFailure) -> ClusterSnapshot {
    try await get("/v1/status")
  }

  /// The log of actions, newest first.
  public func actions(limit: Int? = nil) async throws(ClientFailure) -> [ActionRecord] {
    let answer: ActionList = try await get(
      "/v1/actions" + (limit.map { "?limit=\($0)" } ?? ""))
    return answer.actions
  }

  /// The events, newest first.
  ///
  /// - Parameters:
  ///   - limit: The most events, 1 to 1,000.
  ///   - before: Only events with a smaller number; nil: the newest ones.
  ///   - instance: Only events of this instance; nil: all.
  public func events(
    limit: Int = 50, before: Int64? = nil, of instance: InstanceID? = nil
  ) async throws(ClientFailure) -> [ClusterEvent] {
    var path = "/v1/events?limit=\(limit)"
    if let before { path += "&before=\(before)" }
    if let instance { path += "&instance=\(instance.text.percentEncoded)" }
    let answer: EventList = try await get(path)
    return answer.events
  }

  /// The public key of the cluster, for an instance that an operator adds.
  public func clusterKey() async throws(ClientFailure) -> ClusterKeyAnswer {
    try await get("/v1/cluster-key")
  }

  /// Sessions and maximums of the last minutes.
  ///
  /// - Parameters:
  ///   - minutes: 1 to 60.
  ///   - isOfCluster: Only the cluster as a whole, without its servers: a small answer, however
  ///     many there are. A balancer of an earlier release refuses that.
  public func history(
    minutes: Int = 60, isOfCluster: Bool = false
  ) async throws(ClientFailure) -> LoadHistory {
    try await get("/v1/history?minutes=\(minutes)" + (isOfCluster ? "&of=cluster" : ""))
  }

  /// The name and role of the balancer or server, which everybody may ask; it answers at once.
  public func livez(
    timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) -> Liveness {
    try await get(
      "/livez", timeoutMilliseconds: timeoutMilliseconds, longestAnswer: Limits.shortAnswerBytes)
  }
}
