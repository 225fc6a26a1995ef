import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ScriptedServer
import Synchronization
import TestSupport
import Testing

/// Where the output of a program goes.
private enum Place: String, CaseIterable, Sendable {
  case fullDisk, closed, readerLeft

  /// A script that runs a program with its output going there. `$F` is a path of its own.
  private var script: String {
    switch self {
    case .fullDisk: #"exec "$@" >/dev/full"#
    case .closed: #"exec "$@" >&-"#
    case .readerLeft:
      #"mkfifo "$F"; exec 3<>"$F"; exec 4>"$F"; exec 3<&-; exec "$@" >&4 4>&-"#
    }
  }

  func run(_ words: [String], environment: [String: String] = [:]) async throws -> Program.Result {
    let path = "/tmp/aos-output-\(UUID().uuidString)"
    defer { unlink(path) }
    var variables = ["PATH": "/usr/bin:/bin", "F": path]
    variables.merge(environment) { $1 }
    return try await Program.run(
      "/bin/sh", ["-c", script, "sh"] + words, environment: variables)
  }

  /// How a program ends whose output cannot go there: its exit code, and what it says.
  var end: (status: Int32, words: String) {
    switch self {
    case .fullDisk: (1, "cannot write to standard output: No space left on device")
    case .closed: (1, "cannot write to standard output: it is closed")
    case .readerLeft: (128 + SIGPIPE, "")
    }
  }
}

@Suite("Output", .timeLimit(.minutes(5)))
struct OutputTests {
  /// Every command of aosctl that prints without changing anything, by the words that lead to it.
  private static let aosctl: [String: [String]] = [
    "status": [], "watch": ["--json"], "actions": ["--events"], "history": [],
    "handshake": [], "sessions": ["AOS01"],
    "cluster-key show": [], "cluster-key rotate": ["--dry-run"], "license show": [],
    "license remove": ["--dry-run"],
    "license seats": ["none", "--dry-run"], "license key": ["KEY"],
    "license issue": ["--key=K", "--holder=h", "--cluster=C", "--seats=1", "--days=1"],
    "drain": ["AOS01", "--dry-run", "--acknowledge=lastServer", "--acknowledge=overCapacity"],
    "enable": ["AOS01", "--dry-run"],
    "limit": ["AOS01", "5", "--dry-run"], "add": ["AOS09", "127.0.0.1:9", "--dry-run"],
    "remove": ["AOS01", "--force", "--dry-run"], "token list": [],
    "connect": ["--servers", "ADDRESS", "--hold", "0"], "config check": ["AXC"],
  ]
  /// Those that need something to end, to install, to revoke or to send services to, and print by
  /// the same way; the making of a token has tests of its own.
  private static let others: Set = [
    "end", "license install", "token revoke", "token create", "token assign", "backup",
    "services haproxy", "roll",
  ]

  private static let aostop = [
    ["--once"], ["--json"], ["--stream"], ["--print-config"], ["--version"], ["--sort", "help"],
    ["--help"],
  ]

  @Test("the table names every command of aosctl")
  func complete() throws {
    let named = Set(try DeclaredCommand.aosctl().leaves().map { $0.path.joined(separator: " ") })
    // `license issue` and `license key` need no cluster; all others do.
    #expect(named.subtracting(Self.aosctl.keys).subtracting(Self.others).isEmpty)
  }

  @Test("that cannot be written is an error of every command that prints; a reader may leave")
  func everyCommand() async throws {
    try await ProcessCluster.run { cluster in
      let port = try await cluster.startInstance("AOS01")
      let (key, axc) = ("\(cluster.folder)/key", "\(cluster.folder)/a.axc")
      _ = try await make("license", "key", key)
      try Self.configuration(port).write(toFile: axc, atomically: true, encoding: .utf8)
      let one = try InstanceID("AOS01")
      try await cluster.until("it serves") { $0.handshakeList.contains(one) }
      var runs = Self.aosctl.map { path, more in
        [Program.path("aosctl")] + path.split(separator: " ").map(String.init)
          + more.map {
            $0.replacingOccurrences(of: "=K", with: "=\(key)")
              .replacingOccurrences(of: "ADDRESS", with: "127.0.0.1:\(port)")
              .replacingOccurrences(of: "AXC", with: axc)
          }
      }
      runs += Self.aostop.map { [Program.path("aostop")] + $0 }
      runs += [["--help"], ["--version"]].flatMap { words in
        ["aosctl", "aosd"].map { [Program.path($0)] + words }
      }
      for place in Place.allCases {
        for (number, words) in runs.enumerated() {
          let words = words.map {
            $0.replacingOccurrences(
              of: "KEY", with: "\(cluster.folder)/\(place.rawValue)\(number)")
          }
          let run = try await place.run(words, environment: ["AOS_BALANCER": cluster.balancer])
          let name = "\(words.dropFirst()) to \(place.rawValue)"
          #expect(run.status == place.end.status, "\(name): \(run.error)")
          if place == .readerLeft {
            // `watch` may have connected, and said so, before its reader left.
            let error = run.error.split(separator: "\n").filter { !$0.hasPrefix("connected to ") }
            #expect(error.isEmpty, "\(name): \(run.error)")
          } else {
            #expect(run.error.contains(place.end.words), "\(name): \(run.error)")
          }
        }
      }
    }
  }

  private func make(_ words: String...) async throws {
    let run = try await Program.run(Program.path("aosctl"), words)
    #expect(run.status == 0, "\(run.error)")
  }

  private static func configuration(_ port: Int) -> String {
    """
    Configuration export file from Dynamics AX
    Type: configuration
    Version: 2
    Description: test
    Client
    \t\taos2,Text,127.0.0.1:\(port)
    """
  }

  @Test(
    "of a stream whose reader leaves ends it, even when nothing more is to be written",
    arguments: [
      "aostop --stream", "aosctl watch", "aosctl watch --json",
    ])
  func readerLeaves(command: String) async throws {
    try await ProcessCluster.run { cluster in
      let words = command.split(separator: " ").map(String.init)
      // The shell waits for both, so this returns only if the command ends.
      let run = try await Program.run(
        "/bin/sh", ["-c", #""$@" | head -n 1"#, "sh", Program.path(words[0])] + words.dropFirst(),
        environment: ["PATH": "/usr/bin:/bin", "AOS_BALANCER": cluster.balancer])
      #expect(run.status == 0)
      #expect(run.output.split(separator: "\n").count == 1)
    }
  }

  @Test(
    "arrives whole in a pipe that does not block and has a slow reader",
    arguments: [["aosctl", "actions", "--json"], ["aostop", "--json"]])
  func slowReader(command: [String]) async throws {
    try await ProcessCluster.run { cluster in
      // More than the 4,096 bytes that the pipe takes.
      for number in 10..<60 {
        let id = try InstanceID("AOS\(number)")
        let address = try Address(host: "127.0.0.1", port: number)
        _ = try await cluster.operators.change(.add(id, at: address))
      }
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      for end in ends {
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
      }
      _ = fcntl(ends[1], 1031, 4_096)  // F_SETPIPE_SZ
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path(command[0]))
      process.arguments = Array(command.dropFirst())
      process.environment = ["AOS_BALANCER": cluster.balancer]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
      let status = Mutex<Int32?>(nil)
      let (ended, continuation) = AsyncStream.makeStream(of: Never.self)
      process.terminationHandler = { ended in
        status.withLock { $0 = ended.terminationStatus }
        continuation.finish()
      }
      try process.run()
      close(ends[1])
      let reading = ends[0]
      let bytes = await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: Self.readSlowly(reading)) }
      }
      for await _ in ended {}
      close(reading)
      #expect(status.withLock { $0 } == 0)
      #expect(bytes.count > 4_096)
      #expect((try? JSONSerialization.jsonObject(with: Data(bytes))) != nil)
    }
  }

  /// Reads a little whenever the pipe is full or the writer has gone.
  private static func readSlowly(_ descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 512)
    while true {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      poll(&wanted, 1, -1)
      let count = read(descriptor, &part, part.count)
      if count == 0 { return bytes }
      if count > 0 { bytes += part.prefix(count) }
    }
  }

  @Test("that is closed at the start is opened on /dev/null, so that no file takes its number")
  func closedDescriptors() async throws {
    let folder = "/tmp/aos-closed-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = "\(folder)/lb.sock"
    let daemon = try Daemon(
      "/bin/sh",
      [
        "-c", #"exec "$@" <&- >&- 2>&-"#, "sh", Program.path("aosd"), "balancer", "--listen",
        "127.0.0.1:0", "--socket", socket, "--database", "sqlite:\(folder)/cluster.db",
      ])
    let arguments = ["status", "--balancer", "unix://\(socket)"]
    try await eventually("the balancer answers") {
      try await Program.run(Program.path("aosctl"), arguments)
    } is: {
      $0.status == 0
    }
    for number in 0...2 {
      let target = try FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/\(daemon.processID)/fd/\(number)")
      #expect(target == "/dev/null")
    }
    daemon.kill(SIGTERM)
    try await daemon.end()
  }
}

@Suite("A token whose secret cannot be written", .timeLimit(.minutes(3)))
struct LostTokenTests {
  private struct Listed: Decodable {
    struct Token: Decodable {
      var id: String
      var revokedAt: String?
    }

    var tokens: [Token]
  }

  @Test("is revoked, and the command reports it", arguments: [[], ["--json"]])
  func revoked(form: [String]) async throws {
    try await ProcessCluster.run { cluster in
      let environment = ["AOS_BALANCER": cluster.balancer]
      let words = [Program.path("aosctl"), "token", "create", "--role", "viewer"] + form
      for place in Place.allCases {
        let run = try await place.run(words, environment: environment)
        #expect(run.status == 1)
        #expect(run.error.contains("is revoked"), "\(run.error)")
        #expect(run.error.contains("cannot write to standard output"), "\(run.error)")
      }
      let list = try await Program.run(
        Program.path("aosctl"), ["token", "list", "--json"], environment: environment)
      let tokens = try JSONDecoder().decode(Listed.self, from: Data(list.output.utf8)).tokens
      #expect(tokens.count == Place.allCases.count)
      #expect(tokens.allSatisfy { $0.revokedAt != nil })
    }
  }

  @Test("into a file that may not grow is revoked, and leaves no file")
  func fileLimit() async throws {
    try await ProcessCluster.run { cluster in
      let path = "\(cluster.folder)/token"
      let run = try await Program.run(
        "/bin/sh",
        [
          "-c", #"(ulimit -f 0; exec "$@") </dev/null 2>&1 | cat"#, "sh", Program.path("aosctl"),
          "token", "create", "--role", "viewer", "--output", path, "--balancer", cluster.balancer,
        ], environment: ["PATH": "/usr/bin:/bin"])
      #expect(run.output.contains("is revoked"), "\(run.output)")
      #expect(run.output.contains("--output: \(path): File too large"), "\(run.output)")
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("and that cannot be revoked either is named, with the command that revokes it")
  func unrevoked() async throws {
    let token = """
      {"id":"t1","name":"viewer t1","role":"viewer","createdAt":"2026-01-01T00:00:00.000Z",\
      "createdBy":"root","revokedAt":null,"token":"secret"}
      """
    try await ScriptedServer.run { request, reply in
      if request.method == "POST" {
        try await reply.answer(Array(token.utf8), status: 201)
      } else {
        try await reply.problem(Problem(.registryUnavailable, "The disk is full."))
      }
    } _: { server in
      let run = try await Place.fullDisk.run(
        [Program.path("aosctl"), "token", "create", "--role", "viewer"],
        environment: ["AOS_BALANCER": server.endpoint.description])
      #expect(run.status == 1)
      #expect(run.error.contains("could not be revoked"), "\(run.error)")
      #expect(run.error.contains("aosctl token revoke t1"), "\(run.error)")
      #expect(run.error.contains("The disk is full."), "\(run.error)")
      #expect(!run.error.contains("secret\n"))
      #expect(server.requests.map(\.method) == ["POST", "DELETE"])
    }
  }
}
