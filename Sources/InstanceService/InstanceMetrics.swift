internal import ClusterModel
internal import Hosting
internal import ServiceSupport

/// The metrics of an instance for Prometheus.
enum InstanceMetrics {
  private typealias Value = @Sendable (InstanceLife) -> Int64

  private static let metrics: [(PrometheusText.Metric, Value)] = [
    (.init("aos_sessions_connected", .gauge, "Sessions open."), { Int64($0.connected) }),
    (
      .init("aos_sessions_without_notices", .gauge, "Sessions open that no notice reaches."),
      {
        Int64($0.withoutNotices)
      }
    ),
    (.init("aos_sessions_maximum", .gauge, "Most sessions allowed."), { Int64($0.load.maximum) }),
    (.init("aos_sessions_opened_total", .counter, "Sessions opened."), { Int64($0.openedTotal) }),
    (
      .init("aos_sessions_refused_total", .counter, "Clients not let in."),
      {
        Int64($0.refusedTotal)
      }
    ),
    (
      .init("aos_accepting", .gauge, "1 while new clients are let in."),
      {
        $0.refusal(of: $0.profile.role.serves(.client) ? .client : .batch) == nil ? 1 : 0
      }
    ),
    (.init("aos_desired_revision", .gauge, "The revision it obeys."), { $0.revision }),
    (
      .init("aos_session_connections", .gauge, "Connections to the application open."),
      {
        Int64($0.connections)
      }
    ),
    (
      .init("aos_start_time_seconds", .gauge, "When it started, since 1970."),
      {
        $0.startedAt.milliseconds / 1_000
      }
    ),
  ]

  /// - Parameter readers: The balancers that read the load feed.
  static func text(_ life: InstanceLife, readers: Int) -> String {
    var text = PrometheusText()
    for (metric, value) in metrics { text.add(metric, value(life)) }
    text.add(
      .init("aos_session_bytes_total", .counter, "Bytes through connections to the application."),
      samples: [
        ("{direction=\"from_client\"}", Int64(life.bytesFromClientTotal)),
        ("{direction=\"from_application\"}", Int64(life.bytesFromApplicationTotal)),
      ])
    if let application = life.application {
      text.add(
        .init("aos_application_up", .gauge, "1 while the application behind it is not down."),
        application.down == nil ? 1 : 0)
    }
    text.add(.init("aos_load_feed_readers", .gauge, "Readers of the load feed."), Int64(readers))
    ProcessFigures.current.add(to: &text)
    return text.text
  }
}
