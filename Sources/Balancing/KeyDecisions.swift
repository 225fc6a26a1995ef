package import ClusterModel

/// Why the signing key was not replaced. Nothing was changed.
package enum KeyRefusal: Error, Equatable, Sendable {
  /// The key that signed this step is not the current one any more.
  case replacedMeanwhile
}

/// The decision about the signing key. It runs inside the registry's transaction, as `Decision`
/// does.
extension RegistryContents {
  /// Replaces the signing key.
  ///
  /// - Parameters:
  ///   - old: The key that signed the step.
  ///   - new: The key that signs from now on.
  ///   - document: The signed step.
  /// - Returns: The words for the log.
  package mutating func replaceKey(
    _ old: (seed: SigningSeed, publicKey: String), by new: (seed: SigningSeed, publicKey: String),
    document: String, at: Timestamp
  ) throws(KeyRefusal) -> ActionDraft {
    guard signingSeed == old.seed, old.publicKey != new.publicKey else { throw .replacedMeanwhile }
    let step = KeyRotation(
      number: (rotations.last?.number ?? 0) + 1, from: old.publicKey, to: new.publicKey,
      document: document, at: at)
    rotations = (rotations + [step]).suffix(Limits.keySteps)
    signingSeed = new.seed
    return ActionDraft(.rotateKey, result: "the cluster's key is \(new.publicKey)")
  }
}
