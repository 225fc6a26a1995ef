public import ClusterAPI
public import ClusterModel

extension ClusterConnection {
  /// Shakes hands as a client: returns the servers to try, and reserves a place.
  ///
  /// - Throws: `problem` `rpc-only` for kind service, at every balancer.
  public func handshake(
    _ request: HandshakeRequest, timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) -> HandshakeAnswer {
    try await send(
      .post, "/v1/handshake", body: request, timeoutMilliseconds: timeoutMilliseconds)
  }

  /// The list that a client would get now; nothing is reserved.
  public func handshakeList(
    for kind: ClientKind = .client
  ) async throws(ClientFailure) -> HandshakeAnswer {
    try await get("/v1/handshake?kind=\(kind.rawValue)")
  }
}
