internal import ClusterModel
internal import Hosting

/// What an instance tells Prometheus (text format 0.0.4).
enum InstanceMetrics {
  private struct Metric: Sendable {
    let name: String
    let kind: String
    let help: String
    let value: @Sendable (InstanceLife) -> Int64
  }

  private static let metrics: [Metric] = [
    Metric(name: "aos_sessions_connected", kind: "gauge", help: "Sessions open.") {
      Int64($0.connected)
    },
    Metric(name: "aos_sessions_maximum", kind: "gauge", help: "Most sessions allowed.") {
      Int64($0.load.maximum)
    },
    Metric(name: "aos_sessions_opened_total", kind: "counter", help: "Sessions opened.") {
      Int64($0.openedTotal)
    },
    Metric(name: "aos_sessions_refused_total", kind: "counter", help: "Clients not let in.") {
      Int64($0.refusedTotal)
    },
    Metric(name: "aos_accepting", kind: "gauge", help: "1 while new clients are let in.") {
      $0.refusal(of: $0.services.contains(.application) ? .client : .batch) == nil ? 1 : 0
    },
    Metric(name: "aos_desired_revision", kind: "gauge", help: "The revision it obeys.") {
      $0.revision
    },
    Metric(
      name: "aos_start_time_seconds", kind: "gauge", help: "When it started, since 1970."
    ) { $0.startedAt.milliseconds / 1_000 },
  ]

  /// - Parameter readers: Balancers that read the load feed.
  static func text(_ life: InstanceLife, readers: Int) -> String {
    var text = ""
    for metric in metrics {
      text += lines(metric.name, metric.kind, metric.help, metric.value(life))
    }
    return text
      + lines("aos_load_feed_readers", "gauge", "Readers of the load feed.", Int64(readers))
  }

  private static func lines(
    _ name: String, _ kind: String, _ help: String, _ value: Int64
  ) -> String {
    "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n\(name) \(value)\n"
  }
}
