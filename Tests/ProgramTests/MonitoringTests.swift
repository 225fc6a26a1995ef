import ClusterClient
import ClusterModel
import Foundation
import TestSupport
import Testing

/// What `Packaging/monitoring` gives to Prometheus and Grafana, and what `MONITORING.md` says.
@Suite("the alerts, the dashboard and the page on monitoring fit what a balancer reports")
struct MonitoringTests {
  private static let house = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let folder = house.appendingPathComponent("Packaging/monitoring")

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: house.appendingPathComponent(path), encoding: .utf8)
  }

  /// What a pattern finds in a text: its group, or all of it where it has none.
  private static func words(_ pattern: String, in text: String) throws -> Set<String> {
    Set(
      try text.matches(of: Regex(pattern)).compactMap { match in
        (match.output.count > 1 ? match.output[1] : match.output[0]).substring.map(String.init)
      })
  }

  @Test("promtool accepts the alert rules, and their own tests pass")
  func rules() async throws {
    for arguments in [
      ["check", "config", "--syntax-only", "prometheus.yml"], ["check", "rules", "aos-alerts.yml"],
      ["test", "rules", "aos-alerts-test.yml"],
    ] {
      let result = try await Program.run(
        "/usr/bin/env", ["-C", Self.folder.path, "promtool"] + arguments)
      #expect(result.status == 0, "\(result.output)\(result.error)")
    }
  }

  @Test("every alert has its section on the page, and every section its alert")
  func sections() throws {
    let rules = try Self.text("Packaging/monitoring/aos-alerts.yml")
    let page = try Self.text("Documentation/MONITORING.md")
    let alerts = try Self.words(#"- alert: (\w+)"#, in: rules)
    #expect(alerts.count > 5)
    let sections = try Self.words(#"### (AOS\w+)"#, in: page)
    #expect(sections == alerts)
    let links = try Self.words(#"MONITORING.md#(\w+)"#, in: rules)
    #expect(links == Set(alerts.map { $0.lowercased() }))
  }

  /// The names of the metrics that a daemon reports.
  private static func reported(by daemon: ClusterConnection) async throws -> Set<String> {
    let answer = try await daemon.raw(.get, "/metrics")
    return try words(#"# TYPE (\w+)"#, in: String(decoding: answer.bytes, as: UTF8.self))
  }

  @Test("a balancer reports every metric that the rules, the dashboard and the page name")
  func metrics() async throws {
    try await ProcessCluster.run { cluster in
      try await cluster.startInstance("AOS01")
      _ = try await cluster.operators.raw(.put, "/v1/license", body: .json(["seats": 3]))
      let reported = try await Self.reported(by: cluster.operators)
      let rules = try Self.text("Packaging/monitoring/aos-alerts.yml")
      let dashboard = try Self.text("Packaging/monitoring/aos-dashboard.json")
      let page = try Self.text("Documentation/MONITORING.md")
      let used = try Self.words(#"\b(?:aos|process)_[a-z_]+[a-z]\b"#, in: rules + dashboard)
      #expect(used.count > 5)
      // What goes through sessions is the instances' own, and shown where somebody collects it.
      #expect(used.subtracting(reported) == ["aos_session_bytes_total"])
      let section = try #require(
        page.components(separatedBy: "## Metrics of a balancer").last?
          .components(separatedBy: "## Metrics of an instance").first)
      let described = try Self.words(#"\baos_[a-z_]+[a-z]\b"#, in: section)
      #expect(described == reported.filter { $0.hasPrefix("aos_") })
      let recorded = try Self.words(#"- record: ([a-z:_]+)"#, in: rules)
      let shown = try Self.words(#"\baos:[a-z:_]+[a-z]\b"#, in: dashboard)
      #expect(shown.subtracting(recorded) == [])
    }
  }

  @Test("an instance reports every metric that the page names, and no other one of ours")
  func instanceMetrics() async throws {
    try await ProcessCluster.run { cluster in
      let socket = "\(cluster.folder)/AOS01.sock"
      try await cluster.startInstance(
        "AOS01", "--socket", socket, "--application", "127.0.0.1:\(cluster.balancerPort)")
      let connection = ClusterConnection(
        .unix(path: socket), transport: cluster.operators.transport)
      let reported = try await Self.reported(by: connection)
      let page = try Self.text("Documentation/MONITORING.md")
      let section = try #require(page.components(separatedBy: "## Metrics of an instance").last)
      let described = try Self.words(#"\baos_[a-z_]+[a-z]\b"#, in: section)
      #expect(described == reported.filter { $0.hasPrefix("aos_") })
    }
  }

  @Test("a real Prometheus scrapes a balancer with a viewer's token, and an instance")
  func scrape() async throws {
    try await ProcessCluster.run { cluster in
      let socket = "\(cluster.folder)/AOS01.sock"
      try await cluster.startInstance("AOS01", "--socket", socket)
      let token = "\(cluster.folder)/viewer.token"
      let created = try await Program.run(
        Program.path("aosctl"),
        [
          "token", "create", "--balancer", cluster.balancer, "--role", "viewer", "--name",
          "prometheus", "--output", token,
        ])
      try #require(created.status == 0, "\(created.error)")
      // Prometheus speaks TCP alone.
      let door = try SocketDoor(to: socket, log: "\(cluster.folder)/socat.log")
      let prometheus = try Prometheus(
        folder: cluster.folder, balancer: cluster.balancerPort, tokenFile: token,
        instance: try await door.port())
      try await prometheus.until(#"aos_instance_alive{id="AOS01",cluster="AOS"} == 1"#)
      try await prometheus.until(#"up{job="aos-balancer"} == 1"#)
      try await prometheus.until(#"aos_sessions_maximum{job="aos-instance"} == 5"#)
    }
  }
}

/// A port of this machine that leads to a Unix socket.
private struct SocketDoor {
  private let daemon: Daemon
  private let log: String

  init(to socket: String, log: String) throws {
    self.log = log
    daemon = try Daemon(
      "/usr/bin/env",
      ["socat", "-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1,fork", "UNIX-CONNECT:\(socket)"],
      log: log)
  }

  func port() async throws -> Int {
    let said = try await eventually("socat listens") {
      try String(contentsOfFile: log, encoding: .utf8)
        .firstMatch(of: /listening on \S+ 127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) }
    } is: {
      $0 != nil
    }
    return try #require(said)
  }
}

/// A real Prometheus with two targets, ended with the test.
private struct Prometheus {
  private let daemon: Daemon
  private let log: String

  init(folder: String, balancer: Int, tokenFile: String, instance: Int) throws {
    let configuration = """
      global: { scrape_interval: 1s }
      scrape_configs:
        - job_name: aos-balancer
          authorization: { credentials_file: \(tokenFile) }
          static_configs: [{ targets: ["127.0.0.1:\(balancer)"], labels: { cluster: AOS } }]
        - job_name: aos-instance
          static_configs: [{ targets: ["127.0.0.1:\(instance)"] }]
      """
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: "\(folder)/prometheus.yml"))
    log = "\(folder)/prometheus.log"
    daemon = try Daemon(
      "/usr/bin/env",
      [
        "prometheus", "--config.file=\(folder)/prometheus.yml",
        "--storage.tsdb.path=\(folder)/prometheus", "--web.listen-address=127.0.0.1:0",
      ], log: log)
  }

  /// Waits until a query has a result; forever, if it never has.
  func until(_ query: String) async throws {
    let script = """
      while kill -0 "$1"; do
        port=$(sed -n 's/.*msg="Listening on" address=127.0.0.1:\\([0-9]*\\).*/\\1/p' "$2")
        [ -z "$port" ] || curl -s -G "http://127.0.0.1:$port/api/v1/query" \
          --data-urlencode "query=$3" | grep -q '"value"' && exit 0
        sleep 0.1
      done
      exit 1
      """
    let result = try await Program.run(
      "/bin/sh", ["-c", script, "sh", "\(daemon.processID)", log, query])
    let said = try String(contentsOfFile: log, encoding: .utf8)
    #expect(result.status == 0, "\(said)")
  }
}
