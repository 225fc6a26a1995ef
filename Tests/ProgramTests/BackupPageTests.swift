import Foundation
import TestSupport
import Testing

@testable import Registry

/// Follows the steps of Documentation/BACKUP.md, word by word.
@Suite("The page of backups", .timeLimit(.minutes(3)))
struct BackupPageTests {
  /// The commands of the page: those before its first chapter, and those of one chapter.
  private static func commands(in chapter: String?) throws -> [String] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Documentation/BACKUP.md").standardized
    let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    let start = try chapter.map { try #require(lines.firstIndex(of: "## \($0)")) } ?? 0
    let end = lines[(start + 1)...].firstIndex { $0.hasPrefix("## ") } ?? lines.count
    let commands = lines[start..<end].filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
    return commands.map(String.init)
  }

  /// One machine with a balancer and an instance, which the page's commands meet.
  private final class Machine {
    let folder = "/tmp/aosb-\(UUID().uuidString.prefix(13))"
    let database: String
    private var balancer: Daemon?
    private var instances: [Daemon] = []
    private(set) var commandsRun = 0

    var socket: String { "\(folder)/lb.sock" }

    /// - Parameter database: Nil: in the machine's folder.
    init(database: String? = nil) throws {
      self.database = database ?? "sqlite:\(folder)/cluster.db"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func startBalancer() async throws {
      let daemon = try Daemon(
        Program.path("aosd"),
        [
          "balancer", "--listen", "127.0.0.1:0", "--socket", socket, "--database", database,
        ])
      balancer = daemon
      _ = try await daemon.readyPort()
    }

    func startInstance(_ name: String) async throws {
      let daemon = try Daemon(
        Program.path("aosd"),
        [
          "instance", "--name", name, "--listen", "127.0.0.1:0", "--max-clients", "5", "--join",
          "unix://\(socket)", "--state-directory", "\(folder)/\(name)",
        ])
      instances.append(daemon)
      _ = try await daemon.readyPort()
    }

    /// Runs a command of the page, with this machine's places for those of the page.
    func run(_ command: String) async throws -> Program.Result {
      commandsRun += 1
      switch command {
      case "systemctl stop aosd-balancer@LB1":
        balancer?.kill(SIGTERM)
        try await balancer?.end()
        balancer = nil
      case "systemctl start aosd-balancer@LB1": try await startBalancer()
      case let command where command.hasPrefix("chown "): break  // all are one user here
      default:
        let places = [
          ("/var/backups/aos.backup", "\(folder)/aos.backup"),
          ("sqlite:/var/lib/aos/cluster.db", database),
          ("/var/lib/aos/cluster.db", "\(folder)/cluster.db"),
          ("postgres://aos@db/aos", database),
        ]
        var words = command
        for (theirs, ours) in places {
          words = words.replacingOccurrences(of: theirs, with: ours)
        }
        let programs = URL(filePath: Program.path("aosd")).deletingLastPathComponent().path
        return try await Program.run(
          "/bin/sh", ["-c", words],
          environment: [
            "PATH": "\(programs):/usr/local/bin:/usr/bin:/bin", "AOS_BALANCER": "unix://\(socket)",
          ])
      }
      return Program.Result(status: 0, output: "", error: "")
    }

    /// Waits until the output of a command holds some words.
    func until(_ words: String, in command: String) async throws {
      try await eventually("\(command) says \(words)") {
        try await run(command)
      } is: {
        $0.output.contains(words)
      }
    }
  }

  /// Makes a backup of a cluster with a drained server, changes the cluster, and restores it.
  private func follow(_ chapter: String, on machine: Machine) async throws {
    try await machine.startBalancer()
    for name in ["AOS01", "AOS02"] {
      try await machine.startInstance(name)
      try await machine.until(name, in: "aosctl handshake")
    }
    for command in ["aosctl drain AOS01 --reason before", "aosctl status"] {
      let result = try await machine.run(command)
      #expect(result.status == 0, "\(command): \(result.error)")
    }
    for command in try Self.commands(in: nil) {
      let result = try await machine.run(command)
      #expect(result.status == 0, "\(command): \(result.error)")
    }
    let file = "\(machine.folder)/aos.backup"
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let second = try await machine.run("aosctl backup /var/backups/aos.backup")
    #expect(second.status == 1 && second.error.contains("File exists"))
    #expect(try await machine.run("aosctl backup --force /var/backups/aos.backup").status == 0)
    // After the backup: what the page says is lost.
    for command in ["aosctl enable AOS01", "aosctl drain AOS02 --reason after"] {
      #expect(try await machine.run(command).status == 0, "\(command)")
    }
    let commands = try Self.commands(in: chapter)
    #expect(commands.count > 4)
    for command in commands {
      let result = try await machine.run(command)
      #expect(result.status == 0, "\(command): \(result.error)")
    }
    try await machine.until("given again", in: "aosctl actions")
    // Both instances obey what the backup says.
    for command in ["aosctl drain AOS01 --wait", "aosctl enable AOS02"] {
      let result = try await machine.run(command)
      #expect(result.status == 0, "\(command): \(result.error)")
    }
    let status = try await machine.run("aosctl status").output.split(separator: "\n")
    let rows = status.filter { $0.hasPrefix("AOS0") }.map(String.init)
    #expect(rows.count == 2)
    #expect(rows.first?.contains("drained") == true, "\(rows)")
    #expect(rows.last?.contains("accepting") == true, "\(rows)")
  }

  @Test("the page's steps restore a registry in SQLite, and instances obey it")
  func sqlite() async throws {
    try await follow("SQLite", on: try Machine())
  }

  @Test("the page's steps restore a registry in PostgreSQL, and instances obey it")
  func postgres() async throws {
    let server = try PostgresServer()
    let name = try server.makeDatabase().database
    let host = server.folder.replacingOccurrences(of: "/", with: "%2F")
    try await follow(
      "PostgreSQL",
      on: try Machine(database: "postgres://aos@\(host):\(server.port)/\(name)"))
    try server.stop()
  }
}
