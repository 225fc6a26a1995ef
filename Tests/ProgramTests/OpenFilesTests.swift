import ClusterClient
import ClusterModel
import Foundation
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

  @Test("a flood of connections leaves the Unix socket to the operators, and is told of once")
  func flood() async throws {
    let folder = "/tmp/aos-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = folder + "/lb.sock"
    let daemon = try Daemon(
      "/bin/sh",
      [
        "-c", "ulimit -n 64 && exec \"$0\" \"$@\"", Program.path("aosd"), "balancer",
        "--listen", "127.0.0.1:0", "--socket", socket,
        "--database", "sqlite:\(folder)/cluster.db",
      ], log: folder + "/log")
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
    while (try? await client.livez()) == nil { await Task.yield() }
    await transport.shutDown()
  }
}
