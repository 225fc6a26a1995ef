internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import RealPrograms

/// Clients that open sessions at one instance and keep them, in a process of their own: one
/// process may not have as many files open as all of them together.
enum SessionCrowd {
  private static let atOnce = 16
  private static let done = "open"

  /// Starts this many clients.
  static func begin(_ count: Int, at address: Address, in folder: ScratchFolder) throws -> Child {
    try Child("/proc/self/exe", ["--visit", "\(address),\(count)"], in: folder)
  }

  /// Waits until all of them have their sessions.
  static func wait(for crowd: Child) throws { while try crowd.line() != done {} }

  /// The process: opens the sessions, says how far it is, and keeps them until it is killed.
  ///
  /// - Parameter order: `ADDRESS,COUNT`.
  static func visit(_ order: String) throws {
    let parts = order.split(separator: ",")
    guard parts.count == 2, let count = Int(parts[1]) else {
      throw UsageError(description: "\(order) is not ADDRESS,COUNT")
    }
    let address = try Address(String(parts[0]))
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    for start in stride(from: 0, to: count, by: atOnce) {
      let opening = (start..<min(start + atOnce, count)).map { _ in
        Visitor.exchange(address, Visitor.session(ticket: nil), until: "event: open", on: loop)
      }
      for exchange in opening {
        let answer = try exchange.wait().answer
        guard answer.contains("event: open") else { throw ProgramFailure("no session: \(answer)") }
      }
      if start % (64 * atOnce) == 0 { Output.line("\(start)") }
    }
    Output.line(done)
    while true { SteadyClock.wait(seconds: 60) }
  }
}
