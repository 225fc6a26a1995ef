internal import RealPrograms

/// How something grows with the size of a cluster.
struct Growth: Sendable {
  /// How much it may grow where there are this many times as many.
  enum Order: Sendable, CaseIterable {
    case constant, logarithmic, linear

    var text: String {
      switch self {
      case .constant: "1"
      case .logarithmic: "log n"
      case .linear: "n"
      }
    }

    /// Most of what it may be for ten times as many: what the order says, and a half more for what
    /// a shared machine does beside it.
    var bound: Double {
      switch self {
      case .constant: 1.5
      case .logarithmic: 2
      case .linear: 15
      }
    }
  }

  let what: String
  let unit: String
  var decimals = 1
  let order: Order
  /// Medians, with the least and the most, by the size.
  private(set) var points: [(size: Int, rounds: Rounds)] = []

  init(_ what: String, _ unit: String, decimals: Int = 1, order: Order) {
    (self.what, self.unit, self.decimals, self.order) = (what, unit, decimals, order)
  }

  mutating func add(_ rounds: Rounds, at size: Int) { points.append((size, rounds)) }

  mutating func add(_ value: Double, at size: Int) { add(Rounds([value]), at: size) }

  func value(at size: Int) -> Rounds? { points.first { $0.size == size }?.rounds }

  /// How many times as much the last step costs; nil without two points.
  var lastFactor: Double? {
    guard let last = points.last, let before = points.dropLast().last else { return nil }
    return last.rounds.median / max(before.rounds.median, 0.000_1)
  }

  var verdict: Figure.Verdict { lastFactor.map { .init($0 <= order.bound) } ?? .open }
}

/// Several of them for the same sizes: a table, and a panel of the plot.
struct GrowthTable: Sendable {
  /// What there are more and more of.
  let subject: String
  var curves: [Growth]
  /// What was measured, in a sentence.
  let remark: String

  private var sizes: [Int] { Set(curves.flatMap { $0.points.map(\.size) }).sorted() }

  var markdown: String {
    let head = (["\(subject)"] + sizes.map(\.grouped) + ["grows as", "last step", "met"])
    let rule = head.map { _ in "---" }
    let rows = curves.map { curve in
      ["\(curve.what), \(curve.unit)"]
        + sizes.map { size in
          curve.value(at: size)?.text("", decimals: curve.decimals) ?? "–"
        } + [
          curve.order.text,
          curve.lastFactor.map { "× \($0.text(2)) (≤ \(curve.order.bound.text(1)))" } ?? "–",
          curve.verdict.mark,
        ]
    }
    let lines = ([head, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    return "\(remark) Measured on \(SteadyClock.today).\n\n" + lines.joined(separator: "\n")
  }
}
