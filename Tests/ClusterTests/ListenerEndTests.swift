import ClusterAPI
import ClusterModel
import Foundation
import Glibc
import Logging
import ServiceSupport
import Synchronization
import Testing

@Suite("The end of a listener", .timeLimit(.minutes(5)))
struct ListenerEndTests {
  /// The server's task may be gone between the moment in which it takes a connection and the one in
  /// which it serves it. Which of the rounds meet that moment is chance; none may end the process.
  @Test(
    "meets connections that have just been taken, and closes them",
    arguments: ["killed", "stopped"])
  func races(ending: String) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    for _ in 0..<40 {
      let port = OneTimeValue<Int>()
      let responder = ServiceResponder(routes: []) { _, _, _ in throw Problem(.forbidden, "") }
      let listener = Listener(
        .tcp(host: "127.0.0.1", port: 0), responder: responder, logger: logger
      ) { port.resolve(.success($0 ?? 0)) }
      let running = RunningService([listener], logger: logger)
      let number = try await port.value
      let crowd = Crowd(port: number, count: 4)
      await crowd.connected(20)
      if ending == "killed" { await running.kill() } else { await running.stop() }
      await crowd.leave()
    }
  }

  /// Threads that connect and go away again, one connection after the other.
  private final class Crowd: Sendable {
    private let isOver = Atomic(false)
    private let count = Atomic(0)
    private let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
    private let (ends, end) = AsyncStream.makeStream(of: Void.self)
    private let threads: Int

    init(port: Int, count: Int) {
      threads = count
      for _ in 0..<count {
        Thread.detachNewThread { [self] in
          while !isOver.load(ordering: .relaxed) { visit(port) }
          end.yield()
        }
      }
    }

    private func visit(_ port: Int) {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = UInt16(port).bigEndian
      name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      _ = withUnsafePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      close(descriptor)
      arrive.yield()
    }

    func connected(_ number: Int) async {
      var seen = 0
      for await _ in arrivals {
        seen += 1
        if seen >= number { return }
      }
    }

    func leave() async {
      isOver.store(true, ordering: .relaxed)
      var left = threads
      for await _ in ends {
        left -= 1
        if left == 0 { return }
      }
    }
  }
}
