package import ClusterModel
internal import JWTKit

/// The claims of a signed list of servers.
struct ServersClaims: JWTPayload {
  var servers: ServerDirectory

  func verify(using algorithm: some JWTAlgorithm) {}
}

extension ClusterKey {
  /// Signs the list of the cluster's servers.
  ///
  /// - Throws: `TrustFailure.unsignable`.
  package func sign(_ servers: ServerDirectory) async throws(TrustFailure) -> String {
    try await sign(ServersClaims(servers: servers), for: .servers)
  }
}

extension ClusterPublicKey {
  /// Verifies a list of servers.
  ///
  /// - Parameters:
  ///   - document: The JWT as it was received; at most `Limits.serversBytes`.
  ///   - cluster: Nil where the reader does not know its cluster's name yet.
  /// - Throws: The first reason not to trust it.
  package func servers(
    in document: String, cluster: String?
  ) async throws(TrustFailure) -> ServerDirectory {
    let servers = try await verified(
      document, as: ServersClaims.self, for: .servers, longest: Limits.serversBytes
    ).servers
    guard cluster == nil || servers.cluster == cluster else { throw .wrongCluster }
    do { try servers.checkValues() } catch { throw .invalid(error) }
    return servers
  }
}

extension ServerDirectory {
  fileprivate func checkValues() throws(InvalidValue) {
    _ = try PlainText.checkedKept(cluster, field: "cluster")
    _ = try PlainText.checkedKept(epoch, field: "epoch")
    guard (0...Limits.revision).contains(revision) else {
      throw InvalidValue(field: "revision", complaint: "must be 0 to \(Limits.revision)")
    }
    guard servers.count <= Limits.members else {
      throw InvalidValue(field: "servers", complaint: "has more than \(Limits.members) entries")
    }
    guard zip(servers, servers.dropFirst()).allSatisfy({ $0.id < $1.id }) else {
      throw InvalidValue(field: "servers", complaint: "must be in the order of their ids")
    }
  }
}
