internal import ClusterModel

/// What a balancer tells Prometheus (text format 0.0.4).
enum BalancerMetrics {
  private struct Metric: Sendable {
    let name: String
    let kind: String
    let help: String
    let values: @Sendable (ClusterSnapshot) -> [(labels: String, value: Double)]
  }

  private static let metrics: [Metric] = [
    Metric(name: "aos_handshakes_total", kind: "counter", help: "Handshakes answered.") {
      [("", Double($0.handshakes.total))]
    },
    Metric(name: "aos_registry_available", kind: "gauge", help: "1 while it can be written.") {
      [("", $0.balancer.registry.state == .available ? 1 : 0)]
    },
    Metric(name: "aos_license_seats_used", kind: "gauge", help: "License seats held.") {
      [("", Double($0.license.seatsUsed))]
    },
    instances("aos_instance_connected", "Sessions open.") { Double($0.load.connected) },
    instances("aos_instance_reserved", "Handshakes not arrived yet.") { Double($0.load.reserved) },
    instances("aos_instance_maximum", "Most sessions allowed.") { Double($0.load.maximum) },
    instances("aos_instance_alive", "1 while it answers.") { $0.health == .alive ? 1 : 0 },
    instances("aos_instance_in_list", "1 while clients are sent there.") {
      $0.exclusion == nil ? 1 : 0
    },
    instances("aos_instance_delivered", "1 while it obeys the newest desired state.") {
      $0.delivered ? 1 : 0
    },
  ]

  private static func instances(
    _ name: String, _ help: String, _ value: @escaping @Sendable (InstanceStatus) -> Double
  ) -> Metric {
    Metric(name: name, kind: "gauge", help: help) { snapshot in
      snapshot.instances.filter { !$0.role.isLoadBalancer }.map { instance in
        ("{instance=\"\(instance.id)\"}", value(instance))
      }
    }
  }

  static func text(_ snapshot: ClusterSnapshot, readers: Int) -> String {
    var lines: [String] = []
    for metric in metrics {
      lines.append("# HELP \(metric.name) \(metric.help)")
      lines.append("# TYPE \(metric.name) \(metric.kind)")
      for (labels, value) in metric.values(snapshot) {
        lines.append("\(metric.name)\(labels) \(Int(value))")
      }
    }
    lines += [
      "# HELP aos_feed_readers Readers of the status feed.", "# TYPE aos_feed_readers gauge",
      "aos_feed_readers \(readers)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}
