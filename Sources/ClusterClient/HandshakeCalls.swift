public import ClusterAPI
public import ClusterModel

extension ClusterConnection {
  /// A client's handshake: where to go, and a place reserved there.
  ///
  /// - Throws: `problem` `rpc-only` for kind service, whatever balancer is asked.
  public func handshake(
    _ request: HandshakeRequest, timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) -> HandshakeAnswer {
    try await send(
      .post, "/v1/handshake", body: request, timeoutMilliseconds: timeoutMilliseconds)
  }

  /// The list that a client would be given now; nothing is reserved.
  public func handshakeList(
    for kind: ClientKind = .client
  ) async throws(ClientFailure) -> HandshakeAnswer {
    try await get("/v1/handshake?kind=\(kind.rawValue)")
  }
}
