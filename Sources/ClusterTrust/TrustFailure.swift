package import ClusterModel

/// Why a signed document or a token is not trusted.
///
/// The words name the reason and never repeat what was sent, nor any part of a key.
package enum TrustFailure: Error, Equatable, Sendable {
  /// Not a JWT at all, or its claims cannot be read.
  case malformed
  /// Signed with anything but EdDSA, `none` included.
  case wrongAlgorithm
  /// Good for something else: a token shown as a desired state, or the other way round.
  case wrongPurpose
  /// Altered, or signed with another key than the one that is trusted.
  case wrongSignature
  /// A token that is over, or of the future, by the reader's clock, which is this many seconds
  /// ahead of the balancer's or, negative, behind it. Balancers make a new one for each
  /// connection, so it is the clocks, or an old token is shown once more.
  case clocksApart(seconds: Int64)
  /// Made for a longer time than any balancer makes one.
  case wrongLifetime
  /// For another instance.
  case wrongInstance
  /// Of another cluster.
  case wrongCluster
  /// Well signed, and yet a value breaks a rule of the model.
  case invalid(InvalidValue)
  /// The key cannot sign; never seen with a key that was read without an error.
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
