internal import ClusterAPI
internal import ClusterModel
internal import Synchronization

/// The questions for sessions that are under way: one for each instance, whose answer is for
/// everybody who asks meanwhile. So nobody makes a balancer open connections by asking often.
final class SessionQuestions: Sendable {
  typealias Answer = Result<[SessionInfo], any Error>

  private struct State {
    var underWay: [InstanceID: Task<Answer, Never>] = [:]
    /// How many each token has begun.
    var tokens: [String: Int] = [:]
  }

  private let state = Mutex(State())

  /// - Parameters:
  ///   - token: Whoever asks; nil: through the Unix socket.
  ///   - ask: Asks the instance.
  /// - Throws: What `ask` throws; `Problem`, `too-many`.
  func sessions(
    of id: InstanceID, for token: String?,
    _ ask: @escaping @Sendable () async throws -> [SessionInfo]
  ) async throws -> [SessionInfo] {
    let question = try state.withLock { state throws(Problem) in
      if let question = state.underWay[id] { return question }
      if let token {
        guard state.tokens[token, default: 0] < Limits.questionsOfToken else {
          throw Problem(.tooMany, "This token asks too many instances at one time.")
        }
        state.tokens[token, default: 0] += 1
      }
      let question = Task.detached {
        let answer: Answer
        do { answer = .success(try await ask()) } catch { answer = .failure(error) }
        self.ended(id, token)
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
      guard let token, let count = state.tokens[token] else { return }
      state.tokens[token] = count > 1 ? count - 1 : nil
    }
  }
}
