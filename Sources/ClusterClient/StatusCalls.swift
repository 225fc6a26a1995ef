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

  /// The public key of the cluster, for an instance that is added by an operator.
  public func clusterKey() async throws(ClientFailure) -> ClusterKeyAnswer {
    try await get("/v1/cluster-key")
  }

  /// What was connected and allowed in the last minutes.
  public func history(minutes: Int = 60) async throws(ClientFailure) -> LoadHistory {
    try await get("/v1/history?minutes=\(minutes)")
  }

  /// Who is there, balancer or server: open to everybody, answered at once.
  public func livez(
    timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) -> Liveness {
    try await get(
      "/livez", timeoutMilliseconds: timeoutMilliseconds, longestAnswer: Limits.shortAnswerBytes)
  }
}
