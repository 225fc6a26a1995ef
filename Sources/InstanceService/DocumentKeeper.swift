internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Hosting
internal import Logging
internal import ServiceSupport
internal import Synchronization

/// Verifies signed documents, makes the instance obey them, and stores the current one on the disk.
final class DocumentKeeper: Sendable {
  private struct State {
    /// The keys of the cluster; nil before the first join.
    var chain: KeyChain?
    /// What is stored on the disk.
    var kept: StateDirectory.Kept?
    /// What the instance obeys although it could not be stored.
    var unkept: StateDirectory.Kept?
    /// The used tokens of balancers: each can be used once.
    var usedTokens = UsedTokens(
      lifetime: (BalancerToken.lifetimeSeconds + 2 * BalancerToken.skewSeconds) * 1_000)
  }

  private let state: Mutex<State>
  private let core: InstanceCore
  private let directory: StateDirectory
  private let pinned: ClusterPublicKey?
  private let logger: Logger

  init(
    core: InstanceCore, directory: StateDirectory, kept: StateDirectory.Kept?,
    pinned: ClusterPublicKey?, logger: Logger
  ) {
    // The stored keys begin with the pinned key, which the state directory has checked.
    state = Mutex(State(chain: kept?.chain ?? pinned.map(KeyChain.init(root:)), kept: kept))
    self.core = core
    self.directory = directory
    self.pinned = pinned
    self.logger = logger
  }

  /// The cluster's key; nil before the first join.
  var key: ClusterPublicKey? { chain?.current }

  private var chain: KeyChain? { state.withLock { $0.chain } }

  /// The signed document on the disk, which proves to balancers what the instance obeys; nil before
  /// the first.
  var document: String? { state.withLock { $0.kept?.document } }

  private var cluster: String? {
    let name = core.read(\.cluster)
    return name.isEmpty ? nil : name
  }

  /// The balancer that sent this token.
  ///
  /// - Throws: `Problem`, `unauthorized`, also for a token that was sent before. Before the first
  ///   join `not-joined`: a balancer may connect before its answer to that join has arrived.
  func balancer(showing token: String) async throws -> InstanceID {
    guard let key else { throw notJoined }
    do {
      let shown = try await key.balancer(
        in: token, for: core.id, cluster: cluster, now: SystemClock.now)
      switch use(shown) {
      case .isNew: return shown.balancer
      case .wasShown:
        throw Problem(.unauthorized, "The token was shown before, and opens one request.")
      case .isFull:
        throw Problem(
          .tooMany, "Balancers ask \(core.id) more often than it can remember their tokens.",
          retryAfterSeconds: 1)
      }
    } catch let problem as Problem {
      throw problem
    } catch TrustFailure.clocksApart(let seconds) {
      throw clocksApart(seconds)
    } catch {
      throw Problem(.unauthorized, "The token is refused: \(error.plainWords).")
    }
  }

  /// Tokens of balancers of an older release have no name, so that their use cannot be noted.
  private func use(_ token: BalancerToken) -> UsedTokens.Use {
    guard let name = token.id else { return .isNew }
    let now = SystemClock.monotonicMilliseconds
    return state.withLock { $0.usedTokens.use("\(token.balancer) \(name)", now: now) }
  }

  /// The balancer gets these words and shows them to its operators.
  private func clocksApart(_ seconds: Int64) -> Problem {
    let way = seconds < 0 ? "behind" : "ahead of"
    let words = "the clock of \(core.id) is \(abs(seconds)) s \(way) the balancer's"
    logger.warning(
      "A balancer's token is refused; either the clocks differ, or the token is an old one",
      metadata: ["reason": "\(words)"])
    return Problem(.unauthorized, "\(words).")
  }

  /// Takes a document of any sender. If its signature is wrong, nothing changes.
  ///
  /// - Returns: What was done with it.
  /// - Throws: `Problem`: it is not trusted, or there is no key yet to verify it.
  func obey(_ document: String) async throws -> ObeyOutcome {
    guard let chain else { throw notJoined }
    let desired: DesiredState
    do {
      desired = try await chain.current.desiredState(in: document, for: core.id, cluster: cluster)
    } catch .malformed, .invalid {
      throw Problem(.invalidRequest, "The body must be a signed desired state (JWT).")
    } catch {
      throw Problem(.unauthorized, "The desired state is refused: \(error.plainWords).")
    }
    let kept = StateDirectory.Kept(chain: chain, document: document, desired: desired)
    return obey(desired, kept, byJoin: false)
  }

  private var notJoined: Problem {
    Problem(.notJoined, "\(core.id) knows no cluster's key: it has not joined yet.")
  }

  /// Follows steps of the cluster's key. If their signatures are wrong, nothing changes.
  ///
  /// - Returns: The current key.
  /// - Throws: `Problem`: not trusted, not stored, or no key is known yet.
  func follow(_ steps: KeySteps) async throws -> KeyAnswer {
    guard let before = chain else { throw notJoined }
    var chain = before
    do {
      _ = try await chain.follow(steps.rotations.map(KeyChain.Step.init), cluster: cluster)
    } catch {
      throw Problem(.unauthorized, "The new key is refused: \(error.plainWords).")
    }
    return KeyAnswer(publicKey: try adopt(chain).text)
  }

  /// Puts a chain into force that begins as the current one does. It must be stored first, or a
  /// restart would lead back to the older key.
  private func adopt(_ chain: KeyChain) throws -> ClusterPublicKey {
    try state.withLock { state in
      guard let known = state.chain else { throw notJoined }
      // Another request may have led further meanwhile.
      guard chain.keys.starts(with: known.keys), chain != known else { return known.current }
      if var kept = state.kept {
        kept.chain = chain
        do { try directory.save(kept) } catch {
          throw Problem(.internalError, "\(core.id) cannot keep the new key: \(error.plainWords)")
        }
        state.kept = kept
      }
      state.unkept?.chain = chain
      state.chain = chain
      logger.notice(
        "The cluster's key was replaced", metadata: ["publicKey": "\(chain.current.text)"])
      return chain.current
    }
  }

  /// Takes the answer to a join.
  ///
  /// - Parameter endpoint: The sender. The instance accepts a new key only over a socket of this
  ///   machine or over TLS, where the sender has proved to be the balancer.
  /// - Throws: `DistrustedAnswer`: nothing of it was obeyed.
  func obey(_ answer: JoinAnswer, from endpoint: Endpoint) async throws -> ObeyOutcome {
    do {
      let key = try ClusterPublicKey(answer.publicKey)
      let chain = try await chain(leadingTo: key, answer)
      guard pinned == nil || chain.keys.first == pinned else {
        throw DistrustedAnswer("the cluster's key is not the one that --cluster-key names")
      }
      if let known = self.key, !chain.keys.contains(known), case .http = endpoint {
        throw DistrustedAnswer(
          "\(endpoint) shows another key than the cluster's, over a line that anybody can forge; "
            + "name the new one with --cluster-key, join over a Unix socket or TLS, or use "
            + "another --state-directory")
      }
      if let cluster, cluster != answer.cluster {
        throw DistrustedAnswer(
          "the balancer belongs to another cluster, and this instance to \(cluster); use "
            + "another --state-directory to move it")
      }
      let desired = try await key.desiredState(
        in: answer.desired, for: core.id, cluster: answer.cluster)
      // The steps are stored first, whatever happens to the order.
      if let known = self.chain, chain.keys.starts(with: known.keys) { _ = try adopt(chain) }
      let kept = StateDirectory.Kept(chain: chain, document: answer.desired, desired: desired)
      return obey(desired, kept, byJoin: true)
    } catch let error as DistrustedAnswer {
      throw error
    } catch {
      throw DistrustedAnswer("\(error.plainWords)")
    }
  }

  /// The keys in an answer: proved by steps from the current one, or by the answer alone.
  ///
  /// - Throws: `DistrustedAnswer` for a key that was replaced: the balancer has an older registry.
  private func chain(
    leadingTo key: ClusterPublicKey, _ answer: JoinAnswer
  ) async throws -> KeyChain {
    guard var chain else { return KeyChain(root: key) }
    if chain.current == key { return chain }
    guard !chain.keys.contains(key) else {
      throw DistrustedAnswer(
        "the balancer signs with a key that was replaced; its registry is an older copy. Give it "
          + "the newer one, or remove the file desired.json of this instance")
    }
    let steps = (answer.rotations ?? []).map(KeyChain.Step.init)
    _ = try? await chain.follow(steps, cluster: answer.cluster)
    return chain.current == key ? chain : KeyChain(root: key)
  }

  /// Obeys and stores in one step, so that the file never has an older document than the one in
  /// force.
  private func obey(
    _ desired: DesiredState, _ kept: StateDirectory.Kept, byJoin: Bool
  ) -> ObeyOutcome {
    state.withLock { state in
      let outcome = core.obey(desired, byJoin: byJoin)
      var kept = kept
      // A step that was followed meanwhile is not undone.
      if let known = state.chain, known.keys.starts(with: kept.chain.keys) { kept.chain = known }
      // The order that is in force came with a new key.
      if outcome == .known, state.chain != kept.chain {
        (state.chain, state.unkept) = (kept.chain, kept)
      }
      if case .obeyed = outcome {
        (state.chain, state.unkept) = (kept.chain, kept)
        logger.notice(
          "Obeying",
          metadata: [
            "cluster": "\(desired.cluster)", "revision": "\(desired.revision)",
            "admission": "\(desired.removed ? "removed" : desired.admission.rawValue)",
          ])
      }
      // This includes a document that is known: balancers repeat it, and the disk may work again.
      if let unkept = state.unkept {
        do {
          try directory.save(unkept)
          (state.kept, state.unkept) = (unkept, nil)
          core.kept(unkept.desired)
        } catch {
          logger.error(
            "A desired state is obeyed but not kept, and so not confirmed",
            metadata: ["error": "\(error.plainWords)"])
        }
      }
      return outcome
    }
  }
}

/// Why the answer to a join was not accepted.
struct DistrustedAnswer: PlainError {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
