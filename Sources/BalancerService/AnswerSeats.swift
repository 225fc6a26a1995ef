internal import ClusterAPI
internal import ClusterModel
internal import HTTPTypes
internal import Hummingbird
internal import ServiceSupport
internal import Synchronization

/// Counts the answers to questions that tokens ask: a viewer who asks without reading what comes
/// holds a share of the memory, and no more. Whoever comes through the Unix socket is not counted.
final class AnswerSeats: Sendable {
  private struct Share {
    var answers = 0
    /// Bytes that have not been taken.
    var bytes = 0
  }

  private struct State {
    var tokens: [String: Share] = [:]
    var all = Share()
  }

  /// Room for one answer, given back when nobody refers to it any more: when the answer was taken,
  /// or the connection is gone.
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

  /// The route, with its answers counted where it is one at which tokens ask.
  func counting(_ route: ServiceRoute) -> ServiceRoute {
    // The feed has seats of its own.
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
        // The end is written when the rest has gone out: until then the seat is taken.
        try await body.write(writer)
        withExtendedLifetime(seat) {}
      }
      return response
    }
  }

  private func seat(of token: String) throws(Problem) -> Seat {
    let enters = state.withLock { state in
      let share = state.tokens[token, default: Share()]
      guard share.answers < Limits.answersOfToken, state.all.answers < Limits.answers else {
        return false
      }
      state.tokens[token, default: Share()].answers += 1
      state.all.answers += 1
      return true
    }
    guard enters else { throw Self.tooMany }
    return Seat(self, token)
  }

  private func hold(_ bytes: Int, _ token: String) throws(Problem) {
    let hasRoom = state.withLock { state in
      // One answer always has room, however long it is.
      let own = state.tokens[token, default: Share()].bytes
      guard own == 0 || own + bytes <= Limits.answerBytesOfToken,
        own == 0 || state.all.bytes + bytes <= Limits.answerBytes
      else { return false }
      state.tokens[token, default: Share()].bytes += bytes
      state.all.bytes += bytes
      return true
    }
    guard hasRoom else { throw Self.tooMany }
  }

  private func leave(_ token: String, bytes: Int) {
    state.withLock { state in
      state.all.answers -= 1
      state.all.bytes -= bytes
      guard var share = state.tokens[token] else { return }
      share.answers -= 1
      share.bytes -= bytes
      state.tokens[token] = share.answers > 0 ? share : nil
    }
  }

  private static var tooMany: Problem {
    Problem(.tooMany, "Too many answers to this token wait until somebody reads them.")
  }
}
