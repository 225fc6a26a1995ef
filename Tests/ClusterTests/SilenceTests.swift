import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import InstanceService
import ServiceSupport
import Testing

@testable import Registry

/// A database or an instance that takes a request and says nothing: the balancer gives up before
/// its caller does, and says what it knows.
@Suite("Silence behind the balancer", .timeLimit(.minutes(2)))
struct SilenceTests {
  @Test("a change whose database falls silent is answered as unknown, and clients go on")
  func database() async throws {
    let server = try PostgresServer()
    let proxy = try SilentProxy()
    defer { proxy.close() }
    proxy.lead(to: .socket(path: "\(server.folder)/.s.PGSQL.\(server.port)"))
    var database = try server.makeDatabase()
    database.servers = [.init(host: "127.0.0.1", port: proxy.port)]
    database.settings["sslmode"] = "disable"
    let address = database
    try await LiveCluster.run {
      $0.registryKind = "postgres"
      $0.registryMilliseconds = 2_000
      $0.openRegistry = { () throws(RegistryFailure) in
        try await DatabaseRegistry.open(address, cluster: "TEST", options: .quick)
      }
    } _: { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      proxy.fallSilent()
      let refusal = await problem { try await cluster.change(.drain([one])) }
      #expect(refusal == .outcomeUnknown || refusal == .registryUnavailable)
      #expect(try await cluster.clients.handshake(HandshakeRequest()).servers.count == 2)
      proxy.close()
    }
  }

  @Test("a change that is late is answered as unknown, and told when it is made")
  func late() async throws {
    let opened = OneTimeValue<SlowRegistry>()
    try await LiveCluster.run { configuration in
      let open = configuration.openRegistry
      configuration.registryMilliseconds = 2_000
      configuration.openRegistry = { () throws(RegistryFailure) in
        let slow = SlowRegistry(try await open())
        opened.resolve(.success(slow))
        return slow
      }
    } _: { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let slow = try await opened.value
      slow.becomeSlow()
      #expect(await problem { try await cluster.change(.drain([one])) } == .outcomeUnknown)
      slow.goesOn.resolve(.success(()))
      try await cluster.until("it is made and told") {
        $0[one]?.state == .drained && $0.actions.first?.action == .drain
      }
    }
  }

  @Test("a question about sessions to an instance that says nothing is answered by the balancer")
  func sessions() async throws {
    try await behindProxy { cluster, proxy in
      let one = try InstanceID("AOS01")
      proxy.fallSilent()
      let refusal = await problem { try await cluster.operators.sessions(of: one) }
      #expect(refusal == .instanceUnreachable)
    }
  }

  @Test("a session whose end nobody confirms is not said to be there, nor to have ended")
  func end() async throws {
    try await behindProxy { cluster, proxy in
      let one = try InstanceID("AOS01")
      let session = try await cluster.open(at: "AOS01")
      proxy.fallSilent(at: "DELETE ")
      let refusal = await problem {
        try await cluster.operators.endSession(session.opened.session, of: one)
      }
      #expect(refusal == .outcomeUnknown)
      #expect(await session.events == [.end(SessionEnded(reason: "Ended by an operator."))])
      proxy.speak()
    }
  }

  /// A cluster with one instance, whose balancer reaches it over a proxy alone.
  private func behindProxy(
    _ test: (LiveCluster, SilentProxy) async throws -> Void
  ) async throws {
    let proxy = try SilentProxy()
    defer { proxy.close() }
    let free = try Address(host: "127.0.0.1", port: proxy.port)
    try await LiveCluster.run(configure: { $0.instanceMilliseconds = 300 }) { cluster in
      let address = try await cluster.start("AOS01", waits: false) { $0.advertise = free }
      proxy.lead(to: .port(address.port))
      let one = try InstanceID("AOS01")
      try await cluster.until("it is alive") { $0[one]?.health == .alive }
      try await test(cluster, proxy)
    }
  }
}
