import ClusterClient
import ClusterModel
import Foundation
import TestSupport
import Testing

/// The services (AIF) of the servers, through a real HAProxy that runs the printed configuration.
@Suite("Services behind HAProxy", .timeLimit(.minutes(4)))
struct ServicesTests {
  @Test("HAProxy accepts the printed configuration unchanged, with the HTTP check and without")
  func accepted() async throws {
    try await ServicesCluster.run { services in
      for options in [[], ["--http-check", "/well?a=1&b=(2)"], ["--listen", "[::1]:8443"]] {
        let file = try await services.printed(options)
        let result = try await Program.run("/usr/bin/env", ["haproxy", "-c", "-f", file])
        #expect(result.status == 0, "\(result.output)\(result.error)")
      }
    }
  }

  @Test("a drain takes a server's services out, and enable brings them back")
  func drained() async throws {
    try await ServicesCluster.run { services in
      try await services.startProxy()
      try await services.until(["AOS01", "AOS02"])
      let one = try InstanceID("AOS01")
      _ = try await services.cluster.operators.change(.drain([one], reason: "patch"))
      try await services.until(["AOS02"])
      _ = try await services.cluster.operators.change(.enable([one]))
      try await services.until(["AOS01", "AOS02"])
    }
  }

  @Test("what HAProxy's own operator has set stays, whatever the agents answer")
  func operatorsOfHAProxy() async throws {
    try await ServicesCluster.run { services in
      try await services.startProxy()
      try await services.until(["AOS01", "AOS02"])
      try await services.say("set server services/AOS01 state drain")
      try await services.until(["AOS02"])
      // Meanwhile its agent says that it takes nobody, and that it takes everybody again.
      let one = try InstanceID("AOS01")
      _ = try await services.cluster.operators.change(.drain([one], reason: "patch"))
      try await eventually("weight 0") { try await services.state(of: "AOS01")?.weight == 0 }
      _ = try await services.cluster.operators.change(.enable([one]))
      let state = try await eventually("weight 200") {
        try await services.state(of: "AOS01")
      } is: {
        $0?.weight == 200
      }
      #expect(state?.isDrainedByHand == true)
      try await services.until(["AOS02"])
      try await services.say("set server services/AOS01 state ready")
      try await services.until(["AOS01", "AOS02"])
    }
  }

  @Test("a server whose services hang, or that is dead, gets nothing", arguments: [false, true])
  func dead(isHanging: Bool) async throws {
    try await ServicesCluster.run { services in
      try await services.startProxy(["--http-check", "/"])
      try await services.until(["AOS01", "AOS02"])
      if isHanging {
        services.web["AOS01"]?.kill(SIGSTOP)
      } else {
        services.cluster.kill("AOS01", SIGKILL)
      }
      try await services.until(["AOS02"])
    }
  }

  @Test("a server that does not say where its services are is left out, and aosctl says so")
  func leftOut() async throws {
    try await ServicesCluster.run { services in
      try await services.cluster.startInstance("AOS03")
      let three = try InstanceID("AOS03")
      try await services.cluster.until("it has joined") { $0[three] != nil }
      let result = try await services.haproxy([])
      #expect(result.status == 0)
      #expect(result.error == "aosctl: AOS03 is left out: it has no --services-address\n")
      #expect(!result.output.contains("server AOS03"))
      #expect(!result.output.contains("server LB1"))
    }
  }

  @Test(
    "a path that HAProxy would read as something else is refused",
    arguments: ["", "well", "/a b", "/\"", "/\n", "/$HOME", "/\\", "/ä", "/#x", "/'"])
  func badPath(path: String) async throws {
    let result = try await Program.run(
      Program.path("aosctl"), ["services", "haproxy", "--http-check", path])
    #expect(result.status == 1)
    #expect(result.error.contains("--http-check"), "\(result.error)")
  }
}

/// A cluster of two servers with services, and a HAProxy in front of these.
private final class ServicesCluster {
  let cluster: ProcessCluster
  /// The services, by the id of their server: each answers with it.
  private(set) var web: [String: Daemon] = [:]
  private var proxy: Daemon?

  private init(_ cluster: ProcessCluster) { self.cluster = cluster }

  static func run(_ test: (ServicesCluster) async throws -> Void) async throws {
    try await ProcessCluster.run { cluster in
      let services = ServicesCluster(cluster)
      for name in ["AOS01", "AOS02"] {
        let web = try Daemon("/usr/bin/env", ["python3", "-c", Self.script, name])
        services.web[name] = web
        let port = try await web.readyPort()
        try await cluster.startInstance(
          name, "--services-address", "127.0.0.1:\(port)", "--agent-listen", "127.0.0.1:0")
      }
      try await cluster.until("both serve, and say where their agents are") { status in
        status.handshakeList.count == 2
          && status.instances.filter { $0.agentAddress != nil }.count == 2
      }
      try await test(services)
      // Until here the daemons live.
      withExtendedLifetime(services) {}
    }
  }

  private static let script = """
    import http.server, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(sys.argv[1])))
            self.end_headers()
            self.wfile.write(sys.argv[1].encode())
        def log_message(self, *words): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print("ready http://127.0.0.1:%d" % server.server_port, flush=True)
    server.serve_forever()
    """

  func haproxy(_ options: [String]) async throws -> Program.Result {
    try await Program.run(
      Program.path("aosctl"), ["services", "haproxy", "--balancer", cluster.balancer] + options)
  }

  /// - Returns: The file with the configuration as it was printed.
  func printed(_ options: [String]) async throws -> String {
    let result = try await haproxy(options)
    try #require(result.status == 0, "\(result.error)")
    let file = cluster.folder + "/haproxy.cfg"
    try Data(result.output.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  private var door: String { cluster.folder + "/services.sock" }
  private var stats: String { cluster.folder + "/stats.sock" }

  /// Runs HAProxy with the printed configuration. It listens on a Unix socket, since no port is
  /// known to be free.
  func startProxy(_ options: [String] = []) async throws {
    let file = try await printed(options)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try #require(text.contains("\n  bind :8080\n"))
    let moved = text.replacing("\n  bind :8080\n", with: "\n  bind unix@\(door)\n")
    try Data(moved.utf8).write(to: URL(fileURLWithPath: file))
    let more = cluster.folder + "/stats.cfg"
    try Data("global\n  stats socket \(stats) level admin\n".utf8)
      .write(to: URL(fileURLWithPath: more))
    proxy = try Daemon(
      "/usr/bin/env", ["haproxy", "-db", "-f", file, "-f", more],
      log: cluster.folder + "/haproxy.log")
  }

  /// Tells HAProxy something over its own socket.
  @discardableResult
  func say(_ command: String) async throws -> String {
    let script = """
      import socket, sys
      s = socket.socket(socket.AF_UNIX)
      s.connect(sys.argv[1])
      s.sendall((sys.argv[2] + "\\n").encode())
      while part := s.recv(65536): sys.stdout.write(part.decode())
      """
    return try await Program.run("/usr/bin/env", ["python3", "-c", script, stats, command]).output
  }

  /// What HAProxy knows of a server: the weight as its agent has set it, and whether HAProxy's
  /// operator has drained it (management.txt, show servers state).
  func state(of name: String) async throws -> (weight: Int, isDrainedByHand: Bool)? {
    let rows = try await say("show servers state services").split(separator: "\n").map {
      $0.split(separator: " ")
    }
    let row = rows.first { $0.count > 7 && $0[3] == name }
    guard let row, let administrative = Int(row[6]), let weight = Int(row[7]) else { return nil }
    return (weight, administrative & 0x08 != 0)
  }

  /// Waits until the services of exactly these servers answer: of ten requests in a row each has
  /// some.
  func until(_ names: Set<String>) async throws {
    let script = """
      for i in 1 2 3 4 5 6 7 8 9 10; do
        curl -s --max-time 20 --unix-socket "$1" http://services/ || echo none
        echo
      done
      """
    try await eventually("services of \(names.sorted())") {
      let result = try await Program.run("/bin/sh", ["-c", script, "sh", door])
      return Set(result.output.split(separator: "\n").map(String.init))
    } is: {
      $0 == names
    }
  }
}
