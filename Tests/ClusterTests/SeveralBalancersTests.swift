import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import Testing

@testable import Registry

@Suite("Several balancers on one registry", .timeLimit(.minutes(2)))
struct SeveralBalancersTests {
  @Test("each shows the other as a row, alive, and away when it has died")
  func rows() async throws {
    try await LiveCluster.run { cluster in
      let (one, two) = (try InstanceID("LB1"), try InstanceID("LB2"))
      let second = try await cluster.startSecondBalancer()
      try await cluster.until("the first sees the second") { $0[two]?.state == .balancing }
      try await cluster.until("the second sees the first", at: second) {
        $0[one]?.state == .balancing
      }
      await cluster.killInstance("LB2")
      try await cluster.until("the second is gone") { $0[two]?.health == .unreachable }
    }
  }

  @Test("a change at one is in force at the other")
  func agree() async throws {
    try await LiveCluster.run { cluster in
      let second = try await cluster.startSecondBalancer()
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      try await cluster.until("it is known there", at: second) { $0.handshakeList.count == 2 }
      try await cluster.change(.drain([one], reason: "patch"))
      let there = try await cluster.until("it is drained there too", at: second) {
        $0[one]?.state == .drained && $0[one]?.delivered == true
          && $0.actions.first?.action == .drain
      }
      #expect(there.handshakeList.map(\.text) == ["AOS02"])
      _ = try await second.change(.enable([one]))
      try await cluster.until("it is enabled here") { $0.handshakeList.count == 2 }
    }
  }

  @Test("on PostgreSQL a limit, an addition and a removal at one are in force at the other")
  func agreeOnPostgres() async throws {
    let database = try PostgresServer().makeDatabase()
    try await LiveCluster.run {
      $0.registryKind = "postgres"
      $0.openRegistry = { () throws(RegistryFailure) in
        try await DatabaseRegistry.open(database, cluster: "TEST", options: .quick)
      }
    } _: { cluster in
      let second = try await cluster.startSecondBalancer()
      let (one, two) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
      try await cluster.start("AOS01")
      try await cluster.change(.limit(one, to: 3))
      try await cluster.until("the limit is known there", at: second) {
        $0[one]?.limit == 3 && $0[one]?.load.maximum == 3 && $0[one]?.delivered == true
      }
      _ = try await second.change(.add(two, at: try Address("127.0.0.1:9")))
      try await cluster.until("the addition is known here") {
        $0[two]?.admission == .rejecting
      }
      try await cluster.change(.remove(two, force: true))
      try await cluster.until("the removal is known there", at: second) { $0[two] == nil }
      let there = try await second.actions().prefix(3).compactMap(\.action.known)
      #expect(there == [.remove, .add, .limit])
    }
  }

  @Test("behind a pool of connections in transaction mode they agree, and say that they poll")
  func agreeBehindPool() async throws {
    let server = try PostgresServer()
    var pooled = try server.makeDatabase()
    pooled.servers = [.init(host: server.folder, port: try server.pool(mode: "transaction"))]
    let database = pooled
    try await LiveCluster.run {
      $0.registryKind = "postgres"
      $0.openRegistry = { () throws(RegistryFailure) in
        try await DatabaseRegistry.open(database, cluster: "TEST", options: .quick)
      }
    } _: { cluster in
      let second = try await cluster.startSecondBalancer()
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      try await cluster.until("both are known there", at: second) { $0.handshakeList.count == 2 }
      try await cluster.change(.drain([one]))
      let there = try await cluster.until("it is drained there too", at: second) {
        $0[one]?.state == .drained && $0[one]?.delivered == true
      }
      #expect(there.balancer.registry.remark?.contains("announces no changes") == true)
      _ = try await second.change(.enable([one]))
      try await cluster.until("it is enabled here") { $0.handshakeList.count == 2 }
    }
  }

  @Test("of two operators who each drain one of the last two servers, one is refused")
  func lastTwo() async throws {
    try await LiveCluster.run { cluster in
      let second = try await cluster.startSecondBalancer()
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      try await cluster.until("both are known there", at: second) {
        $0.handshakeList.count == 2
      }
      let first = cluster.operators
      async let here = problem { try await first.change(.drain([InstanceID("AOS01")])) }
      async let there = problem { try await second.change(.drain([InstanceID("AOS02")])) }
      let refusals = await [here, there].compactMap { $0 }
      #expect(refusals == [.needsAcknowledgement])
    }
  }
}
