internal import ClusterModel
internal import JWTKit

/// The purpose of a document, in its header's `typ` (RFC 8725, section 3.11), so that none can be
/// used for another purpose.
enum SignedPurpose: String {
  case desired = "aos-desired+jwt"
  case balancer = "aos-balancer+jwt"
  case license = "aos-license+jwt"
  case rotation = "aos-rotation+jwt"
  case servers = "aos-servers+jwt"
}

/// The claims of a signed desired state.
struct DesiredClaims: JWTPayload {
  var desired: DesiredState

  /// `ClusterPublicKey` checks the claims, because it knows the time and the reader.
  func verify(using algorithm: some JWTAlgorithm) {}
}

/// The claims of a balancer's token; times in seconds since 1970 (RFC 7519, section 4.1).
struct BalancerClaims: JWTPayload {
  var iss: InstanceID
  var aud: InstanceID
  var cluster: String
  var iat: Int64
  var exp: Int64
  /// The name of this token, so that it can be used once; nil from an older release (RFC 7519,
  /// section 4.1.7).
  var jti: String?

  func verify(using algorithm: some JWTAlgorithm) {}
}
