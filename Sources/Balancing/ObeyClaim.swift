package import ClusterModel

/// The order that an instance says it obeys, and its proof.
package struct ObeyClaim: Equatable, Sendable {
  package enum Proof: Equatable, Sendable {
    /// It sent no proof, as an instance of an older release does.
    case none
    /// It sent a document that the cluster's key has signed for it.
    case document(DesiredState)
    /// It sent a document that is not trusted, for this reason.
    case refused(reason: String)
  }

  /// The revision that it reported.
  package var revision: Int64
  /// The digest of the order that it reported; nil from an older release.
  package var digest: String?
  package var proof: Proof

  package init(revision: Int64, digest: String? = nil, proof: Proof = .none) {
    self.revision = revision
    self.digest = digest
    self.proof = proof
  }
}

/// What a balancer concludes from a claim.
struct Belief: Equatable, Sendable {
  /// The order that the instance probably obeys; nil: not known.
  var revision: Int64?
  var digest: String?
  /// Whether the cluster's signature proves it.
  var isProven = false
  /// Why the claim is ignored, in plain words; nil: it is not.
  var doubt: String?
}

extension RegistryContents {
  /// The part of a claim that is trusted: what a signed document proves, and a revision that is not
  /// later than the newest order of this registry.
  ///
  /// Without a proof an instance can send any number, so no number follows from it.
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
