public import ClusterAPI

extension ClusterConnection {
  /// The name under which the balancer knows this program, and what the program may do.
  public func ownAccess() async throws(ClientFailure) -> AccessAnswer {
    try await get("/v1/access")
  }
}
