internal import Balancing
internal import ClusterAPI
package import ClusterClient
internal import ClusterModel
internal import Logging
internal import Registry
package import ServiceLifecycle
package import ServiceSupport

/// A dedicated load balancer: its listeners, its registry and its clocks.
package struct BalancerDaemon: Sendable {
  let configuration: BalancerConfiguration
  let core: BalancerCore
  let access = RegistryAccess()
  let readiness = Readiness()
  private let heartbeats = Heartbeats()
  let history: LoadHistoryKeeper
  private let transport: HTTPTransport
  private let port = OneTimeValue<Int>()
  let gate: AccessGate
  private let tickets = Tickets()
  private let license: LicenseCheck
  private let addresses: AddressLookup
  private let responder: ServiceResponder
  private let quick: QuickRoute

  /// Every route that it answers, at any door.
  package var routes: [ServiceRoute] { responder.routes }

  /// Trusts these authorities for instances and balancers from now on.
  package func replace(authorities: CertificateAuthorities) {
    transport.replace(authorities: authorities)
  }

  /// The TCP port, as soon as it is open.
  ///
  /// - Throws: The error that kept it from opening.
  package var listeningPort: Int {
    get async throws { try await port.value }
  }

  /// - Throws: Nothing that a valid cluster name can cause.
  package init(_ configuration: BalancerConfiguration) throws {
    (self.configuration, history) = (configuration, LoadHistoryKeeper(configuration.earlier))
    let hosts = HostLookup()
    transport = HTTPTransport(
      answerMilliseconds: configuration.instanceMilliseconds,
      longestAnswer: Limits.shortAnswerBytes,
      authorities: configuration.authorities, hosts: hosts, budget: .ofProcess)
    let feed = StatusFeed(epoch: Ticket.random(), logger: configuration.logger)
    core = BalancerCore(feed: feed, deliveryMilliseconds: configuration.deliveryMilliseconds)
    addresses = AddressLookup(hosts: hosts, core: core)
    let gate = AccessGate(
      core: core, policy: configuration.accessPolicy, logger: configuration.logger)
    self.gate = gate
    license = LicenseCheck(key: configuration.licenseKey, cluster: configuration.cluster)
    let writer = try HandshakeWriter(cluster: configuration.cluster, balancer: configuration.id)
    quick =
      QuickHandshake(
        core: core, writer: writer, tickets: tickets, readiness: readiness
      ).route
    let reading = BalancerRoutes(
      configuration: configuration, core: core, heartbeats: heartbeats, history: history,
      writer: writer, tickets: tickets, readiness: readiness, gate: gate,
      seats: FeedSeats(configuration.limits))
    let peers = PeerRoutes(core: core, heartbeats: heartbeats)
    let peerGate = PeerGate(
      core: core, id: configuration.id, cluster: configuration.cluster,
      logger: configuration.logger)
    let writing = MutationRoutes(
      core: core, access: access, configuration: configuration, license: license)
    let backups = BackupRoutes(core: core, access: access, logger: configuration.logger)
    let answers = AnswerSeats()
    let routes =
      reading.all + peers.all + writing.all + TokenRoutes(core: core, access: access).all
      + KeyRoutes(core: core, access: access).all + backups.all
    responder = ServiceResponder(
      routes: routes.map { answers.counting($0) }, logger: configuration.logger
    ) {
      if $0 == .balancer { return try await peerGate.admit($1, $2) }
      return try gate.admit($0, $1, $2)
    }
  }

  /// All services in the order of their start; they stop in reverse.
  ///
  /// - Parameter onReady: Called once with the TCP port, when clients are served.
  package func services(
    onReady: @escaping @Sendable (Int) async -> Void
  ) -> [any ServiceLifecycle.Service] {
    let listening = OneTimeValue<Void>()
    var services: [any ServiceLifecycle.Service] = [
      ServiceClosure { try await keepRegistry(onReady: onReady, listening: listening) },
      ServiceClosure { try await keepTime() },
      PeerProbe(core: core, transport: transport),
      PeerFeedKeeper(configuration, core: core, transport: transport), heartbeats,
    ]
    let listen = configuration.listen
    services.append(
      NamedListener(
        Listener(
          .tcp(host: listen.host, port: listen.port), responder: responder, quick: quick,
          tls: configuration.tls, taker: configuration.noTunnels, limits: configuration.limits,
          logger: configuration.logger
        ) { port in
          if let port { self.port.resolve(.success(port)) }
          if configuration.socketPath == nil { listening.resolve(.success(())) }
        },
        name: "\(listen.host):\(listen.port)",
        failure: { BalancerCannotStart(description: $0) }
      ) { self.port.resolve(.failure($0)) })
    if let path = configuration.socketPath {
      services.append(
        NamedListener(
          Listener(
            .unix(path: path), responder: responder, quick: quick, taker: configuration.noTunnels,
            limits: configuration.limits, logger: configuration.logger
          ) { _ in listening.resolve(.success(())) },
          name: path, failure: { BalancerCannotStart(description: $0) }
        ) { listening.resolve(.failure($0)) })
    }
    services.append(
      ServiceClosure {
        // This stops first: feeds end with what they have, so that the listeners can close.
        try? await gracefulShutdown()
        core.feed.finish()
        core.peerFeed.finish()
      })
    return services
  }

  // MARK: Registry

  private func keepRegistry(
    onReady: @escaping @Sendable (Int) async -> Void, listening: OneTimeValue<Void>
  ) async throws {
    do {
      try await cancelWhenGracefulShutdown {
        let port = try await port.value
        try await listening.value
        let opened = try await openRegistry(port: port)
        let expelled = await withTaskGroup(of: Void.self) { group -> BalancerExpelled? in
          group.addTask { await onReadyWhenHeard(port: port, onReady) }
          group.addTask { await opened.serverLists(core, configuration).run() }
          defer { group.cancelAll() }
          for await signal in opened.registry.signals() {
            if let expelled = await heard(signal, opened) { return expelled }
          }
          return nil
        }
        opened.keeper.close()
        await opened.registry.close()
        if let expelled { throw expelled }
      }
    } catch is CancellationError {
      // It was stopped before it had begun.
    } catch {
      await transport.shutDown()
      throw error
    }
    await transport.shutDown()
  }

  /// Opens the registry, registers this balancer and begins. Tries again while the registry is
  /// away.
  private func openRegistry(port: Int) async throws -> OpenedRegistry {
    while true {
      do {
        return try await openOnce(port: port)
      } catch RegistryFailure.unavailable(let reason), RegistryFailure.outcomeUnknown(let reason) {
        configuration.logger.warning(
          "The registry is away; trying again", metadata: ["reason": "\(reason)"])
        try await Task.sleep(for: .seconds(1))
      }
    }
  }

  private func openOnce(port: Int) async throws -> OpenedRegistry {
    let registry = TimedRegistry(
      registry: try await configuration.openRegistry(),
      changeMilliseconds: configuration.registryMilliseconds,
      listMilliseconds: configuration.registryMilliseconds / 2,
      onLateCommit: { core.committed($0) })
    let keys = SigningKeys(core: core)
    let address =
      try configuration.advertise
      ?? Address(host: configuration.listen.host, port: port, field: "listen")
    try await refuseDoubles(registry, address)
    let id = configuration.id
    let now = SystemClock.moment
    let commit = try await register(in: registry, at: address, now: now.wall)
    let runner = MutationRunner(
      registry: registry, core: core, readiness: readiness, addresses: addresses,
      logger: configuration.logger)
    let keeper = LoadFeedKeeper(
      id: id, cluster: configuration.cluster, keys: keys, core: core, transport: transport,
      deliveryMilliseconds: configuration.deliveryMilliseconds, logger: configuration.logger,
      reread: {
        guard let contents = try? await registry.contents() else { return }
        core.run { $0.registryChanged(to: contents, now: $1) }
      })
    let licenses = LicenseKeeper(check: license, core: core, logger: configuration.logger)
    core.setEffectHandler(EffectHandlers(handlers: [keeper, licenses, runner]))
    let opened = OpenedRegistry(
      registry: registry, address: address, keys: keys, keeper: keeper, runner: runner)
    let actions = try await registry.actions(limit: ClusterSnapshot.actionsKept)
    let events = try await registry.events(EventQuery(limit: ClusterSnapshot.eventsKept))
    core.start(balancer(commit.contents, actions, events, now), contents: commit.contents)
    access.provide(opened)
    return opened
  }

  /// Writes this balancer's row.
  ///
  /// - Throws: `BalancerCannotStart` where the registry does not accept it.
  private func register(
    in registry: any ClusterRegistry, at address: Address, now: Timestamp
  ) async throws -> RegistryCommit {
    let id = configuration.id
    let joining = Joining(
      reach: InstanceReach(address, tls: configuration.tls != nil),
      profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0))
    let known = try await registry.contents()
    let hosts = Mutation.join(id, joining).hostsToCompare(on: known)
    let book = await addresses.book(of: hosts, asker: .local)
    let rivals = known.rivals(for: address, of: id, addresses: book)
    let live = await LiveView(answeringAt: address, among: rivals, transport)
    do {
      return try await registry.change(nil, at: now, actor: .balancer(id)) { contents in
        try contents.register(id, joining, addresses: book, live: live, at: now)
      }
    } catch let refusal as MutationRefusal {
      var words = "\(id) cannot register: \(Problem(refusal).detail)"
      if case .addressTaken = refusal { words += " --advertise names the address for others." }
      throw BalancerCannotStart(description: words)
    }
  }

  private func balancer(
    _ contents: RegistryContents, _ actions: [ActionRecord], _ events: [ClusterEvent],
    _ now: Moment
  ) -> Balancer {
    var generator = SystemRandomNumberGenerator()
    return Balancer(
      settings: configuration.settings(startedAt: now.wall, ticketMark: tickets.mark),
      contents: contents, actions: actions, events: events, seed: generator.next(), now: now)
  }

  /// Two balancers of one name would overwrite each other's row.
  private func refuseDoubles(_ registry: any ClusterRegistry, _ address: Address) async throws {
    guard let row = try await registry.contents().instances[configuration.id],
      !row.isRemoved, row.address != address
    else { return }
    let connection = ClusterConnection(
      Endpoint(row.address, tls: row.tls), transport: transport)
    guard let other = try? await connection.livez(), other.id == configuration.id else { return }
    throw BalancerCannotStart(
      description: "a balancer named \(configuration.id) is running at \(row.address)")
  }

  /// - Returns: Why this balancer must not continue; nil: it may.
  private func heard(
    _ signal: RegistrySignal, _ opened: OpenedRegistry
  ) async -> BalancerExpelled? {
    switch signal {
    case .lost(let reason):
      configuration.logger.error("The registry is away", metadata: ["reason": "\(reason)"])
      becomes(.unavailable)
      return nil
    case .available:
      configuration.logger.notice("The registry is back")
      becomes(.available)
      return await readAgain(opened, afterOutage: true)
    case .changed:
      return await readAgain(opened)
    case .remark(let remark):
      if let remark {
        configuration.logger.warning("The registry", metadata: ["remark": "\(remark)"])
      }
      core.run { balancer, _ in
        balancer.registryRemarked(remark)
        return []
      }
      return nil
    }
  }

  private func becomes(_ state: BalancerStatus.Registry.State) {
    core.run { balancer, _ in
      balancer.registryBecame(state)
      return []
    }
  }

  private func readAgain(
    _ opened: OpenedRegistry, afterOutage: Bool = false
  ) async -> BalancerExpelled? {
    let registry = opened.registry
    do {
      var contents = try await registry.contents()
      switch OwnRow(of: configuration.id, at: opened.address, in: contents) {
      case .there: break
      case .missing:
        // The registry was restored from a copy that is older than this balancer.
        contents = try await register(
          in: registry, at: opened.address, now: SystemClock.now
        ).contents
      case .lost(let expelled): return expelled
      }
      core.run { $0.registryChanged(to: contents, afterOutage: afterOutage, now: $1) }
      let actions = try await registry.actions(limit: ClusterSnapshot.actionsKept)
      let events = try await registry.events(EventQuery(limit: ClusterSnapshot.eventsKept))
      core.run { balancer, _ in
        balancer.record(news: actions)
        balancer.record(newEvents: events)
        return []
      }
    } catch {
      configuration.logger.warning(
        "The registry was not read", metadata: ["error": "\(error.plainWords)"])
    }
    return nil
  }
}
