internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust

/// Checks the signed documents with which instances prove what they obey.
struct ProofReader: Sendable {
  let keys: SigningKeys
  let cluster: String

  /// The claim of an instance, with its proof: a document counts if the cluster's key, or an
  /// earlier one, signed it for this instance and this cluster.
  func claim(of id: InstanceID, _ answer: DesiredAnswer) async -> ObeyClaim {
    var claim = ObeyClaim(revision: answer.revision, digest: answer.digest)
    guard let document = answer.desired else { return claim }
    claim.proof = .refused(reason: "this balancer knows no key of the cluster")
    for key in keys.publicKeys {
      do throws(TrustFailure) {
        let desired = try await key.desiredState(in: document, for: id, cluster: cluster)
        claim.proof = .document(desired)
        return claim
      } catch {
        claim.proof = .refused(reason: error.plainWords)
        guard error == .wrongSignature else { return claim }
      }
    }
    return claim
  }

  /// The claim in the answer to a document that this balancer has signed: if the answer says that
  /// exactly this is obeyed, the document itself is the proof.
  static func claim(_ answer: DesiredAnswer, to sent: DesiredState) -> ObeyClaim {
    let isSent = answer.revision == sent.revision && !sent.differs(from: answer.digest)
    return ObeyClaim(
      revision: answer.revision, digest: answer.digest, proof: isSent ? .document(sent) : .none)
  }
}

extension LoadHello {
  /// What the hello says about orders.
  var obeyed: DesiredAnswer {
    DesiredAnswer(revision: revision, digest: digest, desired: desired)
  }
}
