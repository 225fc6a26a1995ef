internal import ClusterAPI
internal import ServiceSupport
internal import Synchronization

/// Who reads the status feed. Each door has as many seats, so that whoever comes over TCP takes
/// none of the operators on the machine, and one token has a share of those over TCP.
final class FeedSeats: Sendable {
  /// Taken by one reader.
  struct Seat: Hashable, Sendable {
    fileprivate let door: Door
    fileprivate let tokenID: String?
  }

  private struct State {
    var doors: [Door: Int] = [:]
    var tokens: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private let most: Int
  private let mostOfToken: Int

  init(_ limits: ServiceLimits) {
    (most, mostOfToken) = (limits.feedReaders, limits.feedReadersPerToken)
  }

  /// - Throws: `Problem`, `too-many`.
  func take(_ context: ServiceContext) throws(Problem) -> Seat {
    let seat = Seat(door: context.door, tokenID: context.caller?.tokenID)
    let problem = state.withLock { state -> Problem? in
      guard state.doors[seat.door, default: 0] < most else {
        return Problem(.tooMany, "\(most) readers are on the feed already.")
      }
      if let token = seat.tokenID, state.tokens[token, default: 0] >= mostOfToken {
        return Problem(.tooMany, "\(mostOfToken) readers with this token are on the feed already.")
      }
      Self.add(1, of: seat, to: &state)
      return nil
    }
    if let problem { throw problem }
    return seat
  }

  func giveBack(_ seat: Seat) {
    state.withLock { Self.add(-1, of: seat, to: &$0) }
  }

  private static func add(_ number: Int, of seat: Seat, to state: inout State) {
    state.doors[seat.door, default: 0] += number
    guard let token = seat.tokenID else { return }
    let count = state.tokens[token, default: 0] + number
    state.tokens[token] = count > 0 ? count : nil
  }
}
