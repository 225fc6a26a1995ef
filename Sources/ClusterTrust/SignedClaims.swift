internal import ClusterModel
internal import JWTKit

/// How long a balancer's token holds.
package enum BalancerToken {
  /// From issue to expiry. A balancer makes a new one for each connection.
  package static let lifetimeSeconds: Int64 = 60
  /// How far the clocks of a balancer and an instance may be apart.
  package static let skewSeconds: Int64 = 30
}

/// What a document is for, kept in its header's `typ` (RFC 8725, section 3.11), so that none is
/// ever taken for another.
enum SignedPurpose: String {
  case desired = "aos-desired+jwt"
  case balancer = "aos-balancer+jwt"
  case license = "aos-license+jwt"
}

/// The claims of a signed desired state.
struct DesiredClaims: JWTPayload {
  var desired: DesiredState

  /// Claims are checked by `ClusterPublicKey`, which knows the time and who asks.
  func verify(using algorithm: some JWTAlgorithm) {}
}

/// The claims of a balancer's token; times in seconds since 1970 (RFC 7519, section 4.1).
struct BalancerClaims: JWTPayload {
  var iss: InstanceID
  var aud: InstanceID
  var cluster: String
  var iat: Int64
  var exp: Int64

  func verify(using algorithm: some JWTAlgorithm) {}
}
