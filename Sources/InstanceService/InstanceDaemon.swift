internal import ClusterAPI
package import ClusterClient
internal import ClusterModel
internal import Hosting
internal import Logging
package import ServiceLifecycle
package import ServiceSupport

/// A server instance: its listeners, its sessions and its clocks.
package struct InstanceDaemon: Sendable {
  private let configuration: InstanceConfiguration
  private let core: InstanceCore
  private let directory: StateDirectory
  private let joiner: Joiner
  private let peers: PeerRounds
  private let heartbeats = Heartbeats()
  private let port: OneTimeValue<Int>
  private let agent: OneTimeValue<Int>
  private let responder: ServiceResponder
  private let connects: ConnectFront
  /// Nil where there is no application.
  private let door: ApplicationDoor?

  /// Locks the state directory and reads what the last life left there.
  ///
  /// - Throws: `InstanceCannotStart`.
  package init(_ configuration: InstanceConfiguration) async throws {
    self.configuration = configuration
    try configuration.checkApplication()
    directory = try StateDirectory(configuration.stateDirectory)
    let last = try await directory.load(
      for: configuration.id, pinned: configuration.clusterKey)
    core = InstanceCore(
      InstanceLife(
        id: configuration.id, profile: configuration.profile, startedAt: SystemClock.now,
        kept: last?.desired, application: configuration.applicationHealth))
    let keeper = DocumentKeeper(
      core: core, directory: directory, kept: last?.kept,
      pinned: configuration.clusterKey, logger: configuration.logger)
    let port = OneTimeValue<Int>()
    let agent = OneTimeValue<Int>()
    (self.port, self.agent) = (port, agent)
    joiner = Joiner(
      configuration, core: core, keeper: keeper, port: port, agentPort: agent)
    let book = ServerBook(
      core: core, keeper: keeper, directory: configuration.stateDirectory,
      logger: configuration.logger)
    peers = PeerRounds(
      core: core, book: book, milliseconds: configuration.peerMilliseconds,
      authorities: configuration.authorities)
    let sessions = SessionRoutes(core: core, heartbeats: heartbeats)
    let cluster = ClusterRoutes(
      core: core, keeper: keeper, joiner: joiner, book: book, peers: peers,
      heartbeats: heartbeats, tls: configuration.tls != nil
    ) {
      if let advertised = configuration.advertise { return advertised }
      return try Address(
        host: configuration.listen.host, port: try await port.value, field: "listen")
    }
    let door = ApplicationDoor(configuration) { port.known ?? configuration.listen.port }
    self.door = door
    connects = ConnectFront(
      core: core, door: door, allowed: configuration.allowedToConnect,
      guards: configuration.guardsApplication)
    let refused = RefusedTokens(logger: configuration.logger)
    responder = ServiceResponder(
      routes: sessions.all + cluster.all, logger: configuration.logger
    ) { _, request, context in
      guard let token = request.bearer else {
        throw Problem(
          .unauthorized,
          "Over TCP this route is for the cluster's balancers. The Unix socket needs no token.")
      }
      do {
        return TokenBearer(name: try await keeper.balancer(showing: token).text)
      } catch let problem as Problem where problem.name == .unauthorized {
        throw refused.problem(problem, from: context)
      }
    }
  }

  /// Every route that it answers, at any door.
  package var routes: [ServiceRoute] { responder.routes }

  /// Trusts these authorities for balancers and other servers from now on.
  package func replace(authorities: CertificateAuthorities) {
    joiner.replace(authorities: authorities)
    peers.replace(authorities: authorities)
  }

  /// The TCP port, as soon as it is open.
  ///
  /// - Throws: The error that kept it from opening.
  package var listeningPort: Int {
    get async throws { try await port.value }
  }

  /// The TCP port for network load balancers, as soon as it is open.
  ///
  /// - Throws: The error that kept it from opening. Waits forever where there is none.
  package var agentPort: Int {
    get async throws { try await agent.value }
  }

  /// Admits nobody any more, says so, and waits until the open sessions have ended; then it should
  /// stop. Ends early when the task is cancelled.
  ///
  /// - Parameter seconds: The longest wait; nil: as long as it takes.
  package func leave(withinSeconds seconds: Int?) async {
    await core.leave(milliseconds: seconds.map { Int64($0) * 1_000 })
  }

  /// All services in the order of their start; they stop in reverse.
  ///
  /// - Parameter onReady: Called once with the TCP port, when clients are served.
  package func services(
    onReady: @escaping @Sendable (Int) async -> Void = { _ in }
  ) -> [any ServiceLifecycle.Service] {
    let socketIsOpen = OneTimeValue<Void>()
    let listen = configuration.listen
    var services: [any ServiceLifecycle.Service] = [
      Custody(directory: directory), joiner, peers, heartbeats, DrainClock(core: core),
      NamedListener(
        Listener(
          .tcp(host: listen.host, port: listen.port), responder: responder,
          tls: configuration.tls, taker: connects, limits: configuration.limits,
          logger: configuration.logger
        ) { port in
          guard let port else { return }
          guard (try? await socketIsOpen.value) != nil else { return }
          if configuration.agentListen != nil {
            guard (try? await agent.value) != nil else { return }
          }
          self.port.resolve(.success(port))
          await onReady(port)
        },
        name: "\(listen.host):\(listen.port)", failure: { InstanceCannotStart($0) }
      ) { self.port.resolve(.failure($0)) },
    ]
    if let path = configuration.socketPath {
      services.append(
        NamedListener(
          Listener(
            .unix(path: path), responder: responder, taker: connects,
            limits: configuration.limits, logger: configuration.logger
          ) { _ in socketIsOpen.resolve(.success(())) },
          name: path, failure: { InstanceCannotStart($0) }
        ) { self.port.resolve(.failure($0)) })
    } else {
      socketIsOpen.resolve(.success(()))
    }
    if let agentListen = configuration.agentListen {
      services.append(
        NamedListener(
          AgentListener(
            host: agentListen.host, port: agentListen.port, logger: configuration.logger,
            answer: { core.read(\.agentAnswer) }, onListening: { agent.resolve(.success($0)) }),
          name: "\(agentListen.host):\(agentListen.port)",
          failure: { InstanceCannotStart($0) }
        ) {
          agent.resolve(.failure($0))
          self.port.resolve(.failure($0))
        })
    }
    if let door {
      services.append(ApplicationWatch(core: core, door: door, logger: configuration.logger))
    }
    services.append(Farewell(core: core))
    return services
  }
}

/// This stops last: it releases the state directory.
private struct Custody: ServiceLifecycle.Service {
  let directory: StateDirectory

  func run() async throws {
    try? await gracefulShutdown()
    directory.release()
  }
}

/// Wakes the instance when a drain has something to do.
private struct DrainClock: ServiceLifecycle.Service {
  let core: InstanceCore

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled { await core.alarm.wait(milliseconds: core.tick()) }
    }
  }
}

/// This stops first: when the sessions and feeds have ended, the listeners can close. A killed
/// process says no goodbye, and neither does this when it is cancelled.
private struct Farewell: ServiceLifecycle.Service {
  let core: InstanceCore

  func run() async throws {
    do { try await gracefulShutdown() } catch { return }
    core.stop()
  }
}
