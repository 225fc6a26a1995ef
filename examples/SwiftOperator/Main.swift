internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Glibc

/// Follows a cluster, drains a server and enables it, in Swift.
///
///     SwiftOperator ENDPOINT                  prints every change of a server's state
///     SwiftOperator ENDPOINT drain ID         takes a server out of service
///     SwiftOperator ENDPOINT enable ID        takes it back into service
///
/// ENDPOINT is a balancer, such as `unix:///run/aos/balancer.sock`. Exit codes: 0 done, 1 wrong
/// usage, 2 the balancer could not be reached, 3 it refused.
@main
struct Main {
  static func main() async {
    let words = Array(CommandLine.arguments.dropFirst())
    let transport = HTTPTransport()
    do {
      switch (words.count, words.dropFirst().first) {
      case (1, _): await follow(try Endpoint(words[0]), transport)
      case (3, "drain"):
        let id = try InstanceID(words[2])
        try await order(.drain([id], reason: "an example"), at: try Endpoint(words[0]), transport)
      case (3, "enable"):
        let id = try InstanceID(words[2])
        try await order(.enable([id]), at: try Endpoint(words[0]), transport)
      default:
        say("usage: SwiftOperator ENDPOINT [drain ID | enable ID]", to: STDERR_FILENO)
        exit(1)
      }
    } catch {
      say("\(error)", to: STDERR_FILENO)
      exit(code(of: error))
    }
    await transport.shutDown()
  }

  private static func code(of error: any Error) -> Int32 {
    switch error {
    case ClientFailure.problem: 3
    case is ClientFailure: 2
    default: 1
    }
  }

  /// Prints what changes until the program is ended.
  private static func follow(_ endpoint: Endpoint, _ transport: HTTPTransport) async {
    let watcher = ClusterWatcher(endpoints: [endpoint], transport: transport)
    let picture = Picture()
    await watcher.run { event in await picture.receive(event) }
  }

  private static func order(
    _ command: OperatorCommand, at endpoint: Endpoint, _ transport: HTTPTransport
  ) async throws(ClientFailure) {
    let connection = ClusterConnection(endpoint, transport: transport)
    let answer = try await connection.change(command)
    for instance in answer.instances { say("\(instance.id) \(instance.state.name)") }
    if !answer.delivered { say("the server has not confirmed it yet") }
  }
}

/// The cluster as the feed tells it.
private actor Picture {
  private var snapshot: ClusterSnapshot?
  private var states: [InstanceID: String] = [:]

  func receive(_ event: WatchEvent) {
    switch event {
    case .snapshot(let whole): snapshot = whole
    case .change(let change): snapshot?.apply(change)
    case .lost(let endpoint, let failure, _): say("\(endpoint): \(failure)", to: STDERR_FILENO)
    case .connecting, .connected, .action, .event: break
    }
    for instance in snapshot?.instances ?? [] where states[instance.id] != instance.state.name {
      states[instance.id] = instance.state.name
      say("\(instance.id) \(instance.state.name)")
    }
  }
}

/// Writes a line at once, also into a file or a pipe.
private func say(_ line: String, to descriptor: Int32 = STDOUT_FILENO) {
  let bytes = Array("\(line)\n".utf8)
  _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}
