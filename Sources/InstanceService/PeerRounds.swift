internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Hosting
internal import ServiceLifecycle
internal import ServiceSupport
internal import Synchronization

/// Asks the other servers of the cluster for their load, at most once a second however many clients
/// ask, and sorts them for each client.
final class PeerRounds: ServiceLifecycle.Service {
  private struct State {
    var loads = PeerLoads()
    /// The rounds in progress.
    var running: [ClientKind: Task<Void, Never>] = [:]
  }

  private let core: InstanceCore
  private let book: ServerBook
  private let milliseconds: Int64
  private let transport: HTTPTransport
  private let state = Mutex(State())

  /// - Parameter milliseconds: The time in which all must answer.
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

  /// Trusts these authorities for other servers from now on.
  func replace(authorities: CertificateAuthorities) {
    transport.replace(authorities: authorities)
  }

  /// The servers that take clients of this kind now, sorted, with full ones last.
  ///
  /// - Parameter own: The entry of this instance; nil where it takes no clients.
  func servers(for kind: ClientKind, own: HandshakeServer?) async -> [HandshakeServer] {
    // A single server has nothing to spread.
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

  /// The round whose answers to use: the one in progress, a new one, or one that is over.
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

  /// - Returns: Nil where it does not answer, takes no clients, or has another id than in the list.
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
