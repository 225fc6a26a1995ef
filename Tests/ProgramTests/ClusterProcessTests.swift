import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import TestSupport
import Testing

/// The daemons as processes that are killed in the middle of their work.
@Suite("A cluster of processes", .timeLimit(.minutes(3)))
struct ClusterProcessTests {
  @Test("an instance killed with -9 leaves the list, and is back by itself after a restart")
  func instanceKilled() async throws {
    try await ProcessCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let port = try await cluster.startInstance("AOS01")
      try await cluster.startInstance("AOS02")
      try await cluster.until("both serve") { $0.handshakeList.count == 2 }
      cluster.kill("AOS01", SIGKILL)
      try await cluster.until("it has left the list") { status in
        status[one]?.health == .unreachable && !status.handshakeList.contains(one)
      }
      try await cluster.startInstance("AOS01", port: port)
      try await cluster.until("it is back") { $0.handshakeList.contains(one) }
    }
  }

  @Test("a balancer killed with -9 in a drain finds it again; the sessions never notice")
  func balancerKilled() async throws {
    try await ProcessCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let port = try await cluster.startInstance("AOS01")
      try await cluster.startInstance("AOS02")
      try await cluster.until("both serve") { $0.handshakeList.count == 2 }
      let curl = try cluster.client(at: port)
      try await cluster.until("curl has its session") { $0[one]?.load.connected == 1 }
      _ = try await cluster.operators.change(.drain([one], reason: "patch"))
      cluster.kill("LB1", SIGKILL)
      try await cluster.startBalancer()
      let after = try await cluster.until("it is seen again") {
        $0[one]?.state == .draining(left: 1)
      }
      #expect(after[one]?.admissionReason == "patch")
      #expect(after.handshakeList.map(\.text) == ["AOS02"])
      curl.kill(SIGKILL)
      try await cluster.until("curl's place is free") { $0[one]?.state == .drained }
    }
  }

  @Test(
    "a balancer needs little hardware: its memory and processor cost are measured and published")
  func littleHardware() async throws {
    try await ProcessCluster.run { cluster in
      for name in ["AOS01", "AOS02", "AOS03"] { try await cluster.startInstance(name) }
      try await cluster.until("all serve") { $0.handshakeList.count == 3 }
      let before = try await cluster.figures()
      for _ in 1...200 { _ = try await cluster.operators.handshakeList() }
      let after = try await cluster.figures()
      // Generous: Documentation/FIGURES.md has the figures.
      #expect(after["process_resident_memory_bytes", default: .infinity] < 128 * 1_048_576)
      let seconds = "process_cpu_seconds_total"
      #expect(after[seconds, default: 0] > before[seconds, default: .infinity])
      #expect(after["process_open_fds", default: 0] > 0)
    }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let published = try String(
      contentsOf: root.appendingPathComponent("Documentation/FIGURES.md"), encoding: .utf8)
    for row in ["`aosd balancer`, idle, 100 instances", "1,000 handshakes with 100 instances"] {
      let line = published.split(separator: "\n").first { $0.contains(row) }
      #expect(line?.contains("MiB") == true, "\(row)")
    }
  }

  @Test("an instance told to stop says goodbye")
  func goodbye() async throws {
    try await ProcessCluster.run { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.startInstance("AOS01")
      try await cluster.until("it serves") { $0.handshakeList.contains(one) }
      cluster.kill("AOS01", SIGTERM)
      try await cluster.until("it has stopped") { $0[one]?.health == .stopped }
    }
  }
}

/// A balancer and instances, each a process, in a folder that goes with the test.
final class ProcessCluster {
  let folder = "/tmp/aosp-\(UUID().uuidString.prefix(13))"
  /// A busy machine must not look like a fault.
  private let transport = HTTPTransport(
    connectMilliseconds: 60_000, answerMilliseconds: 60_000)
  private var daemons: [String: Daemon] = [:]
  /// Where the balancer listens on 127.0.0.1.
  private(set) var balancerPort = 0

  private var socket: String { folder + "/lb.sock" }
  /// The balancer, as aosctl is told it.
  var balancer: String { "unix://\(socket)" }

  /// As an operator on this machine.
  var operators: ClusterConnection {
    ClusterConnection(.unix(path: socket), transport: transport)
  }

  static func run(_ test: (ProcessCluster) async throws -> Void) async throws {
    let cluster = ProcessCluster()
    try FileManager.default.createDirectory(
      atPath: cluster.folder, withIntermediateDirectories: true)
    let result: Result<Void, any Error>
    do {
      try await cluster.startBalancer()
      try await test(cluster)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    cluster.daemons = [:]
    await cluster.transport.shutDown()
    try? FileManager.default.removeItem(atPath: cluster.folder)
    try result.get()
  }

  func startBalancer() async throws {
    let daemon = try Daemon(
      Program.path("aosd"),
      [
        "balancer", "--listen", "127.0.0.1:0", "--socket", socket, "--database",
        "sqlite:\(folder)/cluster.db",
      ])
    daemons["LB1"] = daemon
    balancerPort = try await daemon.readyPort()
  }

  /// - Returns: Its port.
  @discardableResult
  func startInstance(
    _ name: String, port: Int = 0, joins: Bool = true, _ more: String...
  ) async throws -> Int {
    let daemon = try Daemon(
      Program.path("aosd"),
      [
        "instance", "--name", name, "--listen", "127.0.0.1:\(port)", "--max-clients", "5",
        "--state-directory", "\(folder)/\(name)",
      ] + (joins ? ["--join", balancer] : []) + more)
    daemons[name] = daemon
    return try await daemon.readyPort()
  }

  /// What the balancer measures of itself.
  func figures() async throws -> [String: Double] {
    let answer = try await operators.raw(.get, "/metrics")
    let lines = String(decoding: answer.bytes, as: UTF8.self).split(separator: "\n")
    let pairs = lines.map { $0.split(separator: " ") }.filter { $0.count == 2 }
    return Dictionary(
      pairs.map { (String($0[0]), Double($0[1]) ?? .nan) }, uniquingKeysWith: { $1 })
  }

  func kill(_ name: String, _ signal: Int32) { daemons[name]?.kill(signal) }

  /// Waits for the end of a daemon.
  func end(of name: String) async throws { try await daemons[name]?.end() }

  /// curl as a client: its connection is its session.
  func client(at port: Int) throws -> Daemon {
    try Daemon(
      "/usr/bin/env",
      [
        "curl", "-sN", "-X", "POST", "http://127.0.0.1:\(port)/v1/sessions", "-d",
        #"{"kind":"client","user":"ana","computer":"pc7"}"#,
      ])
  }

  /// Waits until the status feed shows something.
  @discardableResult
  func until(
    _ what: String, _ condition: @Sendable (ClusterSnapshot) -> Bool
  ) async throws -> ClusterSnapshot {
    try await operators.until(what, condition)
  }
}
