/// Something that is done again after a pause at the earliest. In monotonic milliseconds.
struct Pace: Equatable, Sendable {
  /// The pause before something is asked again that got no answer.
  static let untilAgain: Int64 = 2_000
  /// The pause between two lines of a log that say the same.
  static let betweenLines: Int64 = 60_000

  private var lastAt: Int64?

  /// Whether it may be done now; noted where it may.
  mutating func allows(at now: Int64, every pause: Int64 = untilAgain) -> Bool {
    if let lastAt, now - lastAt < pause { return false }
    lastAt = now
    return true
  }
}
