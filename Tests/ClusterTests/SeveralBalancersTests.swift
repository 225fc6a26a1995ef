import ClusterAPI
import ClusterClient
import ClusterModel
import Testing

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
      }
      #expect(there.handshakeList.map(\.text) == ["AOS02"])
      #expect(there.actions.first?.action == .drain)
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
