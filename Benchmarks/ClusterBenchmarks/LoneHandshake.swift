internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Glibc
internal import RealPrograms

/// How long a client waits for its list where every balancer is gone, and one server does not
/// answer the others.
enum LoneHandshake {
  private static let servers = 4
  private static let rounds = 5
  /// A round of questions holds for a second; then the next client waits for a new one.
  private static let pause = 1.2

  static func run(_ programs: Programs) throws -> [Figure] {
    let cluster = try TestCluster(programs)
    try cluster.addInstances(servers, maximum: 100)
    let transport = HTTPTransport(connectMilliseconds: 10_000, answerMilliseconds: 60_000)
    defer { try? Async.wait { await transport.shutDown() } }
    let asked = ClusterConnection(.http(cluster.instances[0].address), transport: transport)
    try waitUntilTold(asked)
    cluster.balancer.kill()
    let whole = try times(asked, naming: servers)
    kill(cluster.instances[servers - 1].child.id, SIGSTOP)
    let cut = try times(asked, naming: servers - 1)
    return [
      Figure(
        what: "handshake at an instance without any balancer, one of \(servers) servers silent",
        ours: cut.text(" ms"), peer: "all answer: \(whole.text(" ms"))",
        bar: "\(cut.median.text(0)) ms (≤ 350: 300 for the answers)",
        verdict: .init(cut.median <= 350))
    ]
  }

  private static func waitUntilTold(_ asked: ClusterConnection) throws {
    for _ in 0..<60 {
      if try list(asked) == servers { return }
      SteadyClock.wait(seconds: 0.5)
    }
    throw ProgramFailure("an instance has not been told of the others after half a minute")
  }

  private static func list(_ asked: ClusterConnection) throws -> Int {
    try Async.wait { try await asked.handshake(HandshakeRequest()).servers.count }
  }

  /// Milliseconds of handshakes each of which begins a round of questions.
  private static func times(_ asked: ClusterConnection, naming count: Int) throws -> Rounds {
    var times = Rounds()
    for _ in 0..<rounds {
      SteadyClock.wait(seconds: pause)
      let start = SteadyClock.nanoseconds
      let named = try list(asked)
      times.add(Double(SteadyClock.nanoseconds - start) / 1e6)
      guard named == count else {
        throw ProgramFailure("the list names \(named) servers, not \(count)")
      }
    }
    return times
  }
}
