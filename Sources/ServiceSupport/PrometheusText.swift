/// The metrics of a daemon, in Prometheus' text format 0.0.4.
package struct PrometheusText: Sendable {
  package enum Kind: String, Sendable { case counter, gauge }

  /// A name with its meaning; the values follow.
  package struct Metric: Sendable {
    let name: String
    let kind: Kind
    let help: String

    package init(_ name: String, _ kind: Kind, _ help: String) {
      self.name = name
      self.kind = kind
      self.help = help
    }
  }

  package static let contentType = "text/plain; version=0.0.4"

  package private(set) var text = ""

  package init() {}

  package mutating func add(_ metric: Metric, _ value: Int64) {
    add(metric, samples: [("", value)])
  }

  /// - Parameter samples: Labels in braces, or an empty text, and the value.
  package mutating func add(_ metric: Metric, samples: [(labels: String, value: Int64)]) {
    begin(metric)
    for (labels, value) in samples { text += "\(metric.name)\(labels) \(value)\n" }
  }

  /// - Parameter milliseconds: Written as seconds.
  package mutating func add(_ metric: Metric, milliseconds: Int64) {
    begin(metric)
    let rest = String(milliseconds % 1_000)
    let zeros = String(repeating: "0", count: 3 - rest.count)
    text += "\(metric.name) \(milliseconds / 1_000).\(zeros)\(rest)\n"
  }

  private mutating func begin(_ metric: Metric) {
    text += "# HELP \(metric.name) \(metric.help)\n"
    text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
  }
}
