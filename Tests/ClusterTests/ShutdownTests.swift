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
      try await DatabaseRegistry.open(folder + "/cluster.db", cluster: "TEST"))
    let daemon = try BalancerDaemon(
      BalancerConfiguration(
        id: InstanceID("LB1"), cluster: "TEST", listen: ("127.0.0.1", 0),
        socketPath: folder + "/lb.sock", registryKind: "sqlite",
        openRegistry: { () throws(RegistryFailure) in registry }, logger: logger))
    let ready = OneTimeValue<Int>()
    let running = RunningService(
      daemon.services { ready.resolve(.success($0)) }, logger: logger)
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
    registry.goesOn.resolve(.success(()))
    #expect(try await answer.value.delivered)
    await stopping.value
    await transport.shutDown()
    let after = try await DatabaseRegistry.open(folder + "/cluster.db", cluster: "TEST")
    #expect(try await after.contents().seats == 7)
    await after.close()
  }
}
