import ClusterClient
import ClusterModel
import Foundation
import TestSupport
import Testing

/// What a daemon does when the system lets it open a few files only.
@Suite("A daemon with few descriptors", .timeLimit(.minutes(2)))
struct OpenFilesTests {
  /// Connections that are opened and held.
  private final class Flood {
    private(set) var sockets: [Int32] = []

    init(_ count: Int, port: Int) throws {
      for _ in 0..<count {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #expect(descriptor >= 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
          pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
          }
        }
        #expect(result == 0)
        sockets.append(descriptor)
      }
    }

    /// What the daemon says first to any of them; nobody has said anything to it.
    static func firstWords(to sockets: [Int32]) -> String {
      var waiting = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      while !waiting.isEmpty, poll(&waiting, nfds_t(waiting.count), -1) > 0 {
        for one in waiting where one.revents != 0 {
          var bytes = [UInt8](repeating: 0, count: 4_096)
          let count = recv(one.fd, &bytes, bytes.count, 0)
          if count > 0 { return String(decoding: bytes.prefix(count), as: UTF8.self) }
        }
        waiting.removeAll { $0.revents != 0 }  // closed without a word
      }
      return ""
    }

    func end() {
      for descriptor in sockets { close(descriptor) }
      sockets = []
    }

    deinit { end() }
  }

  /// Takes every connection that comes, and never says a word: the kernel does it all.
  private final class Silence {
    let port: Int
    private let listener: Int32

    init() throws {
      let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isListening = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(file, $0, size) == 0 && listen(file, 1_024) == 0
            && getsockname(file, $0, &size) == 0
        }
      }
      #expect(isListening)
      listener = file
      port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(listener) }
  }

  /// A daemon that may have few files open: 66 on a machine with two processors.
  private static func daemon(_ arguments: [String], folder: String) throws -> Daemon {
    try Daemon(
      "/bin/sh",
      [
        "-c", #"ulimit -n $((60 + 3 * $(getconf _NPROCESSORS_ONLN))) && exec "$0" "$@""#,
        Program.path("aosd"),
      ] + arguments,
      log: folder + "/log")
  }

  private static func inFolder(_ test: (String) async throws -> Void) async throws {
    let folder = "/tmp/aos-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await test(folder)
  }

  @Test("an instance outlives a flood at all of its doors, the port of the agent among them")
  func everyDoor() async throws {
    try await Self.inFolder { folder in
      let socket = folder + "/aos.sock"
      let agentPort = try Silence().port  // free again
      let daemon = try Self.daemon(
        [
          "instance", "--name", "AOS01", "--listen", "127.0.0.1:0", "--max-clients", "10",
          "--socket", socket, "--state-directory", folder + "/state",
          "--agent-listen", "127.0.0.1:\(agentPort)",
        ], folder: folder)
      let port = try await daemon.readyPort()
      let transport = HTTPTransport(connectMilliseconds: 60_000, answerMilliseconds: 60_000)
      let client = ClusterConnection(
        .http(try Address(host: "127.0.0.1", port: port)), transport: transport)
      let operators = ClusterConnection(.unix(path: socket), transport: transport)
      for _ in 1...3 {
        let floods = try [Flood(300, port: agentPort), Flood(300, port: port)]
        _ = try await operators.livez()
        for flood in floods { flood.end() }
        try await eventually("a client is served") { (try? await client.livez()) != nil }
      }
      withExtendedLifetime(daemon) {}
      await transport.shutDown()
    }
  }

  @Test("a balancer with more instances than descriptors serves on, and says what it lacks")
  func outgoing() async throws {
    try await Self.inFolder { folder in
      let (socket, silence) = (folder + "/lb.sock", try Silence())
      let daemon = try Self.daemon(
        [
          "balancer", "--listen", "127.0.0.1:0", "--socket", socket,
          "--database", "sqlite:\(folder)/cluster.db",
        ], folder: folder)
      let port = try await daemon.readyPort()
      let transport = HTTPTransport(connectMilliseconds: 60_000, answerMilliseconds: 60_000)
      let operators = ClusterConnection(.unix(path: socket), transport: transport)
      for number in 1...50 {
        let address = try Address(host: "127.0.1.\(number)", port: silence.port)
        _ = try await operators.change(.add(try InstanceID("AOS\(number)"), at: address))
      }
      try await eventually("it says what it lacks") {
        try await operators.status().instances.compactMap(\.healthReason)
      } is: { reasons in
        reasons.contains { $0.contains("limit on open files") }
      }
      let flood = try Flood(300, port: port)
      _ = try await operators.status()
      flood.end()
      let client = ClusterConnection(
        .http(try Address(host: "127.0.0.1", port: port)), transport: transport)
      try await eventually("a client is served") { (try? await client.livez()) != nil }
      withExtendedLifetime((daemon, silence)) {}
      await transport.shutDown()
    }
  }

  @Test("a flood of connections leaves the Unix socket to the operators, and is logged once")
  func flood() async throws {
    try await Self.inFolder { try await flood(in: $0) }
  }

  private func flood(in folder: String) async throws {
    let socket = folder + "/lb.sock"
    let daemon = try Self.daemon(
      [
        "balancer", "--listen", "127.0.0.1:0", "--socket", socket,
        "--database", "sqlite:\(folder)/cluster.db",
      ], folder: folder)
    let port = try await daemon.readyPort()
    let flood = try Flood(300, port: port)
    let sockets = flood.sockets
    let words = await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: Flood.firstWords(to: sockets)) }
    }
    #expect(words.hasPrefix("HTTP/1.1 503"), "\(words)")
    for _ in 1...3 {
      let status = try await Program.run(
        Program.path("aosctl"), ["status", "--balancer", "unix://\(socket)"])
      #expect(status.status == 0, "\(status.error)")
    }
    let lines = try String(contentsOfFile: folder + "/log", encoding: .utf8)
    #expect(lines.components(separatedBy: "Connections are refused").count == 2, "\(lines)")
    #expect(!lines.contains("accept"), "\(lines)")
    flood.end()
    // And clients are served again.
    let transport = HTTPTransport(connectMilliseconds: 60_000, answerMilliseconds: 60_000)
    let client = ClusterConnection(
      .http(try Address(host: "127.0.0.1", port: port)), transport: transport)
    try await eventually("a client is served") { (try? await client.livez()) != nil }
    await transport.shutDown()
  }
}
