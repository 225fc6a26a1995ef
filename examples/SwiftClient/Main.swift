internal import ClusterAPI
internal import ClusterClient
internal import Dispatch
internal import Glibc

/// A client of the cluster in Swift: finds a server, opens a session there and holds it.
///
///     SwiftClient "LB1@10.0.0.1:2712;AOS01@10.0.0.2:2713" [USER]
///
/// It does what client.py does, and leaves the way to the library. It holds the session until
/// Ctrl-C or SIGTERM. Exit codes: 0 the client left, 1 wrong usage, 2 no server could be reached
/// or the connection was lost, 3 refused, or an operator ended the session.
@main
struct Main {
  static func main() async {
    let words = Array(CommandLine.arguments.dropFirst())
    guard (1...2).contains(words.count), let entries = try? ServerEntry.list(words[0]) else {
      say("usage: SwiftClient ENTRY[;ENTRY...] [USER]", to: STDERR_FILENO)
      exit(1)
    }
    let user = words.count > 1 ? words[1] : getenv("USER").map { String(cString: $0) }
    let transport = HTTPTransport()
    let walk = ClientWalk(
      entries: entries, user: user ?? "somebody", computer: computer(), transport: transport)
    let reporter = Reporter(transport)
    let session = Task { await walk.run { step in await reporter.take(step) } }

    let signals = cancelOnSignal(session)
    let end = await session.value
    for source in signals { source.cancel() }
    await reporter.stop()
    await transport.shutDown()
    exit(code(of: end))
  }

  /// Says how the session ended.
  private static func code(of end: WalkEnd) -> Int32 {
    switch end {
    case .closed:
      say("closed")
      return 0
    case .ended(let reason):
      say("the session was ended: \(reason)")
      return 3
    case .lost(let failure):
      say("the session was lost: \(failure)")
      return 2
    case .refused(let problem):
      say("\(problem.detail)")
      return 3
    case .exhausted(let answered): return answered ? 3 : 2
    }
  }
}

/// Prints each step, and reports the user's activity while a session is open.
private actor Reporter {
  private let transport: HTTPTransport
  private var activity: Task<Void, Never>?

  init(_ transport: HTTPTransport) { self.transport = transport }

  func take(_ step: WalkStep) {
    switch step {
    case .asking(let entry, _, _): say("asking \(entry)")
    case .passedOver(_, let failure): say("  \(failure)")
    case .answered: break
    case .trying(let server, _, _): say("  trying \(server.id) at \(server.address)")
    case .refused(_, let failure): say("    \(failure)")
    case .opened(let server, let opened):
      say("session \(opened.session) is open at \(server.id)")
      report(opened, at: server)
    case .notice(let notice):
      let end = notice.endsAt.map { " (the session ends at \($0))" } ?? ""
      say("notice: \(notice.message)\(end)")
    }
  }

  /// An operator may end idle sessions, so a client says that its user works.
  private func report(_ opened: SessionOpened, at server: HandshakeServer) {
    let connection = ClusterConnection(
      Endpoint(server.address, tls: server.tls), transport: transport)
    activity = Task {
      while !Task.isCancelled {
        try? await connection.reportActivity(opened)
        try? await Task.sleep(for: .seconds(30))
      }
    }
  }

  func stop() { activity?.cancel() }
}

/// To leave, cancel the task: the connection closes, and the server ends the session at once.
private func cancelOnSignal(_ session: Task<WalkEnd, Never>) -> [any DispatchSourceSignal] {
  [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { session.cancel() }
    source.resume()
    return source
  }
}

/// The name of this machine.
private func computer() -> String {
  var name = [CChar](repeating: 0, count: 129)
  gethostname(&name, 128)
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Writes a line at once, also into a file or a pipe.
private func say(_ line: String, to descriptor: Int32 = STDOUT_FILENO) {
  let bytes = Array("\(line)\n".utf8)
  _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}
