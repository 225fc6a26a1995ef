internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ServiceSupport
internal import Synchronization

/// Who asks for something of an instance.
struct InstanceAsker: Hashable, Sendable {
  var id: InstanceID
  /// Nil: the Unix socket.
  var token: String?
}

/// Lets joins in: with one token, or over the Unix socket, one decision at a time for each id, and
/// no more than honest instances ask for.
///
/// Who asks counts for himself: whatever a token tries with an id that is nobody's yet, whoever is
/// to own it is let in.
final class JoinDoor: Sendable {
  private struct State {
    /// Joins that are being decided.
    var deciding: Set<InstanceAsker> = []
    var ids = Allowances<InstanceAsker>(
      perSecond: Limits.joinsPerSecond, atOnce: Limits.joinsAtOnce)
    var tokens = Allowances<String>(
      perSecond: Limits.joinsPerTokenPerSecond, atOnce: Limits.joinsPerTokenAtOnce)
  }

  private let state = Mutex(State())

  /// Decides a join.
  ///
  /// - Parameter token: The token that was shown; nil over the Unix socket, whose users are trusted
  ///   not to flood.
  /// - Throws: `Problem`, `too-many`, and what `decide` throws.
  func join<Answer: Sendable>(
    _ id: InstanceID, token: String?, _ decide: () async throws -> Answer
  ) async throws -> Answer {
    let asker = InstanceAsker(id: id, token: token)
    try enter(asker, now: SystemClock.monotonicMilliseconds)
    defer { _ = state.withLock { $0.deciding.remove(asker) } }
    return try await decide()
  }

  private func enter(_ asker: InstanceAsker, now: Int64) throws {
    try state.withLock { state in
      if let token = asker.token, !state.tokens.take(token, now: now) {
        throw Problem(
          .tooMany, "This token joins more often than instances do.", retryAfterSeconds: 5)
      }
      guard state.ids.take(asker, now: now) else {
        throw Problem(
          .tooMany, "\(asker.id) joins more often than an instance does.", retryAfterSeconds: 5)
      }
      guard state.deciding.insert(asker).inserted else {
        throw Problem(
          .tooMany, "Another join of \(asker.id) is being decided.", retryAfterSeconds: 1)
      }
    }
  }
}

/// Lets readers of an instance's sessions in: each reading has a token made, and an instance must
/// remember all of them while they count.
final class SessionDoor: Sendable {
  private let reads = Mutex(
    Allowances<InstanceAsker>(
      perSecond: Limits.sessionReadsPerSecond, atOnce: Limits.sessionReadsAtOnce))

  /// - Throws: `Problem`, `too-many`.
  func enter(_ id: InstanceID, token: String?) throws {
    let now = SystemClock.monotonicMilliseconds
    guard reads.withLock({ $0.take(InstanceAsker(id: id, token: token), now: now) }) else {
      throw Problem(
        .tooMany, "The sessions of \(id) are read too often.", retryAfterSeconds: 1)
    }
  }
}
