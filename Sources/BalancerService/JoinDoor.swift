internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ServiceSupport
internal import Synchronization

/// An asker about an instance.
struct InstanceAsker: Hashable, Sendable {
  var id: InstanceID
  /// Nil: the Unix socket.
  var token: String?
}

/// Limits joins: one decision at a time for each id and asker, and no more than honest instances
/// ask for. An asker is a token, or the Unix socket.
///
/// Each asker is counted separately: if one token tries an id that nobody owns yet, other tokens
/// and the Unix socket can still join it.
final class JoinDoor: Sendable {
  private struct State {
    /// The joins that are being decided.
    var deciding: Set<InstanceAsker> = []
    var ids = Allowances<InstanceAsker>(
      perSecond: Limits.joinsPerSecond, atOnce: Limits.joinsAtOnce)
    var tokens = Allowances<String>(
      perSecond: Limits.joinsPerTokenPerSecond, atOnce: Limits.joinsPerTokenAtOnce)
  }

  private let state = Mutex(State())

  /// Decides a join.
  ///
  /// - Parameter token: The token of the request; nil over the Unix socket, whose users are trusted
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
      if let token = asker.token, !state.tokens.spend(token, now: now) {
        throw Problem(
          .tooMany, "This token joins more often than instances do.", retryAfterSeconds: 5)
      }
      guard state.ids.spend(asker, now: now) else {
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
