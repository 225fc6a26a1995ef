package import ClusterModel

/// The keys of a cluster that a reader trusts, oldest first: the one that it was given, and those
/// that each step proved. Only the last one counts; the older ones verify what was signed before.
package struct KeyChain: Equatable, Sendable {
  /// One step, and the key from which it starts.
  package struct Step: Equatable, Sendable {
    /// The older key: 32 bytes in base64url.
    package var from: String
    /// The document that the older key signed (JWT).
    package var document: String

    package init(from: String, document: String) {
      self.from = from
      self.document = document
    }
  }

  package private(set) var keys: [ClusterPublicKey]
  /// The steps that were followed.
  package private(set) var steps: [Step] = []

  package init(root: ClusterPublicKey) { keys = [root] }

  /// The key that counts.
  package var current: ClusterPublicKey { keys[keys.count - 1] }
  package var root: ClusterPublicKey { keys[0] }

  /// Follows those of these steps that lead on from the current key, in order. A step from another
  /// key is skipped, so that everybody can be given the whole history. A step that is not trusted
  /// ends the walk, so that a stranger can have only one signature checked.
  ///
  /// - Parameter cluster: Nil where the reader does not know its cluster's name yet.
  /// - Returns: Whether the current key has changed.
  /// - Throws: Why a step from the current key was not trusted; earlier steps stay followed.
  package mutating func follow(
    _ steps: [Step], cluster: String?
  ) async throws(TrustFailure) -> Bool {
    let before = current
    for step in steps where step.from == current.text {
      let next = try await current.successor(in: step.document, cluster: cluster)
      guard !keys.contains(next) else { throw .wrongSignature }
      keys.append(next)
      self.steps.append(step)
    }
    return current != before
  }

  /// The same chain, beginning at another of its keys; nil where the chain does not have that key.
  package func starting(at key: ClusterPublicKey) -> KeyChain? {
    guard let place = keys.firstIndex(of: key) else { return nil }
    var chain = KeyChain(root: key)
    (chain.keys, chain.steps) = (Array(keys[place...]), Array(steps[place...]))
    return chain
  }

  /// Verifies a stored desired state, which any of the keys may have signed. A newly received one
  /// needs the newest key.
  ///
  /// - Throws: The newest key's reason.
  package func desiredState(
    in document: String, for instance: InstanceID, cluster: String?
  ) async throws(TrustFailure) -> DesiredState {
    do {
      return try await current.desiredState(in: document, for: instance, cluster: cluster)
    } catch {
      guard error == .wrongSignature else { throw error }
      for key in keys.dropLast().reversed() {
        do throws(TrustFailure) {
          return try await key.desiredState(in: document, for: instance, cluster: cluster)
        } catch .wrongSignature {}
      }
      throw error
    }
  }
}
