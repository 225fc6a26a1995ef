/// Estimates how much is on its way to the terminal through a slow line.
///
/// A terminal does not report how much it has shown: a pseudo-terminal keeps some thousand bytes
/// and reports none. So the writes are measured. Once a write was incomplete, the line's rate
/// follows from what it takes afterwards, and a picture waits until the data before it takes no
/// longer than a moment. If no write was ever incomplete, nothing waits.
struct LinePace: Equatable, Sendable {
  /// How many bytes the line takes in a second; nil: no write had to wait recently.
  private(set) var rate: Double?
  /// The number of bytes that are probably on their way.
  private var queued = 0.0
  /// The time of that number, in monotonic milliseconds.
  private var at: Int64 = 0
  /// How much was on its way when a write was incomplete.
  private var depth = leastDepth
  /// When the current write became incomplete; nil: it is not.
  private var blockedAt: Int64?
  /// The number of bytes that the line took since then.
  private var taken = 0
  private var measuredAt: Int64 = 0

  /// How much a pseudo-terminal and its reader keep.
  private static let leastDepth = 12_288.0
  private static let mostDepth = 1_048_576.0
  /// How much may be before a picture, as a time of the line in milliseconds.
  private static let aheadMilliseconds = 250.0
  /// The lowest rate, so that a line which stood still for a while does not count as extremely
  /// slow.
  private static let leastRate = 600.0
  /// The longest wait of a picture.
  private static let longestWait: Int64 = 2_000
  /// After this time the line may be another one.
  private static let validMilliseconds: Int64 = 60_000

  /// Notes that the line took this many bytes.
  ///
  /// - Parameter isAll: Whether nothing more waits to be written.
  mutating func took(_ count: Int, isAll: Bool, at now: Int64) {
    pass(to: now)
    queued = min(queued + Double(count), Self.mostDepth)
    taken += count
    guard let since = blockedAt, isAll else { return }
    blockedAt = nil
    measure(since: since, at: now)
    queued = depth
  }

  /// Notes that the line took nothing, or not everything.
  mutating func blocked(at now: Int64) {
    pass(to: now)
    if let since = blockedAt {
      // A long picture on a slow line: the part that was written is enough for a measurement.
      if now - since >= 1_000 { measure(since: since, at: now) } else { return }
    } else if rate != nil, queued < depth / 2 {
      depth = min(depth * 2, Self.mostDepth)
    }
    (blockedAt, taken) = (now, 0)
  }

  private mutating func measure(since: Int64, at now: Int64) {
    let milliseconds = now - since
    // A very short time gives no rate, so the previous rate stays.
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

  /// When the next picture may be sent. A time in the past means now.
  func dueAt(_ now: Int64) -> Int64 {
    guard let rate else { return now }
    let left = queued - rate * Double(max(0, now - at)) / 1_000
    let ahead = left * 1_000 / rate - Self.aheadMilliseconds
    return ahead <= 0 ? now : min(at + Self.longestWait, now + Int64(ahead.rounded(.up)))
  }
}
