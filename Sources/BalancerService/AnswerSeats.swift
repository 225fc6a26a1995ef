internal import ClusterAPI
internal import ClusterModel
internal import HTTPTypes
internal import Hummingbird
internal import ServiceSupport
internal import Synchronization

/// Limits the answers that wait for each token, so that a viewer who asks and does not read gets
/// only a share of the memory. The Unix socket has no such limit.
final class AnswerSeats: Sendable {
  private struct State {
    var answers = Shares<String>()
    /// Bytes that were not read yet.
    var bytes = Shares<String>()
  }

  /// A place for one answer. It is free again when nobody refers to this object: after the answer
  /// was read, or its connection has gone.
  private final class Seat: Sendable {
    let seats: AnswerSeats
    let token: String
    private let bytes = Atomic(0)

    init(_ seats: AnswerSeats, _ token: String) { (self.seats, self.token) = (seats, token) }

    func hold(_ count: Int) throws(Problem) {
      try seats.hold(count, token)
      bytes.store(count, ordering: .relaxed)
    }

    deinit { seats.leave(token, bytes: bytes.load(ordering: .relaxed)) }
  }

  private let state = Mutex(State())

  /// The route, with its answers counted if tokens may ask for it.
  func counting(_ route: ServiceRoute) -> ServiceRoute {
    // The feed has its own seats.
    guard route.method == .get, route.access == .viewer, route.path != "/v1/feed" else {
      return route
    }
    return ServiceRoute(route.method, route.path, route.access, knows: route.knows) {
      request, context in
      guard let token = context.caller?.tokenID else {
        return try await route.handler(request, context)
      }
      let seat = try self.seat(of: token)
      var response = try await route.handler(request, context)
      let body = response.body
      try seat.hold(body.contentLength ?? 0)
      response.body = ResponseBody(contentLength: body.contentLength) { writer in
        // The end is written after everything else went out; until then the seat is taken.
        try await body.write(writer)
        withExtendedLifetime(seat) {}
      }
      return response
    }
  }

  private func seat(of token: String) throws(Problem) -> Seat {
    let enters = state.withLock {
      $0.answers.claim(by: token, most: Limits.answersOfToken, mostInAll: Limits.answers)
    }
    guard enters else { throw Self.tooMany }
    return Seat(self, token)
  }

  private func hold(_ bytes: Int, _ token: String) throws(Problem) {
    let hasRoom = state.withLock { state in
      // One answer is always allowed, however long it is.
      guard state.bytes[token] > 0 else {
        state.bytes.add(bytes, to: token)
        return true
      }
      return state.bytes.claim(
        bytes, by: token, most: Limits.answerBytesOfToken, mostInAll: Limits.answerBytes)
    }
    guard hasRoom else { throw Self.tooMany }
  }

  private func leave(_ token: String, bytes: Int) {
    state.withLock { state in
      state.answers.giveBack(of: token)
      state.bytes.giveBack(bytes, of: token)
    }
  }

  private static var tooMany: Problem {
    Problem(.tooMany, "Too many answers to this token wait until somebody reads them.")
  }
}
