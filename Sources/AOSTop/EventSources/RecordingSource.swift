internal import Dashboard
internal import Recordings

/// A recording instead of a cluster. The operator moves in it, and while it runs it moves with
/// time. It cannot be asked or changed.
extension Player: EventSource {
  mutating func start() -> [Event] { events(opening()) }

  mutating func nextEvents(at now: Int64) -> [Event] {
    guard let nextDeadline, nextDeadline <= now else { return [] }
    return events(advance(at: now))
  }

  mutating func carryOut(_ effect: Effect, at now: Int64) -> [Event] {
    guard case .seek(let wish) = effect else { return [] }
    return events(seek(wish, at: now))
  }

  private func events(_ picture: PastPicture?) -> [Event] {
    picture.map { [.past($0)] } ?? []
  }
}
