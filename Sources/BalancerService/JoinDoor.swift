internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import ServiceSupport
internal import Synchronization

/// Lets joins in: one decision at a time for each id, and no more of one id and of one token than
/// honest instances ask for.
final class JoinDoor: Sendable {
  fileprivate struct State {
    /// Ids whose join is being decided.
    var deciding: Set<InstanceID> = []
    var ids: [InstanceID: Allowance] = [:]
    var tokens: [String: Allowance] = [:]
  }

  /// Above this, ids and tokens of which nothing is used are forgotten.
  private static let mostRemembered = 4_096

  private let state = Mutex(State())

  /// Decides a join.
  ///
  /// - Parameter token: The token that was shown; nil over the Unix socket, whose users are trusted
  ///   not to flood.
  /// - Throws: `Problem`, `too-many`, and what `decide` throws.
  func join<Answer: Sendable>(
    _ id: InstanceID, token: String?, _ decide: () async throws -> Answer
  ) async throws -> Answer {
    try enter(id, token, now: SystemClock.monotonicMilliseconds)
    defer { _ = state.withLock { $0.deciding.remove(id) } }
    return try await decide()
  }

  private func enter(_ id: InstanceID, _ token: String?, now: Int64) throws {
    try state.withLock { state in
      state.forget(over: Self.mostRemembered, now: now)
      if let token {
        var allowance = state.tokens[token] ?? Allowance(
          perSecond: Limits.joinsPerTokenPerSecond, atOnce: Limits.joinsPerTokenAtOnce)
        defer { state.tokens[token] = allowance }
        guard allowance.take(now: now) else {
          throw Problem(
            .tooMany, "This token joins more often than instances do.", retryAfterSeconds: 5)
        }
      }
      var allowance = state.ids[id] ?? Allowance(
        perSecond: Limits.joinsPerSecond, atOnce: Limits.joinsAtOnce)
      defer { state.ids[id] = allowance }
      guard allowance.take(now: now) else {
        throw Problem(
          .tooMany, "\(id) joins more often than an instance does.", retryAfterSeconds: 5)
      }
      guard state.deciding.insert(id).inserted else {
        throw Problem(
          .tooMany, "Another join of \(id) is being decided.", retryAfterSeconds: 1)
      }
    }
  }
}

extension JoinDoor.State {
  fileprivate mutating func forget(over most: Int, now: Int64) {
    if ids.count > most { ids = ids.filter { !$0.value.isUnused(now: now) } }
    if tokens.count > most { tokens = tokens.filter { !$0.value.isUnused(now: now) } }
  }
}

extension Allowance {
  fileprivate func isUnused(now: Int64) -> Bool {
    var copy = self
    return copy.isFull(now: now)
  }
}
