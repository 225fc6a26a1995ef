internal import Histogram

/// One row of the table.
struct Figure: Sendable {
  /// How ours stands to its bar.
  enum Verdict: Sendable {
    case met, missed
    /// There is no bar, or the peer it is compared with is not installed.
    case open

    init(_ isMet: Bool) { self = isMet ? .met : .missed }

    var mark: String {
      switch self {
      case .met: "yes"
      case .missed: "**no**"
      case .open: "–"
      }
    }
  }

  var what: String
  var ours: String
  /// What is beside it, in the same run.
  var peer = "–"
  /// The ratio or figure that the bar is compared with, and the bar.
  var bar = "–"
  var verdict = Verdict.open

  /// A row of a Markdown table.
  var row: String {
    "| \(what) | \(ours) | \(peer) | \(bar) | \(verdict.mark) |"
  }

  static let head = "| what | ours | beside it | bar | met |\n|---|---|---|---|---|"
}

/// What a part of the benchmark has found.
struct Findings: Sendable {
  var figures: [Figure] = []
  var growth: [GrowthTable] = []
}

/// Measurements of the same thing, one for each round.
struct Rounds: Sendable {
  private(set) var values: [Double]

  init(_ values: [Double] = []) { self.values = values }

  mutating func add(_ value: Double) { values.append(value) }

  /// The middle one; 0 without any.
  var median: Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The median, and from where to where they went.
  func text(_ unit: String, decimals: Int = 1) -> String {
    guard let least = values.min(), let most = values.max() else { return "–" }
    let middle = median.text(decimals)
    guard values.count > 1 else { return middle + unit }
    return "\(middle)\(unit) (\(least.text(decimals))–\(most.text(decimals)))"
  }
}

/// Times, kept as a histogram: averages hide what people wait for.
struct Latencies {
  private var microseconds = Histogram<UInt64>(
    highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: .three)

  mutating func add(nanoseconds: Int64) {
    microseconds.record(UInt64(min(max(nanoseconds / 1_000, 1), 60_000_000)))
  }

  mutating func add(_ others: Latencies) {
    microseconds.add(others.microseconds)
  }

  var count: UInt64 { microseconds.totalCount }
  var median: Double { percentile(50) }
  var most: Double { count == 0 ? 0 : Double(microseconds.max) / 1_000 }

  /// In milliseconds.
  func percentile(_ percent: Double) -> Double {
    count == 0 ? 0 : Double(microseconds.valueAtPercentile(percent)) / 1_000
  }

  /// The middle, and the 90th of a hundred.
  var text: String { "\(median.text(2)) ms (p90 \(percentile(90).text(2)))" }
}

extension Double {
  /// With this many decimals.
  func text(_ decimals: Int) -> String {
    guard isFinite else { return "–" }
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    let whole = Int64((magnitude * scale).rounded())
    let sign = self < 0 && whole > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(whole) }
    let digits = String(whole)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }
}
