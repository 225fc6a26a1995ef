package import ClusterModel

/// The cluster as a whole over the last hour, for its charts: one value every ten seconds.
///
/// Its times are those of the balancer's clock, so that values of the balancer and values seen here
/// share one time axis.
package struct ClusterTrend: Equatable, Sendable {
  package static let stepMilliseconds: Int64 = 10_000
  /// An hour.
  package static let length = 360

  /// Oldest first, one for each step up to the newest; nil where the value is unknown.
  package private(set) var samples: [ClusterSample?] = []
  /// The number of the newest step since 1970; nil before the first.
  private var newest: Int64?

  package init() {}

  private static func step(_ time: Timestamp) -> Int64 { time.milliseconds / stepMilliseconds }

  /// Takes a value if one is due. After a time before the newest value, the hour ends there.
  ///
  /// - Parameter sample: The present value; nil: unknown.
  mutating func sample(_ sample: @autoclosure () -> ClusterSample?, at clock: Timestamp) {
    let step = Self.step(clock)
    if let newest, step < newest { cut(after: clock) }
    guard step != newest else { return }
    let missed = newest.map { min(step - $0 - 1, Int64(Self.length)) } ?? 0
    samples += [ClusterSample?](repeating: nil, count: Int(missed)) + [sample()]
    newest = step
    if samples.count > Self.length { samples.removeFirst(samples.count - Self.length) }
  }

  /// Forgets the values after a time.
  private mutating func cut(after time: Timestamp) {
    guard let newest else { return }
    let kept = Int64(samples.count) - (newest - Self.step(time))
    guard kept > 0 else {
      (samples, self.newest) = ([], nil)
      return
    }
    samples.removeLast(samples.count - Int(kept))
    self.newest = Self.step(time)
  }

  /// The hour before a time.
  func until(_ time: Timestamp) -> ClusterTrend {
    guard let newest, Self.step(time) < newest else { return self }
    var trend = self
    trend.cut(after: time)
    return trend
  }

  /// Fills in values of the balancer where nothing was seen here.
  ///
  /// - Parameters:
  ///   - kept: One value for each step, oldest first.
  ///   - time: The time of the last of them.
  package mutating func fill(from kept: [ClusterSample?], until time: Timestamp) {
    let last = Self.step(time)
    let end = max(last, newest ?? last)
    let all = (0..<Int64(Self.length)).map { place -> ClusterSample? in
      let step = end - Int64(Self.length) + 1 + place
      let own = newest.map { Int64(samples.count) - 1 - ($0 - step) }
      if let own, own >= 0, own < Int64(samples.count), let known = samples[Int(own)] {
        return known
      }
      let other = Int64(kept.count) - 1 - (last - step)
      return other >= 0 && other < Int64(kept.count) ? kept[Int(other)] : nil
    }
    samples = Array(all.drop { $0 == nil })
    newest = samples.isEmpty ? nil : end
  }
}
