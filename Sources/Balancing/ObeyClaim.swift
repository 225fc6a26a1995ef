package import ClusterModel

/// What an instance says that it obeys, and what it has shown to prove it.
package struct ObeyClaim: Equatable, Sendable {
  package enum Proof: Equatable, Sendable {
    /// It has shown nothing, as an instance of an older release does.
    case none
    /// It has shown a document that the cluster's key has signed for it.
    case document(DesiredState)
    /// It has shown a document that is not trusted, for this reason.
    case refused(reason: String)
  }

  /// The number that it says.
  package var revision: Int64
  /// Stands for the words that it says it obeys; nil from an older release.
  package var digest: String?
  package var proof: Proof

  package init(revision: Int64, digest: String? = nil, proof: Proof = .none) {
    self.revision = revision
    self.digest = digest
    self.proof = proof
  }
}

/// What a balancer makes of a claim.
struct Belief: Equatable, Sendable {
  /// The order that the instance is taken to obey; nil: not known.
  var revision: Int64?
  var digest: String?
  /// The cluster's signature proves it.
  var isProven = false
  /// Why the claim is ignored, in plain words; nil: it is not.
  var doubt: String?
}

extension RegistryContents {
  /// What of a claim is trusted: what a signed document proves, and what is no later than the
  /// newest order of this registry.
  ///
  /// A number without a proof costs an instance nothing, so no number follows from it.
  func belief(in claim: ObeyClaim) -> Belief {
    switch claim.proof {
    case .document(let order) where order.epoch == epoch:
      return Belief(revision: order.revision, digest: order.digest, isProven: true)
    case .document:
      return Belief(doubt: "it obeys an order of another registry; that number means nothing here")
    case .refused(let reason):
      return Belief(
        doubt: "it shows an order that is not trusted (\(reason)); its number is ignored")
    case .none where claim.revision > revision:
      return Belief(
        doubt: "it says that it obeys order \(claim.revision), without the signed order that "
          + "proves it, and the newest order is \(revision); the number is ignored")
    case .none:
      return Belief(revision: claim.revision, digest: claim.digest)
    }
  }
}
