/// How long to wait before the next try: a quarter of a second to five seconds, doubled each time.
/// The jitter keeps clients that lost the same server from returning at the same moment.
public struct Backoff: Equatable, Sendable {
  /// The shortest wait.
  public var firstMilliseconds: Int64
  /// The longest wait; never shorter than the shortest.
  public var mostMilliseconds: Int64
  /// The number of failed tries since the last success.
  public private(set) var failures = 0

  public init(firstMilliseconds: Int64 = 250, mostMilliseconds: Int64 = 5_000) {
    self.firstMilliseconds = firstMilliseconds
    self.mostMilliseconds = max(mostMilliseconds, firstMilliseconds)
  }

  /// Counts a failure and returns the wait in milliseconds.
  ///
  /// - Parameter random: 0 to 1: the position between half of the wait and all of it.
  public mutating func next(random: Double) -> Int64 {
    failures += 1
    let doublings = min(failures, 20)
    let most = min(firstMilliseconds << Int64(doublings), mostMilliseconds)
    let least = max(firstMilliseconds, most / 2)
    return least + Int64(Double(max(0, most - least)) * min(max(random, 0), 1))
  }

  /// Forgets the failures.
  public mutating func reset() { failures = 0 }
}
