internal import ClusterModel
internal import ServiceSupport

/// The metrics of a balancer for Prometheus.
enum BalancerMetrics {
  private typealias Samples = @Sendable (ClusterSnapshot) -> [(labels: String, value: Int64)]

  private static let metrics: [(PrometheusText.Metric, Samples)] = [
    (
      .init("aos_handshakes_total", .counter, "Handshakes answered."),
      {
        [("", Int64($0.handshakes.total))]
      }
    ),
    (
      .init("aos_registry_available", .gauge, "1 while it can be written."),
      {
        [("", $0.balancer.registry.state == .available ? 1 : 0)]
      }
    ),
    (
      .init("aos_license_seats_used", .gauge, "License seats held."),
      {
        [("", Int64($0.license.seatsUsed))]
      }
    ),
    (
      .init("aos_license_seats", .gauge, "License seats; absent: unlimited."),
      {
        $0.license.seats.map { [("", Int64($0))] } ?? []
      }
    ),
    (
      .init(
        "aos_license_expiry_time_seconds", .gauge,
        "When the license expires, since 1970; absent: it does not."),
      {
        $0.license.expiresAt.map { [("", $0.milliseconds / 1_000)] } ?? []
      }
    ),
    instances("aos_instance_connected", "Sessions open.") { Int64($0.load.connected) },
    instances("aos_instance_reserved", "Handshakes not arrived yet.") { Int64($0.load.reserved) },
    instances("aos_instance_maximum", "Most sessions allowed.") { Int64($0.load.maximum) },
    instances("aos_instance_alive", "1 while it answers.") { $0.health == .alive ? 1 : 0 },
    instances("aos_instance_in_list", "1 while clients are sent there.") {
      $0.exclusion == nil ? 1 : 0
    },
    instances("aos_instance_accepting", "1 while operators let it take clients.") {
      $0.admission == .accepting ? 1 : 0
    },
    instances("aos_instance_licensed", "1 while it holds a license seat.") {
      $0.license.isUnlicensed ? 0 : 1
    },
    instances("aos_instance_delivered", "1 while it obeys the newest desired state.") {
      $0.delivered ? 1 : 0
    },
    instances("aos_instance_application_up", "0 while it says that its application is down.") {
      $0.application?.isDown == true ? 0 : 1
    },
  ]

  private static func instances(
    _ name: String, _ help: String, _ value: @escaping @Sendable (InstanceStatus) -> Int64
  ) -> (PrometheusText.Metric, Samples) {
    (
      .init(name, .gauge, help),
      { snapshot in
        snapshot.instances.filter { !$0.role.isLoadBalancer }.map { instance in
          // The label is not `instance`, which Prometheus uses for the program that it scrapes.
          ("{id=\"\(instance.id)\"}", value(instance))
        }
      }
    )
  }

  static func text(
    _ snapshot: ClusterSnapshot, readers: Int, peers: Int, peerFeeds: Int
  ) -> String {
    var text = PrometheusText()
    for (metric, samples) in metrics { text.add(metric, samples: samples(snapshot)) }
    text.add(.init("aos_feed_readers", .gauge, "Readers of the status feed."), Int64(readers))
    text.add(.init("aos_peers", .gauge, "Other balancers of the cluster."), Int64(peers))
    text.add(
      .init("aos_peer_feeds", .gauge, "Other balancers whose reservations are heard."),
      Int64(peerFeeds))
    ProcessFigures.current.add(to: &text)
    return text.text
  }
}
