/// Limits how often something is done: only after a pause. In monotonic milliseconds.
struct Pace: Equatable, Sendable {
  /// The pause before an unanswered request is repeated.
  static let untilAgain: Int64 = 2_000
  /// The pause between two log lines that say the same.
  static let betweenLines: Int64 = 60_000

  private var lastAt: Int64?

  /// Whether it may be done now. If so, this is noted.
  mutating func allows(at now: Int64, every pause: Int64 = untilAgain) -> Bool {
    if let lastAt, now - lastAt < pause { return false }
    lastAt = now
    return true
  }
}
