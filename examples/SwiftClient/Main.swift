internal import ClusterAPI
internal import ClusterClient
internal import Dispatch
internal import Glibc

/// A client of the cluster in Swift: finds a server, opens a session there and holds it.
///
///     SwiftClient "LB1@10.0.0.1:2712;AOS01@10.0.0.2:2713" [USER [WORDS]]
///
/// It does what client.py does, and leaves the way to the library. It holds the session until
/// Ctrl-C or SIGTERM. With words it sends them to the application behind the server, prints what
/// that answers, and leaves. Exit codes: 0 the client left, 1 wrong usage, 2 no server could be
/// reached or the connection was lost, 3 refused, or an operator ended the session.
@main
struct Main {
  static func main() async {
    let words = Array(CommandLine.arguments.dropFirst())
    guard (1...3).contains(words.count), let entries = try? ServerEntry.list(words[0]) else {
      say("usage: SwiftClient ENTRY[;ENTRY...] [USER [WORDS]]", to: STDERR_FILENO)
      exit(1)
    }
    let user = words.count > 1 ? words[1] : getenv("USER").map { String(cString: $0) }
    let transport = HTTPTransport()
    let walk = ClientWalk(
      entries: entries, user: user ?? "somebody", computer: computer(), transport: transport)
    let reporter = Reporter(transport, words: words.count > 2 ? words[2] : nil)
    let session = Task { await walk.run { step in await reporter.receive(step) } }
    await reporter.whenAnswered { session.cancel() }

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
  private let words: String?
  private var activity: Task<Void, Never>?
  private var leave: (@Sendable () -> Void)?
  private var hasAnswer = false

  init(_ transport: HTTPTransport, words: String?) {
    (self.transport, self.words) = (transport, words)
  }

  /// - Parameter leave: Called when the application has answered.
  func whenAnswered(_ leave: @escaping @Sendable () -> Void) {
    self.leave = leave
    if hasAnswer { leave() }
  }

  func receive(_ step: WalkStep) {
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
    if let words {
      activity = Task {
        await ask(words, in: opened, at: connection)
        hasAnswer = true
        leave?()
      }
      return
    }
    activity = Task {
      while !Task.isCancelled {
        try? await connection.reportActivity(opened)
        try? await Task.sleep(for: .seconds(30))
      }
    }
  }

  func stop() { activity?.cancel() }
}

/// Talks to the application in the session. A connection to it is a stream of bytes each way:
/// `write` waits where the application is slow, and the application waits where this is.
private func ask(
  _ words: String, in opened: SessionOpened, at connection: ClusterConnection
) async {
  do {
    try await connection.withApplication(in: opened) { stream in
      try await stream.write(words.utf8)
      stream.finish()
      for try await piece in stream.bytes { put(piece) }
    }
  } catch {
    say((error as? ClientFailure)?.description ?? "no answer", to: STDERR_FILENO)
  }
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
  put(Array("\(line)\n".utf8), to: descriptor)
}

private func put(_ bytes: [UInt8], to descriptor: Int32 = STDOUT_FILENO) {
  _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}
