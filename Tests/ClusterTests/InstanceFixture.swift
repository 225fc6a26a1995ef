internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Foundation
internal import InstanceService
internal import Logging
internal import ServiceSupport
internal import Testing

/// A real instance on loopback sockets, and a test that holds its cluster's key: no balancer.
final class InstanceFixture {
  let id: InstanceID
  let key = ClusterKey()
  let folder: String
  let transport = HTTPTransport.patient()
  private(set) var address: Address
  /// Speaks TLS to it, where it does; nil: plaintext.
  var secure: HTTPTransport?
  private var limits = ServiceLimits()
  private var running: RunningService?
  private var revision: Int64 = 0

  var socketPath: String { "\(folder)/aos.sock" }
  var stateDirectory: String { "\(folder)/state" }
  var stateFile: String { "\(stateDirectory)/desired.json" }

  private init(_ name: String) throws {
    id = try InstanceID(name)
    address = try Address("127.0.0.1:1")
    folder = "/tmp/aos-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
  }

  /// Runs a test on an instance, and takes it down whatever comes of the test.
  ///
  /// - Parameter joined: Whether it is told to accept clients before the test begins.
  static func run(
    id: String = "AOS01", services: ServerServices = .application, maximum: Int = 10,
    joined: Bool = true,
    limits: ServiceLimits = ServiceLimits(), _ test: (InstanceFixture) async throws -> Void
  ) async throws {
    let fixture = try InstanceFixture(id)
    fixture.limits = limits
    let result: Result<Void, any Error>
    do {
      try await fixture.start(services: services, maximum: maximum)
      if joined { try await fixture.obey() }
      result = .success(try await test(fixture))
    } catch {
      result = .failure(error)
    }
    await fixture.kill()
    await fixture.transport.shutDown()
    await fixture.secure?.shutDown()
    try? FileManager.default.removeItem(atPath: fixture.folder)
    try result.get()
  }

  // MARK: Life

  func configuration(
    services: ServerServices = .application, maximum: Int = 10, join: [Endpoint] = []
  ) -> InstanceConfiguration {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    var configuration = InstanceConfiguration(
      id: id, profile: InstanceProfile(role: .server(services), ownMaximum: maximum),
      listen: ("127.0.0.1", 0), join: join,
      stateDirectory: stateDirectory, clusterKey: join.isEmpty ? key.publicKey : nil,
      socketPath: socketPath, limits: limits, logger: logger)
    configuration.peerMilliseconds = 60_000  // a busy machine must not look like a fault
    return configuration
  }

  func start(services: ServerServices = .application, maximum: Int = 10) async throws {
    try await start(configuration(services: services, maximum: maximum))
  }

  @discardableResult
  func start(
    _ configuration: InstanceConfiguration
  ) async throws -> (daemon: InstanceDaemon, running: RunningService) {
    let daemon = try await InstanceDaemon(configuration)
    let running = RunningService(daemon.services(), logger: configuration.logger)
    self.running = running
    address = try Address(host: "127.0.0.1", port: try await daemon.listeningPort)
    return (daemon, running)
  }

  func stop() async {
    await beginStop().value
  }

  /// Begins a planned stop, for a test that looks on.
  func beginStop() -> Task<Void, Never> {
    let stopping = running
    running = nil
    return Task { await stopping?.stop() }
  }

  func kill() async {
    await running?.kill()
    running = nil
  }

  // MARK: Doors

  /// As a client: TCP, without a token.
  var client: ClusterConnection {
    ClusterConnection(
      Endpoint(address, tls: secure != nil), transport: secure ?? transport)
  }

  /// As an operator on the machine.
  var operators: ClusterConnection {
    ClusterConnection(.unix(path: socketPath), transport: transport)
  }

  /// As a balancer of the cluster, or as one that says so.
  func balancer(
    _ name: String = "LB1", key other: ClusterKey? = nil, instance: InstanceID? = nil,
    cluster: String = "TEST", at time: Timestamp = SystemClock.now,
    token tokenID: String? = BalancerToken.newID()
  ) async throws -> ClusterConnection {
    let token = try await (other ?? key).balancerToken(
      balancer: InstanceID(name), instance: instance ?? id, cluster: cluster, now: time,
      id: tokenID)
    return ClusterConnection(.http(address), token: token, transport: transport)
  }

  func desired(
    revision: Int64, epoch: String = "e1", admission: Admission = .accepting, limit: Int? = nil,
    unlicensed: String? = nil, removed: Bool = false, drain: Drain? = nil
  ) -> DesiredState {
    DesiredState(
      cluster: "TEST", instance: id, epoch: epoch, revision: revision, admission: admission,
      limit: limit, unlicensedReason: unlicensed, removed: removed, drain: drain)
  }

  /// Tells the instance the next revision, as a balancer does.
  @discardableResult
  func obey(
    admission: Admission = .accepting, limit: Int? = nil, unlicensed: String? = nil,
    removed: Bool = false, drain: Drain? = nil
  ) async throws -> DesiredAnswer {
    revision += 1
    let state = desired(
      revision: revision, admission: admission, limit: limit, unlicensed: unlicensed,
      removed: removed, drain: drain)
    return try await operators.putDesired(try await key.sign(state))
  }

  /// Opens a session and gives its events, `open` taken already.
  func open(
    _ kind: ClientKind = .client, ticket: String? = nil
  ) async throws -> (opened: SessionOpened, events: ClientSession.AsyncIterator) {
    let session = try await client.openSession(
      SessionRequest(kind: kind, user: "ana", computer: "pc1", ticket: ticket))
    var events = session.makeAsyncIterator()
    guard case .open(let opened) = try await events.next() else {
      throw Unexpected("the first event is not open")
    }
    return (opened, events)
  }

  /// Why a session is refused; nil where it is not.
  func refusal(of kind: ClientKind = .client) async throws -> ProblemName? {
    do {
      _ = try await open(kind)
      return nil
    } catch ClientFailure.problem(let problem) {
      return problem.name
    }
  }

  /// Waits until the load feed reports this many sessions.
  func untilConnected(_ count: Int) async throws {
    var feed = try await LoadFeedReader(balancer())
    while try await feed.next() != .load(LoadReport(connected: count)) {}
  }
}

/// Reads a load feed as a balancer does.
struct LoadFeedReader {
  enum Event: Equatable {
    case hello(LoadHello)
    /// Without tickets, which are collected.
    case load(LoadReport)
    case goodbye
    case end
  }

  private var items: EventStream.AsyncIterator
  private(set) var tickets: [String] = []
  /// What it said that it obeys after its hello.
  private(set) var obeyed: [DesiredAnswer] = []

  init(_ connection: ClusterConnection) async throws {
    items = try await connection.events("/v1/load", silenceMilliseconds: 60_000)
      .makeAsyncIterator()
  }

  mutating func next() async throws -> Event {
    while let item = try await items.next() {
      guard case .event(let event) = item else { continue }
      switch event.name {
      case LoadEventName.hello: return .hello(try event.decoded())
      case LoadEventName.load:
        let report: LoadReport = try event.decoded()
        tickets += report.tickets
        return .load(LoadReport(connected: report.connected))
      case LoadEventName.obeys: obeyed.append(try event.decoded())
      case LoadEventName.goodbye: return .goodbye
      default: throw Unexpected("an event named \(event.name)")
      }
    }
    return .end
  }
}

/// The name of the problem that a call is answered with; nil where it succeeds or fails otherwise.
func refusalName(of call: () async throws -> some Any) async -> ProblemName? {
  do {
    _ = try await call()
    return nil
  } catch {
    return (error as? ClientFailure)?.name
  }
}

struct Unexpected: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
