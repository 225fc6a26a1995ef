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

@Suite("A balancer's start and its place in the registry", .timeLimit(.minutes(2)))
struct BalancerStartTests {
  /// Starts one more balancer, and waits for what ends it.
  private func end(of configuration: BalancerConfiguration) async throws -> String {
    let daemon = try BalancerDaemon(configuration)
    let running = RunningService(daemon.services { _ in }, logger: configuration.logger)
    do {
      try await running.wait()
      return "stopped in order"
    } catch {
      return "\(error)"
    }
  }

  @Test("a second balancer of the same name is refused")
  func sameName() async throws {
    try await LiveCluster.run { cluster in
      let log = LogBook()
      var second = try cluster.configuration(
        "LB1", port: 0, socketPath: cluster.folder.path + "/second.sock")
      second.logger = Logger(label: "second") { _ in log }
      #expect(
        try await end(of: second)
          == "a balancer named LB1 is running at \(cluster.balancerAddress)")
      #expect(
        log.lines.filter { $0.contains("CancellationError") || $0.contains("Already") } == [])
      #expect(try await cluster.clients.livez().id.text == "LB1")
    }
  }

  @Test("a port that is in use is reported with its address in plain words")
  func takenPort() async throws {
    try await LiveCluster.run { cluster in
      let address = cluster.balancerAddress
      let second = try cluster.configuration(
        "LB2", port: address.port, socketPath: cluster.folder.path + "/second.sock")
      #expect(
        try await end(of: second) == "Cannot listen on \(address): Address already in use.")
    }
  }

  @Test("a balancer starts at an address that a token claims, and says whose it cannot have")
  func claimedAddress() async throws {
    try await LiveCluster.run { cluster in
      let (token, honest) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
      let door = try cluster.remote(try await cluster.makeToken(.instance, name: "rack"))
      let own = try cluster.configuration(
        "LB2", port: 0, socketPath: cluster.folder.path + "/second.sock")
      func configuration(at port: Int) throws -> BalancerConfiguration {
        var configuration = own
        configuration.advertise = try Address("127.0.0.1:\(port)")
        return configuration
      }
      _ = try await door.join(
        token,
        JoinRequest(
          reach: InstanceReach(Address("127.0.0.1:9")),
          profile: InstanceProfile(role: .server(.both), ownMaximum: 1), version: "1",
          startedAt: SystemClock.now))
      try await cluster.change(.add(honest, at: Address("127.0.0.1:10")))
      let words = try await end(of: configuration(at: 10))
      #expect(words.hasPrefix("LB2 cannot register: The address 127.0.0.1:10 belongs to AOS02."))
      let daemon = try BalancerDaemon(configuration(at: 9))
      let running = RunningService(daemon.services { _ in }, logger: own.logger)
      let second = own.id
      try await cluster.until("it has registered in the token's place") { seen in
        seen[second] != nil && seen[token] == nil
          && seen.actions.contains { $0.action == .remove && $0.instance == token }
      }
      await running.stop()
    }
  }

  @Test("a balancer that was removed while it hung stops and names the reason")
  func removed() async throws {
    try await LiveCluster.run { cluster in
      let id = try InstanceID("LB1")
      let other = try await DatabaseRegistry.open(cluster.databasePath, cluster: "TEST")
      _ = try await other.change(nil, at: SystemClock.now, actor: "ana") { contents in
        contents.instances[id]?.removedAt = SystemClock.now
        return []
      }
      await other.close()
      let error = await #expect(throws: BalancerExpelled.self) {
        try await cluster.balancer?.wait()
      }
      #expect(error?.description.hasPrefix("LB1 was removed from the cluster at ") == true)
    }
  }

  @Test("a balancer whose name another has taken stops and names the reason")
  func taken() async throws {
    try await LiveCluster.run { cluster in
      let id = try InstanceID("LB1")
      let address = try Address("127.0.0.1:9")
      let other = try await DatabaseRegistry.open(cluster.databasePath, cluster: "TEST")
      _ = try await other.change(nil, at: SystemClock.now, actor: "LB1") { contents in
        contents.instances[id]?.address = address
        return []
      }
      await other.close()
      let error = await #expect(throws: BalancerExpelled.self) {
        try await cluster.balancer?.wait()
      }
      #expect(error?.description == "another balancer is LB1 now, at \(address)")
    }
  }

  @Test("a balancer that a restored registry does not know registers again")
  func forgotten() async throws {
    let registry = Mutex<FaultyRegistry?>(nil)
    try await LiveCluster.run {
      let open = $0.openRegistry
      $0.openRegistry = { () throws(RegistryFailure) in
        let faulty = FaultyRegistry(try await open())
        registry.withLock { $0 = faulty }
        return faulty
      }
    } _: { cluster in
      let id = try InstanceID("LB1")
      registry.withLock { $0?.forget(id) }
      let other = try await DatabaseRegistry.open(cluster.databasePath, cluster: "TEST")
      _ = try await other.change(nil, at: SystemClock.now, actor: "ana") { contents in
        contents.seats = 7
        return []
      }
      await other.close()
      try await cluster.until("it has joined again") { status in
        status.actions.filter { $0.action == .join && $0.instance == id }.count == 2
          && status[id]?.health == .alive
      }
    }
  }
}

/// Keeps what is logged.
private final class LogBook: LogHandler, Sendable {
  private let kept = Mutex<[String]>([])

  var lines: [String] { kept.withLock { $0 } }

  func log(event: LogEvent) {
    kept.withLock { $0.append(event.message.description) }
  }

  var metadata: Logger.Metadata {
    get { [:] }
    set { _ = newValue }
  }

  var logLevel: Logger.Level {
    get { .trace }
    set { _ = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set { _ = newValue }
  }
}
