internal import ClusterClient

/// Decides which session takes connections, and when another one is opened: the rules of
/// `--forward` and `--rejoin`. Each walk to a session has a number, counted from 1.
struct ForwardPlan: Equatable {
  enum Step: Equatable {
    /// Walk to a session, after this pause.
    case walk(Int, afterMilliseconds: Int64)
    /// Leave this session when its last connection has ended.
    case leave(Int)
    case end(WalkEnd)
  }

  let rejoins: Bool
  /// The number of the walk whose session takes connections.
  private(set) var current: Int?
  /// The number of the walk that has no session yet.
  private var walking: Int?
  private var count = 0
  private var hadSession = false
  /// Whether a notice has announced the end of the current session.
  private var isEnding = false
  private var backoff = Backoff()

  init(rejoins: Bool) { self.rejoins = rejoins }

  mutating func begin() -> [Step] { walk(afterMilliseconds: 0) }

  mutating func opened(_ number: Int) -> [Step] {
    guard number == walking else { return [] }
    let earlier = current
    (current, walking, hadSession, isEnding) = (number, nil, true, false)
    backoff.reset()
    return earlier.map { [.leave($0)] } ?? []
  }

  /// - Parameter namesEnd: Whether the notice says when the session will be ended.
  mutating func noticed(_ number: Int, namesEnd: Bool) -> [Step] {
    guard number == current else { return [] }
    isEnding = namesEnd
    guard rejoins, isEnding, walking == nil else { return [] }
    return walk(afterMilliseconds: 0)
  }

  /// - Parameter random: 0 to 1, for the pause before the next walk.
  mutating func over(_ number: Int, _ end: WalkEnd, random: Double) -> [Step] {
    if number == current {
      current = nil
      guard rejoins else { return [.end(end)] }
      return walking == nil ? walk(afterMilliseconds: backoff.next(random: random)) : []
    }
    guard number == walking else { return [] }
    walking = nil
    guard hadSession else { return [.end(end)] }
    // The end may have been cancelled; then the session stays.
    guard current == nil || isEnding else { return [] }
    return walk(afterMilliseconds: backoff.next(random: random))
  }

  private mutating func walk(afterMilliseconds pause: Int64) -> [Step] {
    count += 1
    walking = count
    return [.walk(count, afterMilliseconds: pause)]
  }
}
