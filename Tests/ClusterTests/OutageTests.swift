import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import Registry
import Testing

@Suite("Outages", .timeLimit(.minutes(2)))
struct OutageTests {
  @Test("while the registry is away handshakes and the feed go on, and changes are refused")
  func registryAway() async throws {
    try await LiveCluster.run { cluster in
      let (one, two) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      try await cluster.change(.drain([one]))
      let away = cluster.databasePath + ".away"
      try FileManager.default.moveItem(atPath: cluster.databasePath, toPath: away)
      try await cluster.until("the registry is unavailable") {
        $0.balancer.registry.state == .unavailable
      }

      #expect(try await cluster.clients.handshake(HandshakeRequest()).servers.map(\.id) == [two])
      let session = try await cluster.open(at: "AOS02")
      try await cluster.until("the session is seen") { $0[two]?.load.connected == 1 }
      #expect(
        await problem { try await cluster.change(.enable([one])) } == .registryUnavailable)
      #expect(try await cluster.operators.status()[one]?.admission == .rejecting)

      try FileManager.default.moveItem(atPath: away, toPath: cluster.databasePath)
      try await cluster.until("it is back") { $0.balancer.registry.state == .available }
      try await cluster.change(.enable([one]))
      let after = try await cluster.until("it serves again") { $0.handshakeList.count == 2 }
      #expect(after[one]?.admission == .accepting)
      session.close()
    }
  }

  @Test("a PostgreSQL that is stopped costs clients nothing; all is well when it is back")
  func databaseStopped() async throws {
    let server = try PostgresServer()
    let database = try server.makeDatabase()
    try await LiveCluster.run {
      $0.registryKind = "postgres"
      $0.openRegistry = { () throws(RegistryFailure) in
        try await DatabaseRegistry.open(database, cluster: "TEST", options: .quick)
      }
    } _: { cluster in
      let (one, two) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      try await cluster.change(.drain([one], reason: "patch"))
      try server.stop()
      try await cluster.until("the registry is unavailable") {
        $0.balancer.registry.state == .unavailable
      }

      #expect(try await cluster.clients.handshake(HandshakeRequest()).servers.map(\.id) == [two])
      let session = try await cluster.open(at: "AOS02")
      try await cluster.until("the session is seen") { $0[two]?.load.connected == 1 }
      #expect(
        await problem { try await cluster.change(.enable([one])) } == .registryUnavailable)

      try server.start()
      let back = try await cluster.until("it is back") {
        $0.balancer.registry.state == .available
      }
      #expect(back[one]?.admissionReason == "patch")
      try await cluster.change(.enable([one]))
      try await cluster.until("it serves again") { $0.handshakeList.count == 2 }
      session.close()
      #expect(await session.events.isEmpty)
    }
  }

  @Test("a registry restored from an older copy sends every order again, and instances obey")
  func restored() async throws {
    try await LiveCluster.run { cluster in
      let (one, two) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let files = ["", "-wal", "-shm"].map { cluster.databasePath + $0 }
      await cluster.killBalancer()
      for file in files where FileManager.default.fileExists(atPath: file) {
        try FileManager.default.copyItem(atPath: file, toPath: file + ".copy")
      }
      try await cluster.startBalancer()
      for _ in 0..<5 {
        try await cluster.change(.drain([one]))
        try await cluster.change(.enable([one]))
      }
      await cluster.killBalancer()
      for file in files {
        try? FileManager.default.removeItem(atPath: file)
        if FileManager.default.fileExists(atPath: file + ".copy") {
          try FileManager.default.moveItem(atPath: file + ".copy", toPath: file)
        }
      }
      try await cluster.startBalancer()
      try await cluster.until("both obey") { snapshot in
        [one, two].allSatisfy { snapshot[$0]?.delivered == true }
      }
      #expect(try await cluster.change(.drain([one])).delivered)
      #expect(await problem { try await cluster.open(at: "AOS01") } == .rejectingClients)
      let log = try await cluster.operators.actions()
      #expect(log.contains { $0.result.contains("all orders given again") })
    }
  }

  @Test("a drain until restart is over with the restart, at the instance and in the registry")
  func untilRestart() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let address = try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      try await cluster.change(.drain([one], terms: DrainTerms(untilRestart: true)))
      await cluster.killInstance("AOS01")
      try await cluster.until("it is gone") { $0[one]?.health == .unreachable }
      try await cluster.start("AOS01", port: address.port)
      let after = try await cluster.until("it serves again") {
        $0[one]?.admission == .accepting && $0.handshakeList.contains(one)
      }
      #expect(after.actions.first { $0.action == .enable }?.actor == "AOS01")
      #expect(after[one]?.admissionReason == "restarted")
      _ = try await cluster.open(at: "AOS01")
    }
  }
}
