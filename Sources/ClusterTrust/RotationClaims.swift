package import ClusterModel
internal import JWTKit

extension ClusterKey {
  /// The secret key, for the registry.
  package var signingSeed: SigningSeed { SigningSeed(seedBytes) }

  /// Signs the step from this key to the next one.
  ///
  /// - Parameter epoch: The registry that takes the step.
  /// - Throws: `TrustFailure.unsignable`.
  package func sign(
    successor: ClusterPublicKey, cluster: String, epoch: String, at: Timestamp
  ) async throws(TrustFailure) -> String {
    let claims = RotationClaims(
      cluster: cluster, epoch: epoch, publicKey: successor.text, iat: at.milliseconds / 1_000)
    return try await sign(claims, for: .rotation)
  }
}

extension ClusterPublicKey {
  /// The key after this one, as a document of this key says.
  ///
  /// - Parameter cluster: Nil where the reader does not know its cluster's name yet.
  /// - Throws: The first reason not to trust it.
  package func successor(
    in document: String, cluster: String?
  ) async throws(TrustFailure) -> ClusterPublicKey {
    let claims = try await verified(document, as: RotationClaims.self, for: .rotation)
    guard cluster == nil || claims.cluster == cluster else { throw .wrongCluster }
    do { return try ClusterPublicKey(claims.publicKey) } catch { throw .invalid(error) }
  }
}

/// The claims of a step from one key to the next. A step never expires, since an instance may have
/// been away for a year.
private struct RotationClaims: JWTPayload {
  var cluster: String
  var epoch: String
  /// The next key: 32 bytes in base64url.
  var publicKey: String
  var iat: Int64

  func verify(using algorithm: some JWTAlgorithm) {}
}
