internal import BalancerService
internal import ClusterClient
package import ClusterModel
internal import FoundationEssentials
internal import Glibc
internal import InstanceService
package import Logging
internal import Registry
internal import ServiceLifecycle
internal import ServiceSupport
internal import SmallFiles

/// A real cluster in one process: a balancer, its servers and their people, on loopback sockets
/// with ports of their own and a registry in a temporary folder.
package final class DemoCluster: ServiceLifecycle.Service {
  /// The addresses of the cluster.
  package struct Doors: Equatable, Sendable {
    /// The balancer's TCP address.
    package var address: Address
    /// The balancer's Unix socket.
    package var socketPath: String
  }

  private let plan: DemoPlan
  private let folder: String
  private let socketPath: String
  private let listen: (host: String, port: Int)
  private let logger: Logger
  private let onReady: @Sendable (Doors) async -> Void

  /// - Parameters:
  ///   - socketPath: Nil: in the temporary folder.
  ///   - onReady: Called once, when every server has joined.
  /// - Throws: `NoPrivateFolder`.
  package init(
    _ plan: DemoPlan, socketPath: String? = nil,
    listen: (host: String, port: Int) = ("127.0.0.1", 0), logger: Logger,
    onReady: @escaping @Sendable (Doors) async -> Void
  ) throws {
    self.plan = plan
    folder = try PrivateFolder.make("aos-demo")
    self.socketPath = socketPath ?? folder + "/balancer.sock"
    self.listen = listen
    self.logger = logger
    self.onReady = onReady
  }

  deinit {
    removeTree(folder)
  }

  /// Runs until it must stop, and then deletes its temporary folder.
  package func run() async throws {
    defer { removeTree(folder) }
    let balancer = try BalancerDaemon(try balancerConfiguration())
    let balancerPort = OneTimeValue<Int>()
    let running = RunningService(
      balancer.services { balancerPort.resolve(.success($0)) }, logger: logger)
    var servers: [RunningService] = []
    let application = try await DemoApplication()
    defer { application.stop() }
    let watching = Task {
      // A balancer that cannot start never becomes ready.
      do { try await running.wait() } catch { balancerPort.resolve(.failure(error)) }
    }
    defer { watching.cancel() }
    do {
      let address = try Address(host: listen.host, port: try await balancerPort.value)
      var entries = [ServerEntry(instance: "LB1", address: address)]
      for server in plan.servers {
        let (service, port) = try await start(server, application.address)
        servers.append(service)
        entries.append(
          ServerEntry(
            instance: server.id.text, address: try Address(host: "127.0.0.1", port: port)))
      }
      try await waitForAll(at: socketPath)
      await onReady(Doors(address: address, socketPath: socketPath))
      let transport = HTTPTransport()
      // As administrators configure clients: the balancer first, then some servers for the time
      // without it.
      let people = DemoPeople(
        plan, entries: Array(entries.prefix(3)), transport: transport)
      let incidents = DemoIncidents.places(of: plan)
      let operating = Task { [servers] in
        await self.operate(incidents, servers, application.address)
      }
      try await people.run()
      operating.cancel()
      servers += await operating.value
      await transport.shutDown()
    } catch is CancellationError {
      // It was stopped before it was ready.
    }
    await withTaskGroup(of: Void.self) { group in
      for server in servers { group.addTask { await server.stop() } }
    }
    await running.stop()
  }

  /// Carries out the incidents of the first minute.
  ///
  /// - Returns: The server that was started again.
  private func operate(
    _ places: (drained: Int, killed: Int)?, _ running: [RunningService], _ application: Address
  ) async -> [RunningService] {
    guard let places else { return [] }
    let drained = plan.servers[places.drained].id
    let transport = HTTPTransport()
    let connection = ClusterConnection(.unix(path: socketPath), transport: transport)
    var started: [RunningService] = []
    await DemoIncidents.run { step in
      switch step {
      case .drain: _ = try await connection.change(.drain([drained], reason: "kernel update"))
      case .enable: _ = try await connection.change(.enable([drained]))
      case .kill: await running[places.killed].kill()
      case .restart:
        started.append(try await start(plan.servers[places.killed], application).0)
      }
    }
    await transport.shutDown()
    return started
  }

  private func balancerConfiguration() throws -> BalancerConfiguration {
    let database = folder + "/cluster.db"
    var configuration = BalancerConfiguration(
      id: try InstanceID("LB1"), cluster: "DEMO", listen: listen, socketPath: socketPath,
      registryKind: "sqlite",
      openRegistry: { () throws(RegistryFailure) in
        try await DatabaseRegistry.open(database, cluster: "DEMO")
      },
      logger: logger)
    configuration.earlier = DemoHistory.hour(plan, until: SystemClock.now)
    return configuration
  }

  private func start(
    _ server: DemoPlan.Server, _ application: Address
  ) async throws -> (RunningService, Int) {
    var configuration = InstanceConfiguration(
      id: server.id,
      profile: InstanceProfile(role: .server(server.services), ownMaximum: server.maximum),
      listen: ("127.0.0.1", 0), join: [.unix(path: socketPath)],
      stateDirectory: "\(folder)/\(server.id)", logger: logger)
    configuration.application = .tcp(application)
    let daemon = try await InstanceDaemon(configuration)
    let service = RunningService(daemon.services(), logger: logger)
    let port = try await daemon.listeningPort
    return (service, port)
  }

  /// Waits until every server is in service.
  private func waitForAll(at path: String) async throws {
    let transport = HTTPTransport()
    let connection = ClusterConnection(.unix(path: path), transport: transport)
    let watcher = try await connection.status()
    var alive = watcher.instances.filter { !$0.role.isLoadBalancer && $0.health == .alive }.count
    while alive < plan.servers.count {
      try await Task.sleep(for: .milliseconds(50))
      alive = try await connection.status().instances
        .filter { !$0.role.isLoadBalancer && $0.health == .alive }.count
    }
    await transport.shutDown()
  }

}

/// Deletes a folder of this program with all its contents.
private func removeTree(_ path: String) {
  try? FileManager.default.removeItem(atPath: path)
}
