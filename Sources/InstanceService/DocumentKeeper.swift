internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Hosting
internal import Logging
internal import ServiceSupport
internal import Synchronization

/// Whose word the instance obeys: believes signed documents, has the instance obey them, and
/// keeps the one in force on the disk.
final class DocumentKeeper: Sendable {
  private struct State {
    var key: ClusterPublicKey?
    /// Obeyed and not on the disk: writing it failed.
    var unkept: StateDirectory.Kept?
    /// When the log last named the difference of the clocks.
    var clocksNamedAt: Int64?
  }

  private static let lineMilliseconds: Int64 = 60_000

  private let state: Mutex<State>
  private let core: InstanceCore
  private let directory: StateDirectory
  private let pinned: ClusterPublicKey?
  private let logger: Logger

  init(
    core: InstanceCore, directory: StateDirectory, kept: ClusterPublicKey?,
    pinned: ClusterPublicKey?, logger: Logger
  ) {
    state = Mutex(State(key: pinned ?? kept))
    self.core = core
    self.directory = directory
    self.pinned = pinned
    self.logger = logger
  }

  /// The cluster's key; nil before the first join.
  var key: ClusterPublicKey? { state.withLock { $0.key } }

  private var cluster: String? {
    let name = core.read(\.cluster)
    return name.isEmpty ? nil : name
  }

  /// The balancer that shows this token.
  ///
  /// - Throws: `Problem`, `unauthorized`.
  func balancer(showing token: String) async throws -> InstanceID {
    guard let key else {
      throw Problem(.unauthorized, "\(core.id) knows no cluster's key: it has not joined yet.")
    }
    do {
      return try await key.balancer(
        in: token, for: core.id, cluster: cluster, now: SystemClock.now)
    } catch .clocksApart(let seconds) {
      throw clocksApart(seconds)
    } catch {
      throw Problem(.unauthorized, "The token is refused: \(error).")
    }
  }

  /// The balancer hears of it in these words, and shows them to its operators.
  private func clocksApart(_ seconds: Int64) -> Problem {
    let way = seconds < 0 ? "behind" : "ahead of"
    let words = "the clock of \(core.id) is \(abs(seconds)) s \(way) the balancer's"
    let isNews = state.withLock { state in
      let now = SystemClock.monotonicMilliseconds
      if let last = state.clocksNamedAt, now - last < Self.lineMilliseconds { return false }
      state.clocksNamedAt = now
      return true
    }
    if isNews {
      logger.warning(
        "A balancer's token is refused: \(words), or the token is an old one; said once a minute")
    }
    return Problem(.unauthorized, "\(words).")
  }

  /// Takes a document that somebody sent: it proves itself or changes nothing.
  ///
  /// - Returns: What came of it.
  /// - Throws: `Problem`: not believed, or no key is known to believe it by.
  func take(_ document: String) async throws -> ObeyOutcome {
    guard let key else {
      throw Problem(.notJoined, "\(core.id) knows no cluster's key: it has not joined yet.")
    }
    let desired: DesiredState
    do {
      desired = try await key.desiredState(in: document, for: core.id, cluster: cluster)
    } catch .malformed, .invalid {
      throw Problem(.invalidRequest, "The body must be a signed desired state (JWT).")
    } catch {
      throw Problem(.unauthorized, "The desired state is refused: \(error).")
    }
    let kept = StateDirectory.Kept(key: key, document: document, desired: desired)
    return obey(desired, kept, byJoin: false)
  }

  /// Takes the answer to a join.
  ///
  /// - Parameter endpoint: Who answered. A key other than the one that is known is believed only of
  ///   somebody who has proved to be the balancer: over a socket of this machine, or over TLS.
  /// - Throws: `DistrustedAnswer`: nothing of it was obeyed.
  func take(_ answer: JoinAnswer, from endpoint: Endpoint) async throws -> ObeyOutcome {
    do {
      let key = try ClusterPublicKey(answer.publicKey)
      guard pinned == nil || pinned == key else {
        throw DistrustedAnswer("the cluster's key is not the one that --cluster-key names")
      }
      if let known = self.key, known != key, case .http = endpoint {
        throw DistrustedAnswer(
          "\(endpoint) shows another key than the cluster's, over a line on which anybody could; "
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
      let kept = StateDirectory.Kept(key: key, document: answer.desired, desired: desired)
      return obey(desired, kept, byJoin: true)
    } catch let error as DistrustedAnswer {
      throw error
    } catch {
      throw DistrustedAnswer("\(error)")
    }
  }

  /// Obeys and keeps as one step, so that the file never holds an older document than the one in
  /// force.
  private func obey(
    _ desired: DesiredState, _ kept: StateDirectory.Kept, byJoin: Bool
  ) -> ObeyOutcome {
    state.withLock { state in
      let outcome = core.obey(desired, byJoin: byJoin)
      if case .obeyed = outcome {
        state.key = kept.key
        state.unkept = kept
        logger.notice(
          "Obeying",
          metadata: [
            "cluster": "\(desired.cluster)", "revision": "\(desired.revision)",
            "admission": "\(desired.removed ? "removed" : desired.admission.rawValue)",
          ])
      }
      // Also for a document that is known: balancers repeat it, and the disk may be back.
      if let unkept = state.unkept {
        do {
          try directory.save(unkept)
          state.unkept = nil
          core.kept(unkept.desired)
        } catch {
          logger.error(
            "A desired state is obeyed but not kept, and so not confirmed",
            metadata: ["error": "\(error)"])
        }
      }
      return outcome
    }
  }
}

/// Why the answer to a join was not taken.
struct DistrustedAnswer: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
