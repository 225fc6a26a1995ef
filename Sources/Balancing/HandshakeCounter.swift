internal import ClusterModel

/// Counts handshakes, and computes how many a second there were in the last ten seconds.
struct HandshakeCounter: Sendable {
  private static let seconds = 10
  private var total = 0
  /// Handshakes in each of the last seconds, by second modulo `seconds`.
  private var buckets = [Int](repeating: 0, count: seconds)
  private var second: Int64 = .min
  /// The second in which the figures were last reported.
  private var toldSecond: Int64 = .min

  mutating func count(now: Int64) {
    advance(to: now)
    total += 1
    buckets[slot(of: second)] += 1
  }

  /// The figures, at most once a second, and only if they changed.
  mutating func news(since old: HandshakeCount, now: Int64) -> HandshakeCount? {
    advance(to: now)
    guard second != toldSecond else { return nil }
    toldSecond = second
    let new = figures(now: now)
    return new == old ? nil : new
  }

  /// The present figures.
  mutating func figures(now: Int64) -> HandshakeCount {
    advance(to: now)
    // The current second is not over yet; the others are.
    let finished = buckets.reduce(0, +) - buckets[slot(of: second)]
    let rate = (Double(finished) / Double(Self.seconds - 1) * 10).rounded() / 10
    return HandshakeCount(total: total, perSecond: rate)
  }

  /// Clears the buckets of the seconds that have begun since the last call.
  private mutating func advance(to now: Int64) {
    let current = now / 1_000
    guard current > second else { return }
    let all = Int64(Self.seconds)
    let passed = second == .min ? all : min(current - second, all)
    second = current
    for back in 0..<passed { buckets[slot(of: current - back)] = 0 }
  }

  private func slot(of second: Int64) -> Int {
    Int(second % Int64(Self.seconds) + Int64(Self.seconds)) % Self.seconds
  }
}
