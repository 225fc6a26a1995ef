public import ClusterAPI

extension ClusterConnection {
  /// Who the balancer takes this program for, and what it may do.
  public func ownAccess() async throws(ClientFailure) -> AccessAnswer {
    try await get("/v1/access")
  }
}
