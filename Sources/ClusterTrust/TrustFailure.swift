package import ClusterModel

/// Why a signed document or a token is not trusted.
///
/// The description names the reason. It never repeats what was sent, and no part of a key.
package enum TrustFailure: Error, Equatable, Sendable {
  /// It is not a JWT, or its claims cannot be read.
  case malformed
  /// It is signed with another algorithm than EdDSA, for instance `none`.
  case wrongAlgorithm
  /// It has another purpose: for instance a token in place of a desired state.
  case wrongPurpose
  /// It was altered, or signed with another key than the trusted one.
  case wrongSignature
  /// The token is expired or from the future by the reader's clock, which is this many seconds
  /// ahead of the balancer's or, if negative, behind it. Since balancers make a new token for each
  /// connection, either the clocks differ or somebody repeats an old token.
  case clocksApart(seconds: Int64)
  /// Its lifetime is longer than that of any token of a balancer.
  case wrongLifetime
  /// It is for another instance.
  case wrongInstance
  /// It is of another cluster.
  case wrongCluster
  /// The signature is right, but a value breaks a rule of the model.
  case invalid(InvalidValue)
  /// The key cannot sign. This never happens with a key that was read without an error.
  case unsignable
}

extension TrustFailure: PlainError {
  package var description: String {
    switch self {
    case .malformed: "the document is not a readable JWT"
    case .wrongAlgorithm: "the document is not signed with EdDSA"
    case .wrongPurpose: "the document was signed for another purpose"
    case .wrongSignature: "the signature is not that of the trusted key"
    case .clocksApart(let seconds):
      "its reader's clock is \(abs(seconds)) s "
        + (seconds < 0 ? "behind the balancer's" : "ahead of the balancer's")
    case .wrongLifetime: "the token's lifetime is not one that a balancer gives"
    case .wrongInstance: "the document is for another instance"
    case .wrongCluster: "the document is of another cluster"
    case .invalid(let value): "the signed \(value)"
    case .unsignable: "the key cannot sign"
    }
  }
}
