/// How much is on its way to the terminal through a line that takes bytes slowly.
///
/// A terminal does not tell how much of what was written it has shown: a pseudo-terminal keeps
/// some thousand bytes and reports none. So the write itself tells. Once one was incomplete, the
/// line's rate is known from what it takes from then on, and pictures wait until what lies before
/// them takes no longer than a moment. Where no write ever was incomplete nothing waits.
struct LinePace: Equatable, Sendable {
  /// Bytes that the line takes a second; nil: nobody had to wait for it lately.
  private(set) var rate: Double?
  /// Bytes that are probably on their way.
  private var queued = 0.0
  /// Monotonic milliseconds for which that holds.
  private var at: Int64 = 0
  /// As much as was on its way when a write was incomplete.
  private var depth = leastDepth
  /// When a write was incomplete that still is; nil: none is.
  private var blockedAt: Int64?
  /// Bytes that the line took since.
  private var taken = 0
  private var measuredAt: Int64 = 0

  /// What a pseudo-terminal and its reader keep.
  private static let leastDepth = 12_288.0
  private static let mostDepth = 1_048_576.0
  /// What may lie before a picture, in milliseconds of the line.
  private static let aheadMilliseconds = 250.0
  /// A line that stood still for a while is not taken for one that is as slow as that.
  private static let leastRate = 600.0
  /// So long a picture waits at most.
  private static let longestWait: Int64 = 2_000
  /// Then the line may be another one.
  private static let validMilliseconds: Int64 = 60_000

  /// The line took this many bytes.
  ///
  /// - Parameter isAll: Nothing more waits to be written.
  mutating func took(_ count: Int, isAll: Bool, at now: Int64) {
    pass(to: now)
    queued = min(queued + Double(count), Self.mostDepth)
    taken += count
    guard let since = blockedAt, isAll else { return }
    blockedAt = nil
    measure(since: since, at: now)
    queued = depth
  }

  /// The line took nothing, or not all.
  mutating func blocked(at now: Int64) {
    pass(to: now)
    if let since = blockedAt {
      // A long picture on a slow line: what it took so far tells enough.
      if now - since >= 1_000 { measure(since: since, at: now) } else { return }
    } else if rate != nil, queued < depth / 2 {
      depth = min(depth * 2, Self.mostDepth)
    }
    (blockedAt, taken) = (now, 0)
  }

  private mutating func measure(since: Int64, at now: Int64) {
    let milliseconds = now - since
    // A moment tells nothing of a rate; the one before holds.
    guard milliseconds >= 20 || rate == nil else { return }
    let measured = Double(taken) * 1_000 / Double(max(1, milliseconds))
    let mean = rate.map { ($0 + measured) / 2 } ?? measured
    rate = max(Self.leastRate, mean)
    measuredAt = now
  }

  private mutating func pass(to now: Int64) {
    if let rate {
      queued = max(0, queued - rate * Double(max(0, now - at)) / 1_000)
      if now - measuredAt > Self.validMilliseconds, blockedAt == nil {
        (self.rate, depth) = (nil, Self.leastDepth)
      }
    }
    at = now
  }

  /// When the next picture may be sent; a time that is over: now.
  func dueAt(_ now: Int64) -> Int64 {
    guard let rate else { return now }
    let left = queued - rate * Double(max(0, now - at)) / 1_000
    let ahead = left * 1_000 / rate - Self.aheadMilliseconds
    return ahead <= 0 ? now : min(at + Self.longestWait, now + Int64(ahead.rounded(.up)))
  }
}
