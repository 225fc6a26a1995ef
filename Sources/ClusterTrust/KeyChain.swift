package import ClusterModel

/// The keys by which somebody knew a cluster's word, oldest first: one that was given, and those
/// that each step proved. The last one counts; the older ones only tell what was signed before.
package struct KeyChain: Equatable, Sendable {
  /// One step, and the key that it starts from.
  package struct Step: Equatable, Sendable {
    /// 32 bytes in base64url.
    package var from: String
    /// Signed with it (JWT).
    package var document: String

    package init(from: String, document: String) {
      self.from = from
      self.document = document
    }
  }

  package private(set) var keys: [ClusterPublicKey]
  /// Those that were followed.
  package private(set) var steps: [Step] = []

  package init(root: ClusterPublicKey) { keys = [root] }

  /// Whose word counts.
  package var current: ClusterPublicKey { keys[keys.count - 1] }
  package var root: ClusterPublicKey { keys[0] }

  /// Follows as many of these steps as lead on from the current key, in their order. A step from
  /// any other key is passed over, so that a whole history can be given to everybody; one that is
  /// not trusted ends it, so that a stranger has one signature looked at.
  ///
  /// - Parameter cluster: Nil where the reader does not know its cluster's name yet.
  /// - Returns: Whether the current key is a different one now.
  /// - Throws: Why a step from the current key was not trusted; what was followed before stays.
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

  /// The same trust, told from another key of it on; nil where that key is none of it.
  package func starting(at key: ClusterPublicKey) -> KeyChain? {
    guard let place = keys.firstIndex(of: key) else { return nil }
    var chain = KeyChain(root: key)
    (chain.keys, chain.steps) = (Array(keys[place...]), Array(steps[place...]))
    return chain
  }

  /// Verifies a stored desired state, which any of the keys may have signed. A desired state that
  /// arrives now needs the newest key.
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
