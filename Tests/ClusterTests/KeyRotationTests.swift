import ClusterAPI
import ClusterClient
import ClusterModel
import ClusterTrust
import Foundation
import InstanceService
import Registry
import ServiceSupport
import Testing

/// `aosctl cluster-key rotate`: another key signs, and instances follow.
@Suite("Rotation of the cluster's key", .timeLimit(.minutes(2)))
struct KeyRotationTests {
  private static func rotate(
    _ cluster: LiveCluster, dryRun: Bool = false
  ) async throws -> KeyRotationAnswer {
    let options = MutationOptions(dryRun: dryRun)
    return try await cluster.operators.raw(MutationRequest.rotateKey(options: options)).decoded()
  }

  /// The key with which the cluster signs now, as the registry has it.
  private static func key(_ cluster: LiveCluster) async throws -> ClusterKey {
    let registry = try await DatabaseRegistry.open(cluster.databasePath, cluster: "TEST")
    let seed = try #require(try await registry.contents().signingSeed)
    await registry.close()
    return try ClusterKey(seedBytes: seed.bytes)
  }

  @Test("instances that are connected follow at once, and obey the old key no more")
  func follows() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let second = try await cluster.startSecondBalancer()
      let old = try await Self.key(cluster)
      let answer = try await Self.rotate(cluster)
      #expect(answer.instances.map(\.follows) == [true, true])
      #expect(answer.publicKey != old.publicKey.text)
      #expect(try await cluster.operators.clusterKey().publicKey == answer.publicKey)

      let token = try await old.balancerToken(
        balancer: try InstanceID("LB1"), instance: one, cluster: "TEST", now: SystemClock.now)
      let impostor = ClusterConnection(
        try cluster.instance("AOS01").endpoint, token: token, transport: cluster.transport)
      #expect(await problem { try await impostor.ownSessions() } == .unauthorized)
      let registry = try await DatabaseRegistry.open(cluster.databasePath, cluster: "TEST")
      var desired = try #require(try await registry.contents().desiredState(of: one))
      await registry.close()
      desired.revision += 1_000
      let document = try await old.sign(desired)
      #expect(
        await problem { try await cluster.instance("AOS01").putDesired(document) } == .unauthorized)

      #expect(try await cluster.change(.drain([one])).delivered)
      #expect(try await second.sessions(of: one) == [])
      _ = try await second.change(.enable([one]))
      let action = try await cluster.operators.actions().first { $0.action == .rotateKey }
      #expect(action?.actor == NSUserName())
      #expect(action?.result.contains(answer.publicKey) == true)
    }
  }

  @Test(
    "an instance that was away during two rotations follows when it is back",
    arguments: [true, false])
  func away(joins: Bool) async throws {
    try await LiveCluster.run { cluster in
      let two = try InstanceID("AOS02")
      try await cluster.start("AOS01")
      let address = try await cluster.start("AOS02")
      try await cluster.change(.drain([two]))
      await cluster.killInstance("AOS02")
      try await cluster.until("it is gone") { $0[two]?.health == .unreachable }
      for _ in 0..<2 {
        let answer = try await Self.rotate(cluster)
        #expect(answer.instances.map(\.follows) == [true, false])
        #expect(answer.instances.last?.reason != nil)
      }
      try await cluster.start("AOS02", port: address.port, joins: joins)
      try await cluster.until("it is back") { $0[two]?.state == .drained }
      #expect(try await cluster.change(.enable([two])).delivered)
      _ = try await cluster.open(at: "AOS02")
    }
  }

  @Test("an instance with the cluster's key in a file follows, and starts again with that file")
  func pinned() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let file = try await Self.key(cluster).publicKey
      let address = try await cluster.start("AOS01", joins: false) { $0.clusterKey = file }
      try await cluster.change(.add(one, at: address, accept: true))
      try await cluster.until("it is there") { $0[one]?.delivered == true }
      for _ in 0..<2 {
        #expect(try await Self.rotate(cluster).instances.map(\.follows) == [true])
        await cluster.killInstance("AOS01")
        try await cluster.until("it is gone") { $0[one]?.health == .unreachable }
        try await cluster.start("AOS01", port: address.port, joins: false) { $0.clusterKey = file }
        try await cluster.until("it is back") { $0[one]?.health == .alive }
      }
      await cluster.killInstance("AOS01")
      await #expect(throws: InstanceCannotStart.self) {
        try await cluster.start("AOS01", joins: false) { $0.clusterKey = ClusterKey().publicKey }
      }
    }
  }

  @Test("an instance that was removed while it was away learns it by the new key")
  func removed() async throws {
    try await LiveCluster.run { cluster in
      let two = try InstanceID("AOS02")
      try await cluster.start("AOS01")
      let address = try await cluster.start("AOS02")
      await cluster.killInstance("AOS02")
      try await cluster.until("it is gone") { $0[two]?.health == .unreachable }
      try await cluster.change(.remove([two], force: true))
      _ = try await Self.rotate(cluster)
      try await cluster.start("AOS02", port: address.port, waits: false)
      let removal = try await cluster.until("it is told") { snapshot in
        snapshot.actions.contains { $0.action == .remove && $0.delivered == true }
      }
      #expect(removal[two] == nil)
      #expect(await problem { try await cluster.open(at: "AOS02") } == .removed)
    }
  }

  @Test("a dry run tells who can be reached now, and changes nothing")
  func dryRun() async throws {
    try await LiveCluster.run { cluster in
      let before = try await Self.key(cluster).publicKey
      try await cluster.start("AOS01")
      try await cluster.change(.add(try InstanceID("AOS02"), at: try Address("127.0.0.1:9")))
      let answer = try await Self.rotate(cluster, dryRun: true)
      #expect(answer.publicKey == before.text)
      #expect(answer.instances.map(\.follows) == [true, false])
      #expect(try await Self.key(cluster).publicKey == before)
    }
  }

  @Test("a request that is repeated replaces the key once, and nobody does it over TCP")
  func once() async throws {
    try await LiveCluster.run { cluster in
      let request = MutationRequest.rotateKey()
      let first: KeyRotationAnswer = try await cluster.operators.raw(request).decoded()
      let second: KeyRotationAnswer = try await cluster.operators.raw(request).decoded()
      #expect(first == second)
      let ana = try cluster.remote(try await cluster.makeToken(.operator))
      #expect(
        await problem { try await ana.raw(.rotateKey()).decoded(KeyRotationAnswer.self) }
          == .forbidden)
    }
  }

  @Test("a step that another key signed moves nobody")
  func forged() async throws {
    try await InstanceFixture.run { fixture in
      let thief = ClusterKey()
      let document = try await thief.sign(
        successor: thief.publicKey, cluster: "TEST", epoch: "e1", at: SystemClock.now)
      let step = KeyStep(from: fixture.key.publicKey.text, document: document)
      #expect(
        await problem { try await fixture.client.putKey(KeySteps(rotations: [step])) }
          == .unauthorized)
      // Nor does a true one of another cluster.
      let other = KeyStep(
        from: fixture.key.publicKey.text,
        document: try await fixture.key.sign(
          successor: thief.publicKey, cluster: "PROD", epoch: "e1", at: SystemClock.now))
      #expect(
        await problem { try await fixture.client.putKey(KeySteps(rotations: [other])) }
          == .unauthorized)
      #expect(try await fixture.obey().revision == 2)
    }
  }
}
