import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import ClusterTrust
import Foundation
import InstanceService
import Logging
import Registry
import ServiceSupport
import TestSupport
import Testing

/// A cluster of real daemons inside the test process: loopback sockets, ports of their own, a
/// registry and state directories in a folder that goes with the test.
final class LiveCluster {
  let folder: URL
  let transport: HTTPTransport
  let logger: Logger
  private(set) var balancer: RunningService?
  private(set) var balancerAddress: Address
  private var instances: [String: RunningService] = [:]
  private(set) var addresses: [String: Address] = [:]
  private var sessions: [HeldSession] = []
  private let reservationSeconds: Int
  /// By which balancers that start from now on trust licenses.
  var licenseKey: ClusterPublicKey?
  /// Sets a balancer up otherwise than usual.
  private let configure: (inout BalancerConfiguration) throws -> Void

  var socketPath: String { folder.path + "/lb.sock" }
  var databasePath: String { folder.path + "/cluster.db" }

  init(
    reservationSeconds: Int = 10, licenseKey: ClusterPublicKey? = nil,
    transport: HTTPTransport = .patient(),
    configure: @escaping (inout BalancerConfiguration) throws -> Void = { _ in }
  ) async throws {
    self.licenseKey = licenseKey
    self.configure = configure
    self.transport = transport
    // Short: a Unix socket's path has 107 bytes.
    folder = URL(fileURLWithPath: "/tmp/aos-\(UUID().uuidString.prefix(13))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    self.logger = logger
    self.reservationSeconds = reservationSeconds
    balancerAddress = try Address("127.0.0.1:1")
    try await startBalancer()
  }

  /// Runs a test on a cluster and takes the cluster down, whatever comes of the test.
  static func run(
    reservationSeconds: Int = 10, licenseKey: ClusterPublicKey? = nil,
    limits: ServiceLimits? = nil, transport: HTTPTransport = .patient(),
    configure: @escaping (inout BalancerConfiguration) throws -> Void = { _ in },
    _ test: (LiveCluster) async throws -> Void
  ) async throws {
    let cluster = try await LiveCluster(
      reservationSeconds: reservationSeconds, licenseKey: licenseKey, transport: transport
    ) {
      if let limits { $0.limits = limits }
      try configure(&$0)
    }
    do {
      try await test(cluster)
    } catch {
      await cluster.stop()
      throw error
    }
    await cluster.stop()
  }

  func stop() async {
    for session in sessions { session.close() }
    for instance in instances.values { await instance.kill() }
    await balancer?.kill()
    await transport.shutDown()
    try? FileManager.default.removeItem(at: folder)
  }

  // MARK: Daemons

  func startBalancer(port: Int = 0) async throws {
    let daemon = try BalancerDaemon(
      try configuration("LB1", port: port, socketPath: socketPath))
    let ready = OneTimeValue<Int>()
    let running = RunningService(
      daemon.services { ready.resolve(.success($0)) }, logger: logger)
    Task {
      do { try await running.wait() } catch { ready.resolve(.failure(error)) }
    }
    balancerAddress = try Address(host: "127.0.0.1", port: try await ready.value)
    balancer = running
  }

  func configuration(
    _ name: String, port: Int, socketPath: String
  ) throws -> BalancerConfiguration {
    let database = databasePath
    var configuration = BalancerConfiguration(
      id: try InstanceID(name), cluster: "TEST", listen: ("127.0.0.1", port),
      socketPath: socketPath, registryKind: "sqlite",
      openRegistry: { () throws(RegistryFailure) in
        try await DatabaseRegistry.open(database, cluster: "TEST")
      }, reservationSeconds: reservationSeconds, silenceMilliseconds: 60_000,
      deliveryMilliseconds: 60_000, licenseKey: licenseKey, logger: logger)
    configuration.registryMilliseconds = 60_000
    configuration.instanceMilliseconds = 60_000
    configuration.searchMilliseconds = 60_000
    try configure(&configuration)
    return configuration
  }

  /// Without a word, as with `kill -9`.
  func killBalancer() async {
    await balancer?.kill()
    balancer = nil
  }

  /// Starts an instance that joins, and waits until it is in service or has its reason not to be.
  @discardableResult
  func start(
    _ name: String, maximum: Int = 10, services: ServerServices = .both, port: Int = 0,
    joins: Bool = true, waits: Bool = true,
    configure: (inout InstanceConfiguration) throws -> Void = { _ in }
  ) async throws -> Address {
    var configuration = InstanceConfiguration(
      id: try InstanceID(name),
      profile: InstanceProfile(role: .server(services), ownMaximum: maximum),
      listen: ("127.0.0.1", port), join: joins ? [.unix(path: socketPath)] : [],
      stateDirectory: folder.path + "/" + name, logger: logger)
    try configure(&configuration)
    let daemon = try await InstanceDaemon(configuration)
    let running = RunningService(daemon.services(), logger: logger)
    instances[name] = running
    let address = try Address(host: "127.0.0.1", port: try await daemon.listeningPort)
    addresses[name] = address
    if joins, waits {
      let id = try InstanceID(name)
      try await until("\(name) is alive") { $0[id]?.health == .alive && $0[id]?.delivered == true }
    }
    return address
  }

  func killInstance(_ name: String) async {
    await instances.removeValue(forKey: name)?.kill()
  }

  func stopInstance(_ name: String) async {
    await instances.removeValue(forKey: name)?.stop()
  }

  /// A second balancer on the same registry.
  func startSecondBalancer(_ name: String = "LB2") async throws -> ClusterConnection {
    let path = folder.path + "/\(name).sock"
    let daemon = try BalancerDaemon(configuration(name, port: 0, socketPath: path))
    let ready = OneTimeValue<Int>()
    instances[name] = RunningService(
      daemon.services { ready.resolve(.success($0)) }, logger: logger)
    addresses[name] = try Address(host: "127.0.0.1", port: try await ready.value)
    return ClusterConnection(.unix(path: path), transport: transport)
  }

  // MARK: Doors

  /// As an operator on the machine: the Unix socket, with every right.
  var operators: ClusterConnection {
    ClusterConnection(.unix(path: socketPath), transport: transport)
  }

  /// As a client: TCP, without a token.
  var clients: ClusterConnection {
    ClusterConnection(.http(balancerAddress), transport: transport)
  }

  /// As somebody on another machine who shows a token.
  func remote(_ token: TokenInfo, at name: String? = nil) throws -> ClusterConnection {
    let address = try name.map { try #require(addresses[$0]) } ?? balancerAddress
    return ClusterConnection(.http(address), token: token.token, transport: transport)
  }

  func instance(_ name: String) throws -> ClusterConnection {
    ClusterConnection(.http(try #require(addresses[name])), transport: transport)
  }

  /// Opens a session and holds it until it is closed or the test ends.
  @discardableResult
  func open(
    at name: String, user: String = "ana", kind: ClientKind = .client, ticket: String? = nil
  ) async throws -> HeldSession {
    let session = try await HeldSession(
      try instance(name),
      SessionRequest(kind: kind, user: user, computer: "pc1", ticket: ticket))
    sessions.append(session)
    return session
  }

  /// Waits until the status feed shows something; every picture since the call is looked at.
  @discardableResult
  func until(
    _ what: String, at balancer: ClusterConnection? = nil,
    _ condition: (ClusterSnapshot) -> Bool
  ) async throws -> ClusterSnapshot {
    try await (balancer ?? operators).until(what, condition)
  }

  /// Changes the cluster as an operator.
  @discardableResult
  func change(_ request: MutationRequest) async throws -> MutationAnswer {
    try await operators.change(request)
  }

  @discardableResult
  func change(
    _ command: OperatorCommand, options: MutationOptions = MutationOptions()
  ) async throws -> MutationAnswer {
    try await operators.change(command, options: options)
  }
}

extension HTTPTransport {
  /// A busy machine must not look like a fault.
  static func patient(authorities: CertificateAuthorities? = nil) -> HTTPTransport {
    HTTPTransport(
      connectMilliseconds: 60_000, answerMilliseconds: 60_000, authorities: authorities)
  }
}

/// A session that stays open while it is read.
final class HeldSession: Sendable {
  let opened: SessionOpened
  private let reader: Task<[SessionEvent], Never>

  /// - Throws: `ClientFailure`, the instance's refusal included.
  init(_ connection: ClusterConnection, _ request: SessionRequest) async throws {
    let stream = try await connection.openSession(request)
    var events = stream.makeAsyncIterator()
    guard case .open(let opened) = try await events.next() else {
      throw NeverHappened(what: "the session is opened")
    }
    self.opened = opened
    nonisolated(unsafe) var rest = events
    reader = Task {
      var seen: [SessionEvent] = []
      while let event = try? await rest.next() {
        if event != .heartbeat { seen.append(event) }
      }
      return seen
    }
  }

  /// The connection ends, as when the client's program does.
  func close() { reader.cancel() }

  /// Everything it was told, once it has ended.
  var events: [SessionEvent] {
    get async { await reader.value }
  }
}

/// The name of a refusal.
func problem(of call: () async throws -> some Any) async -> ProblemName? {
  do {
    _ = try await call()
    return nil
  } catch ClientFailure.problem(let problem) {
    return problem.name
  } catch let problem as Problem {
    return problem.name
  } catch {
    Issue.record("no problem document but \(error)")
    return nil
  }
}

/// Thousands of sockets, where the system allows them.
func allowManyFiles() {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
