import Foundation
import Testing

/// What systemd waits for before `systemctl start` returns.
@Suite("A service's readiness", .timeLimit(.minutes(1)))
struct ServiceManagerTests {
  /// Listens as systemd does, starts a balancer, and prints what it says and where it serves.
  private static let manager = """
    import os, socket, subprocess, sys
    folder, name, program = sys.argv[1:4]
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(name.replace("@", "\\0", 1))
    balancer = subprocess.Popen(
      [program, "balancer", "--listen", "127.0.0.1:0", "--socket", folder + "/lb.sock",
       "--database", "sqlite:" + folder + "/cluster.db"],
      env=dict(os.environ, NOTIFY_SOCKET=name), stdout=subprocess.PIPE, text=True)
    print(manager.recv(100).decode())
    operator = socket.socket(socket.AF_UNIX)
    operator.connect(folder + "/lb.sock")
    print(balancer.stdout.readline())
    balancer.terminate()
    print(balancer.wait())
    """

  @Test("is told to the service manager when the daemon serves", arguments: [false, true])
  func told(isAbstract: Bool) async throws {
    let folder = "/tmp/aosn-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let name = isAbstract ? "@\(folder)" : "\(folder)/notify"
    let result = try await Program.run(
      "/usr/bin/env", ["python3", "-c", Self.manager, folder, name, Program.path("aosd")])
    #expect(result.status == 0, "\(result.error)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.first == "READY=1")
    #expect(lines.contains { $0.hasPrefix("ready LB1 http://127.0.0.1:") })
    #expect(lines.last == "0")
  }

  @Test("does not matter where nobody listens")
  func nobody() async throws {
    let folder = "/tmp/aosn-\(UUID().uuidString.prefix(13))"
    let daemon = try Daemon(
      "/usr/bin/env",
      [
        "NOTIFY_SOCKET=\(folder)/none", Program.path("aosd"), "demo", "--socket",
        "\(folder)/lb.sock",
      ])
    #expect(await daemon.line().hasPrefix("ready "))
  }
}
