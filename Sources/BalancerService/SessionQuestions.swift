internal import ClusterAPI
internal import ClusterModel
internal import ServiceSupport
internal import Synchronization

/// Asks instances for their sessions: one question at a time for each instance, whose answer goes
/// to everybody who asks meanwhile. So frequent questions open no more connections. Each question
/// also needs a JWT, which the instance must remember while it is valid; therefore there is a rate
/// limit.
final class SessionQuestions: Sendable {
  typealias Answer = Result<[SessionInfo], any Error>

  private struct State {
    var underWay: [InstanceID: Task<Answer, Never>] = [:]
    /// The questions that each token has begun.
    var tokens = Shares<String>()
    var rates = Allowances<InstanceAsker>(
      perSecond: Limits.sessionReadsPerSecond, atOnce: Limits.sessionReadsAtOnce)
  }

  private let state = Mutex(State())

  /// - Parameters:
  ///   - token: The asker's token; nil: the Unix socket.
  ///   - ofSearch: Whether it is one of many questions of a search, which counts as a whole.
  ///   - ask: Asks the instance.
  /// - Throws: What `ask` throws; `Problem`, `too-many`.
  func sessions(
    of id: InstanceID, for token: String?, ofSearch: Bool = false,
    _ ask: @escaping @Sendable () async throws -> [SessionInfo]
  ) async throws -> [SessionInfo] {
    let question = try state.withLock { state throws(Problem) in
      if let question = state.underWay[id] { return question }
      let now = SystemClock.monotonicMilliseconds
      guard state.rates.spend(InstanceAsker(id: id, token: token), now: now) else {
        throw Problem(.tooMany, "The sessions of \(id) are read too often.", retryAfterSeconds: 1)
      }
      let counted = ofSearch ? nil : token
      if let token = counted, !state.tokens.claim(by: token, most: Limits.questionsOfToken) {
        throw Problem(.tooMany, "This token asks too many instances at one time.")
      }
      let question = Task.detached {
        let answer: Answer
        do { answer = .success(try await ask()) } catch { answer = .failure(error) }
        self.ended(id, counted)
        return answer
      }
      state.underWay[id] = question
      return question
    }
    return try await question.value.get()
  }

  private func ended(_ id: InstanceID, _ token: String?) {
    state.withLock { state in
      state.underWay[id] = nil
      if let token { state.tokens.giveBack(of: token) }
    }
  }
}
