package import ClusterModel
internal import Crypto
internal import FoundationEssentials
internal import JWTKit

/// The key with which a cluster's balancers sign: Ed25519, kept in the registry as its seed.
package struct ClusterKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// A new key, from the system's randomness.
  package init() {
    key = Curve25519.Signing.PrivateKey()
  }

  /// Reads a stored key.
  ///
  /// - Parameter seed: 32 bytes in base64url.
  /// - Throws: `InvalidValue` naming `seed`.
  package init(seed: String) throws(InvalidValue) {
    guard let bytes = Base64URL.decode(seed),
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
    else { throw InvalidValue(field: "seed", complaint: "must be 32 bytes in base64url") }
    self.key = key
  }

  /// Uses a stored key.
  ///
  /// - Parameter seedBytes: 32 bytes.
  /// - Throws: `InvalidValue` naming `seed`.
  package init(seedBytes: [UInt8]) throws(InvalidValue) {
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seedBytes) else {
      throw InvalidValue(field: "seed", complaint: "must be 32 bytes")
    }
    self.key = key
  }

  var seedBytes: [UInt8] { Array(key.rawRepresentation) }

  /// The secret: 32 bytes in base64url. Only for the registry.
  package var seed: String { Base64URL.encode(key.rawRepresentation) }

  package var publicKey: ClusterPublicKey { ClusterPublicKey(key: key.publicKey) }

  /// Signs a desired state.
  ///
  /// - Throws: `TrustFailure.unsignable`.
  package func sign(_ desired: DesiredState) async throws(TrustFailure) -> String {
    try await sign(DesiredClaims(desired: desired), for: .desired)
  }

  /// Makes a token with which a balancer reads an instance's load feed and sessions.
  ///
  /// - Parameters:
  ///   - now: The token is valid for `BalancerToken.lifetimeSeconds` from this time.
  ///   - id: The name of the token, which can then be used once; nil: no name, as in older
  ///     releases.
  /// - Throws: `TrustFailure.unsignable`.
  package func balancerToken(
    balancer: InstanceID, instance: InstanceID, cluster: String, now: Timestamp,
    id: String? = BalancerToken.newID()
  ) async throws(TrustFailure) -> String {
    let issued = now.milliseconds / 1_000
    let claims = BalancerClaims(
      iss: balancer, aud: instance, cluster: cluster, iat: issued,
      exp: issued + BalancerToken.lifetimeSeconds, jti: id)
    return try await sign(claims, for: .balancer)
  }

  func sign(
    _ claims: some JWTPayload, for purpose: SignedPurpose
  ) async throws(TrustFailure) -> String {
    do {
      let keys = await JWTKeyCollection().add(eddsa: EdDSA.PrivateKey(backing: key))
      var header = JWTHeader()
      header.typ = purpose.rawValue
      return try await keys.sign(claims, header: header)
    } catch {
      throw .unsignable
    }
  }
}
