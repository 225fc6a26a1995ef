import Foundation
import SmallFiles
import TestSupport
import Testing

@Suite("The file of a Unix socket", .timeLimit(.minutes(3)))
struct SocketOwnershipTests {
  private static func withFolder(_ test: (String) async throws -> Void) async throws {
    let folder = "/tmp/aos-own-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await test(folder)
  }

  private static func words(_ name: String, _ folder: String, socket: String) -> [String] {
    [
      "balancer", "--name", name, "--listen", "127.0.0.1:0", "--socket", socket, "--database",
      "sqlite:\(folder)/\(name).db",
    ]
  }

  private static func instance(_ folder: String, socket: String) -> [String] {
    [
      "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "5",
      "--state-directory", "\(folder)/AOS01", "--socket", socket,
    ]
  }

  private static func name(at socket: String) async throws -> String? {
    let run = try await Program.run(
      Program.path("aosctl"), ["status", "--balancer", "unix://\(socket)"])
    return run.status == 0
      ? ["LB1", "LB2"].first { run.output.contains($0) } : nil
  }

  @Test("has its permissions from the moment it is bound")
  func firstMoment() async throws {
    try await Self.withFolder { folder in
      let file = try await SocketFile(claiming: "\(folder)/a.sock", permissions: 0o600)
      defer { file.release() }
      let descriptor = try file.bind()
      defer { close(descriptor) }
      let about = try FileManager.default.attributesOfItem(atPath: file.temporaryPath)
      #expect(about[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test("on which a living daemon answers is left to it")
  func living() async throws {
    try await Self.withFolder { folder in
      let socket = "\(folder)/lb.sock"
      let first = try Daemon(
        Program.path("aosd"), Self.words("LB1", folder, socket: socket))
      _ = try await first.readyPort()
      for other in [
        Self.words("LB2", folder, socket: socket), Self.instance(folder, socket: socket),
        ["demo", "--instances", "1", "--socket", socket],
      ] {
        let run = try await Program.run(Program.path("aosd"), other)
        #expect(run.status == 1)
        #expect(run.error.contains(socket), "\(run.error)")
        #expect(run.error.contains("another program answers"), "\(run.error)")
        PlainWords.check(run.error)
      }
      #expect(try await Self.name(at: socket) == "LB1")
    }
  }

  @Test("is deleted at the end only if it is still the daemon's own")
  func own() async throws {
    try await Self.withFolder { folder in
      let socket = "\(folder)/lb.sock"
      let first = try Daemon(
        Program.path("aosd"), Self.words("LB1", folder, socket: socket))
      _ = try await first.readyPort()
      unlink(socket)
      let second = try Daemon(
        Program.path("aosd"), Self.words("LB2", folder, socket: socket))
      _ = try await second.readyPort()
      first.kill(SIGTERM)
      try await first.end()
      #expect(try await Self.name(at: socket) == "LB2")
      second.kill(SIGTERM)
      try await second.end()
      #expect(access(socket, F_OK) != 0)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy {
          !$0.contains("sock")
        })
    }
  }

  @Test("that is left over is taken by exactly one of several daemons that start at once")
  func race() async throws {
    try await Self.withFolder { folder in
      let socket = "\(folder)/lb.sock"
      let dead = try Daemon(Program.path("aosd"), Self.words("LB0", folder, socket: socket))
      _ = try await dead.readyPort()
      dead.kill(SIGKILL)
      try await dead.end()
      #expect(access(socket, F_OK) == 0)
      let log = "\(folder)/log"
      let daemons = try (1...4).map { number in
        try Daemon(
          Program.path("aosd"), Self.words("LB\(number)", folder, socket: socket),
          log: "\(log)\(number)")
      }
      defer { for daemon in daemons { daemon.kill(SIGKILL) } }
      func refused() throws -> Int {
        try (1...4).filter {
          try String(contentsOfFile: "\(log)\($0)", encoding: .utf8)
            .contains("another program answers")
        }.count
      }
      let count = try await eventually("all but one are refused", refused) { $0 >= 3 }
      #expect(count == 3)
      // It has the socket before it has read its registry.
      try await eventually(
        "the one that has it answers",
        {
          try await Program.run(
            Program.path("aosctl"), ["status", "--balancer", "unix://\(socket)"])
        }
      ) { $0.status == 0 }
    }
  }

  @Test("has a path that clients take, or its length is named; at the limit it works")
  func length() async throws {
    try await Self.withFolder { folder in
      let longest = folder + "/" + String(repeating: "s", count: 102 - folder.utf8.count)
      let daemon = try Daemon(Program.path("aosd"), Self.words("LB1", folder, socket: longest))
      _ = try await daemon.readyPort()
      #expect(try await Self.name(at: longest) == "LB1")
      daemon.kill(SIGTERM)
      try await daemon.end()
      #expect(access(longest, F_OK) != 0)
      for words in [
        Self.words("LB1", folder, socket: longest + "s"),
        Self.instance(folder, socket: longest + "s"),
        ["demo", "--socket", longest + "s"],
      ] {
        let run = try await Program.run(Program.path("aosd"), words)
        #expect(run.status == 1)
        #expect(run.error.contains("104 bytes"), "\(run.error)")
        #expect(run.error.contains("103"), "\(run.error)")
        #expect(run.error.contains(longest), "\(run.error)")
      }
    }
  }

  @Test("that is not a socket is left as it is, in plain words")
  func noSocket() async throws {
    try await Self.withFolder { folder in
      let path = "\(folder)/file"
      try "text".write(toFile: path, atomically: true, encoding: .utf8)
      for words in [
        Self.words("LB1", folder, socket: path), Self.instance(folder, socket: path),
        Self.words("LB1", folder, socket: folder),
      ] {
        let run = try await Program.run(Program.path("aosd"), words)
        #expect(run.status == 1)
        #expect(run.error.contains("is not a socket"), "\(run.error)")
        PlainWords.check(run.error)
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "text")
    }
  }
}
