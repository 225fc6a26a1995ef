internal import ClusterModel
internal import Dashboard

/// The cluster as a whole in the hour up to what a player shows: a value every ten seconds.
///
/// What was read once is kept, wherever the player goes, up to a few hours of the recording.
struct PlayerHour: Sendable {
  private enum Moment {
    case known(ClusterSample)
    /// Nothing was heard then, or nothing can be read.
    case silent
  }

  /// By the number of their step since 1970.
  private var moments: [Int64: Moment] = [:]

  /// How many are kept.
  var count: Int { moments.count }

  private static let length = Int64(ClusterTrend.length)
  static let most = 6 * ClusterTrend.length
  /// How many more steps are read, so that not every step back has to read.
  private static let moreSteps: Int64 = 30

  private static func step(_ time: Timestamp) -> Int64 {
    time.milliseconds / ClusterTrend.stepMilliseconds
  }

  /// Takes in what held from a time until another one. Of each step the first value that was
  /// read counts.
  mutating func note(_ snapshot: ClusterSnapshot, from start: Timestamp, until end: Timestamp) {
    let last = Self.step(end)
    var sample: ClusterSample?
    for step in max(Self.step(start), last - Self.length + 1)...last where moments[step] == nil {
      let value = sample ?? ClusterSample(snapshot)
      moments[step] = .known(value)
      sample = value
    }
    forgetFar(from: last)
  }

  /// Takes in that nothing was heard between two times.
  mutating func noteSilence(from start: Timestamp, until end: Timestamp) {
    let last = Self.step(end) - 1
    let first = max(Self.step(start) + 1, last - Self.length + 1)
    if first <= last { close(first...last) }
  }

  /// Puts what the balancer kept where nothing was recorded.
  mutating func fill(from history: BalancerHistory) {
    guard let at = history.at,
      Int64(history.stepSeconds) * 1_000 == ClusterTrend.stepMilliseconds
    else { return }
    for (age, sample) in history.cluster.suffix(ClusterTrend.length).reversed().enumerated() {
      let step = Self.step(at) - Int64(age)
      if case .known? = moments[step] { continue }
      moments[step] = .known(sample)
    }
  }

  /// The hour that ends with a time.
  func trend(until time: Timestamp) -> ClusterTrend {
    let last = Self.step(time)
    let samples = (last - Self.length + 1...last).map { step -> ClusterSample? in
      if case .known(let sample)? = moments[step] { sample } else { nil }
    }
    var trend = ClusterTrend()
    trend.fill(from: samples, until: time)
    return trend
  }

  /// The steps that are to be read before the hour is whole; nil where it is.
  func missing(until time: Timestamp, ofRecordingFrom first: Timestamp) -> ClosedRange<Int64>? {
    let (last, oldest) = (Self.step(time), Self.step(first))
    let hour = min(last, max(oldest, last - Self.length + 1))...last
    guard let from = hour.first(where: { moments[$0] == nil }),
      let to = hour.last(where: { moments[$0] == nil })
    else { return nil }
    return max(oldest, from - Self.moreSteps)...to
  }

  /// The times that these steps are.
  static func times(of steps: ClosedRange<Int64>) -> (first: Timestamp, last: Timestamp) {
    let length = ClusterTrend.stepMilliseconds
    return (
      Timestamp(milliseconds: steps.lowerBound * length),
      Timestamp(milliseconds: (steps.upperBound + 1) * length - 1)
    )
  }

  /// These were read: of what is still missing nothing can be known.
  mutating func close(_ steps: ClosedRange<Int64>) {
    for step in steps where moments[step] == nil { moments[step] = .silent }
  }

  private mutating func forgetFar(from step: Int64) {
    guard moments.count > Self.most else { return }
    moments = moments.filter { abs($0.key - step) < 2 * Self.length }
  }
}
