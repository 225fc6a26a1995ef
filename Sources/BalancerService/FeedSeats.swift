internal import ClusterAPI
internal import ServiceSupport
internal import Synchronization

/// Limits the readers of the status feed. Both doors have the same number of seats, so that readers
/// over TCP take none from operators on the machine, and one token gets a share of those over TCP.
final class FeedSeats: Sendable {
  /// The seat of one reader.
  struct Seat: Hashable, Sendable {
    fileprivate let door: Door
    fileprivate let tokenID: String?
  }

  private struct State {
    var doors = Shares<Door>()
    var tokens = Shares<String>()
  }

  private let state = Mutex(State())
  private let most: Int
  private let mostOfToken: Int

  init(_ limits: ServiceLimits) {
    (most, mostOfToken) = (limits.feedReaders, limits.feedReadersPerToken)
  }

  /// - Throws: `Problem`, `too-many`.
  func claimSeat(_ context: ServiceContext) throws(Problem) -> Seat {
    let seat = Seat(door: context.door, tokenID: context.caller?.tokenID)
    let problem = state.withLock { state -> Problem? in
      guard state.doors[seat.door] < most else {
        return Problem(.tooMany, "\(most) readers are on the feed already.")
      }
      if let token = seat.tokenID, !state.tokens.claim(by: token, most: mostOfToken) {
        return Problem(.tooMany, "\(mostOfToken) readers with this token are on the feed already.")
      }
      state.doors.add(to: seat.door)
      return nil
    }
    if let problem { throw problem }
    return seat
  }

  func giveBack(_ seat: Seat) {
    state.withLock { state in
      state.doors.giveBack(of: seat.door)
      if let token = seat.tokenID { state.tokens.giveBack(of: token) }
    }
  }
}
