internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Glibc
internal import RealPrograms

/// How many connections one instance carries at a time, and what each of them takes while nothing
/// goes through it.
enum IdleTunnels {
  /// One side with as many connections as it takes.
  private struct Crowd {
    var count: Int
    var kibibytesEach: Double
    /// Why no more were opened; nil: there are as many as were wanted.
    var refusal: String?

    var memoryText: String { "\(kibibytesEach.text(1)) KiB (\(count.grouped) of them)" }
  }

  static func run(_ programs: Programs) throws -> [Figure] {
    let bed = try TrafficBed(programs)
    let ours = try crowd(on: bed.tunnel, bed.instance)
    let haproxy = try bed.haproxy.flatMap { side in
      try bed.proxy.map { try crowd(on: side, $0) }
    }
    let beside = "HAProxy \(haproxy?.memoryText ?? "is not installed")"
    return [
      Figure(
        what: "memory of a session's connection with nothing to carry", ours: ours.memoryText,
        peer: beside, bar: "\(ours.kibibytesEach.text(1)) KiB (≤ 24)",
        verdict: .init(ours.kibibytesEach <= 24)),
      Figure(
        what: "the same over TLS", ours: try secure(programs) ?? "openssl is not installed"),
      most(ours, beside: haproxy),
    ]
  }

  // MARK: Plain

  private static let message = [UInt8](repeating: 7, count: 64)

  /// Opens connections, each of which carries a message, and when all stand one more.
  private static func crowd(on side: TrafficSide, _ meter: Meter) throws -> Crowd {
    // What the first ones cost does not depend on their number.
    var sockets = try (0..<64).map { _ in try connection(side) }
    sockets = []
    SteadyClock.wait(seconds: 1)
    let before = meter.residentMebibytes
    var refusal: String?
    while sockets.count < TrafficBed.most, refusal == nil {
      do { sockets.append(try connection(side)) } catch { refusal = "\(error)" }
    }
    SteadyClock.wait(seconds: 3)
    let used = (meter.residentMebibytes - before) * 1_024
    for socket in sockets { try socket.send(message) }
    var answer = message
    for socket in sockets { try socket.receive(message.count, into: &answer) }
    return Crowd(
      count: sockets.count, kibibytesEach: used / Double(max(sockets.count, 1)), refusal: refusal)
  }

  private static func connection(_ side: TrafficSide) throws -> LoopbackSocket {
    let socket = try side.open()
    try socket.send(TrafficWish(.echo).bytes + message)
    var answer = message
    try socket.receive(message.count, into: &answer)
    return socket
  }

  private static func most(_ ours: Crowd, beside haproxy: Crowd?) -> Figure {
    let wanted = TrafficBed.most
    var figure = Figure(
      what: "connections of sessions on one instance at a time",
      ours: "\(ours.count.grouped), all of them carry bytes",
      peer: "HAProxy \(haproxy?.count.grouped ?? "is not installed")",
      bar: "\(ours.count.grouped) (≥ \(wanted.grouped))",
      verdict: .init(ours.count >= wanted))
    // Each takes two of them, and a daemon keeps some for itself.
    let files = Programs.mostFiles
    if ours.count < wanted, files < 2 * wanted + 2_000 {
      figure.ours += "; this machine lets a process have no more than \(files.grouped) files open"
      figure.verdict = .open
    }
    return figure
  }

  // MARK: TLS

  private static let secureSessions = 20
  private static let secureConnections = 50

  /// What one takes over TLS; nil where no certificate can be made.
  private static func secure(_ programs: Programs) throws -> String? {
    let folder = try ScratchFolder()
    guard let certificate = try OwnCertificate(in: folder) else { return nil }
    let bed = try TrafficBed(programs, certificate: certificate)
    let authorities = try CertificateAuthorities(file: certificate.file)
    let transport = HTTPTransport(
      connectMilliseconds: 10_000, answerMilliseconds: 60_000, authorities: authorities)
    let server = ClusterConnection(
      Endpoint(bed.cluster.instances[0].address, tls: true), transport: transport)
    let meter = bed.instance
    let used = try Async.wait {
      try await withThrowingTaskGroup(of: Void.self) { group in
        let (opened, tell) = AsyncStream.makeStream(of: Void.self)
        var openings = opened.makeAsyncIterator()
        var sessions: [SessionOpened] = []
        for number in 0..<secureSessions {
          let (opened, tell) = AsyncStream.makeStream(of: SessionOpened.self)
          group.addTask { try await hold(server, number, tell) }
          for await session in opened {
            sessions.append(session)
            break
          }
        }
        let before = meter.residentMebibytes
        for session in sessions {
          for _ in 0..<secureConnections {
            group.addTask { try await carry(server, session, tell) }
            guard await openings.next() != nil else {
              throw ProgramFailure("a connection over TLS carries nothing")
            }
          }
        }
        try await Task.sleep(for: .seconds(3))
        let used = (meter.residentMebibytes - before) * 1_024
        group.cancelAll()
        return used
      }
    }
    try Async.wait { await transport.shutDown() }
    let count = secureSessions * secureConnections
    return "\((used / Double(count)).text(1)) KiB (\(count.grouped) of them)"
  }

  /// Holds a session until the task is cancelled.
  private static func hold(
    _ server: ClusterConnection, _ number: Int,
    _ tell: AsyncStream<SessionOpened>.Continuation
  ) async throws {
    defer { tell.finish() }
    let request = SessionRequest(kind: .client, user: "u\(number)", computer: "pc")
    for try await event in try await server.openSession(request) {
      if case .open(let session) = event { tell.yield(session) }
    }
  }

  /// Carries one message to the application and back, and then nothing, until it is cancelled.
  private static func carry(
    _ server: ClusterConnection, _ session: SessionOpened, _ tell: AsyncStream<Void>.Continuation
  ) async throws {
    defer { tell.finish() }
    try await server.withApplication(in: session) { stream in
      try await stream.write(TrafficWish(.echo).bytes + message)
      var pieces = stream.bytes.makeAsyncIterator()
      while try await pieces.next() != nil { tell.yield() }
    }
  }
}
