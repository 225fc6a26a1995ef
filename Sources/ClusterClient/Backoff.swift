/// How long to wait before the next try: from a quarter of a second to five, doubled each time,
/// with jitter so that many who lost the same server do not come back together.
public struct Backoff: Equatable, Sendable {
  /// The shortest wait.
  public var firstMilliseconds: Int64
  /// The longest wait; never below the shortest.
  public var mostMilliseconds: Int64
  /// Tries that failed since the last success.
  public private(set) var failures = 0

  public init(firstMilliseconds: Int64 = 250, mostMilliseconds: Int64 = 5_000) {
    self.firstMilliseconds = firstMilliseconds
    self.mostMilliseconds = max(mostMilliseconds, firstMilliseconds)
  }

  /// Counts a failure and gives the wait in milliseconds.
  ///
  /// - Parameter random: 0 to 1; where in the span between half the wait and the whole it lies.
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
