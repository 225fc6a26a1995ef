internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hosting
internal import ServiceLifecycle
internal import ServiceSupport
internal import Synchronization

/// Asks the other servers of the cluster for their own load, once a second at most whatever number
/// of clients want to know, and orders them for each client.
final class PeerRounds: ServiceLifecycle.Service {
  private struct State {
    var loads = PeerLoads()
    /// The rounds that are under way.
    var running: [ClientKind: Task<Void, Never>] = [:]
  }

  private let core: InstanceCore
  private let book: ServerBook
  private let milliseconds: Int64
  private let transport: HTTPTransport
  private let state = Mutex(State())

  /// - Parameter milliseconds: In which all must answer.
  init(
    core: InstanceCore, book: ServerBook, milliseconds: Int64,
    authorities: CertificateAuthorities?
  ) {
    self.core = core
    self.book = book
    self.milliseconds = milliseconds
    transport = HTTPTransport(
      connectMilliseconds: milliseconds, answerMilliseconds: milliseconds,
      longestAnswer: Limits.shortAnswerBytes, authorities: authorities,
      budget: ConnectionBudget(
        enter: { DescriptorLedger.process.outgoingBegins(givesWay: $0) },
        leave: { DescriptorLedger.process.outgoingEnded() }))
  }

  func run() async throws {
    await book.load()
    try? await gracefulShutdown()
    await transport.shutDown()
  }

  /// Trusts other servers by these certificates from now on.
  func replace(authorities: CertificateAuthorities) {
    transport.replace(authorities: authorities)
  }

  /// The servers that take clients of this kind now, in their order, full ones last.
  ///
  /// - Parameter own: What they hear of this instance; nil where it takes nobody.
  func servers(for kind: ClientKind, own: HandshakeServer?) async -> [HandshakeServer] {
    // Alone, there is nothing to be spread.
    guard let directory = book.directory else { return own.map { [$0] } ?? [] }
    await round(kind, directory).value
    let peer = own.map {
      PeerLoads.Peer(.init(id: $0.id, address: $0.address, tls: $0.tls), load: $0.load)
    }
    let order = state.withLock {
      $0.loads.order(for: kind, own: peer, now: SystemClock.monotonicMilliseconds)
    }
    return order.map {
      HandshakeServer(
        id: $0.entry.id, address: $0.entry.address, load: $0.load, tls: $0.entry.tls)
    }
  }

  /// The round that answers now: the one under way, a new one, or one that is over.
  private func round(_ kind: ClientKind, _ directory: ServerDirectory) -> Task<Void, Never> {
    state.withLock { state in
      if let running = state.running[kind] { return running }
      let now = SystemClock.monotonicMilliseconds
      guard state.loads.isDue(kind, now: now) else { return Task {} }
      let task = Task.detached { [self] in
        let peers = await ask(directory, kind)
        self.state.withLock { state in
          state.loads.heard(peers, kind, at: now)
          state.running[kind] = nil
        }
      }
      state.running[kind] = task
      return task
    }
  }

  private func ask(_ directory: ServerDirectory, _ kind: ClientKind) async -> [PeerLoads.Peer] {
    var generator = SystemRandomNumberGenerator()
    let asked = PeerLoads.asked(of: directory, by: core.id, using: &generator)
    return await withTaskGroup(of: PeerLoads.Peer?.self) { group in
      for entry in asked {
        group.addTask { await self.ask(entry, kind, cluster: directory.cluster) }
      }
      return await group.reduce(into: []) { peers, peer in
        if let peer { peers.append(peer) }
      }
    }
  }

  /// - Returns: Nil where it does not answer, takes nobody, or has another id than the list says.
  private func ask(
    _ entry: ServerDirectory.Entry, _ kind: ClientKind, cluster: String
  ) async -> PeerLoads.Peer? {
    let connection = ClusterConnection(
      Endpoint(entry.address, tls: entry.tls), transport: transport)
    let answer = try? await connection.handshake(
      HandshakeRequest(kind: kind, scope: .itself),
      timeoutMilliseconds: milliseconds)
    guard let answer, answer.cluster == cluster, answer.balancer == entry.id,
      answer.servers.count == 1, let server = answer.servers.first, server.id == entry.id
    else { return nil }
    return PeerLoads.Peer(
      entry, load: Load(connected: server.load.connected, maximum: server.load.maximum))
  }
}
