import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import Logging
import Registry
import ServiceSupport
import Synchronization
import Testing

/// A registry whose changes wait until the test lets them through.
private final class SlowRegistry: ClusterRegistry {
  private let registry: any ClusterRegistry
  private let isSlow = Atomic(false)
  /// Settled when a change waits, and when it may go on.
  let waits = OneTimeValue<Void>()
  let goesOn = OneTimeValue<Void>()

  init(_ registry: any ClusterRegistry) {
    self.registry = registry
  }

  func becomeSlow() { isSlow.store(true, ordering: .releasing) }

  var kind: String { registry.kind }

  func contents() async throws(RegistryFailure) -> RegistryContents {
    try await registry.contents()
  }

  func signingKey() async throws(RegistryFailure) -> [UInt8] {
    try await registry.signingKey()
  }

  func change(
    _ key: RequestKey?, at: Timestamp, actor: String,
    decide: @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit {
    if isSlow.load(ordering: .acquiring) {
      waits.settle(.success(()))
      // Not to be interrupted, as a commit is not.
      let goesOn = goesOn
      await Task.detached { try? await goesOn.value }.value
    }
    return try await registry.change(key, at: at, actor: actor, decide: decide)
  }

  func actions(limit: Int) async throws(RegistryFailure) -> [ActionRecord] {
    try await registry.actions(limit: limit)
  }

  func confirm(_ obeyed: [InstanceID: Int64]) async throws(RegistryFailure) -> [ActionRecord] {
    try await registry.confirm(obeyed)
  }

  func settle(action: Int64, delivered: Bool, result: String?) async throws(RegistryFailure) {
    try await registry.settle(action: action, delivered: delivered, result: result)
  }

  func signals() -> AsyncStream<RegistrySignal> { registry.signals() }
  func close() async { await registry.close() }
}

@Suite("A balancer that is told to stop", .timeLimit(.minutes(2)))
struct ShutdownTests {
  @Test("answers what it was asked before, and ends its feeds in order")
  func answers() async throws {
    let folder = "/tmp/aos-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let registry = SlowRegistry(
      try await SQLiteRegistry.open(folder + "/cluster.db", cluster: "TEST"))
    let daemon = try BalancerDaemon(
      BalancerConfiguration(
        id: InstanceID("LB1"), cluster: "TEST", listen: ("127.0.0.1", 0),
        socketPath: folder + "/lb.sock", registryKind: "sqlite",
        openRegistry: { () throws(RegistryFailure) in registry }, logger: logger))
    let ready = OneTimeValue<Int>()
    let running = RunningService(
      daemon.services { ready.settle(.success($0)) }, logger: logger)
    _ = try await ready.value
    let transport = HTTPTransport.patient()
    let operators = ClusterConnection(.unix(path: folder + "/lb.sock"), transport: transport)
    let feed = try await operators.events("/v1/feed", silenceMilliseconds: 60_000)

    registry.becomeSlow()
    let answer = Task { try await operators.change(.seats(7)) }
    try await registry.waits.value
    let stopping = Task { await running.stop() }
    // The feed ends by itself, which shows that the stop is under way.
    for try await _ in feed {}
    registry.goesOn.settle(.success(()))
    #expect(try await answer.value.delivered)
    await stopping.value
    await transport.shutDown()
    let after = try await SQLiteRegistry.open(folder + "/cluster.db", cluster: "TEST")
    #expect(try await after.contents().seats == 7)
    await after.close()
  }
}
