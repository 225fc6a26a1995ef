import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import ClusterTrust
import Registry
import ServiceSupport
import TestSupport
import Testing

@Suite("What balancers tell each other of their reservations", .timeLimit(.minutes(2)))
struct PeerFeedTests {
  /// What another balancer of the cluster would show: its row is there, its process is the test.
  private static func tokenMaker(
    _ cluster: LiveCluster
  ) async throws
    -> @Sendable (_ from: String, _ to: String, _ key: ClusterKey?) async throws
    -> String
  {
    let registry = try await DatabaseRegistry.open(cluster.databasePath, cluster: "TEST")
    let seed = try await registry.contents().signingSeed
    await registry.close()
    let key = try ClusterKey(seedBytes: try #require(seed).bytes)
    return { from, to, other in
      try await (other ?? key).balancerToken(
        balancer: try InstanceID(from), instance: try InstanceID(to), cluster: "TEST",
        now: SystemClock.now)
    }
  }

  private static func reader(_ cluster: LiveCluster, token: String) -> ClusterConnection {
    ClusterConnection(
      .http(cluster.balancerAddress), token: token, transport: cluster.transport)
  }

  private static func reports(
    _ connection: ClusterConnection
  ) async throws -> EventStream.AsyncIterator {
    try await connection.events("/v1/peer", silenceMilliseconds: 60_000).makeAsyncIterator()
  }

  private static func next(_ items: inout EventStream.AsyncIterator) async throws -> PeerReport? {
    while let item = try await items.next() {
      guard case .event(let event) = item else { continue }
      return try WireJSON.decode(PeerReport.self, from: event.data.utf8)
    }
    return nil
  }

  @Test("a place that one reserves is reserved at the other, until its ticket arrives")
  func both() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      let second = try await cluster.startSecondBalancer()
      for balancer in [cluster.operators, second] {
        try await cluster.until("each hears the other", at: balancer) {
          $0.balancer.reservationWeight == 1 && $0[one]?.health == .alive
        }
      }
      let given = try await cluster.clients.handshake(HandshakeRequest())
      let ticket = try #require(given.ticket)
      try await cluster.until("it is known there", at: second) { $0[one]?.load.reserved == 1 }
      let there = try await second.handshake(HandshakeRequest())
      #expect(there.ticket?.prefix(8) != ticket.prefix(8))
      try await cluster.until("both are known here") { $0[one]?.load.reserved == 2 }
      try await cluster.open(at: "AOS01", ticket: ticket)
      for balancer in [cluster.operators, second] {
        try await cluster.until("one is left", at: balancer) {
          $0[one]?.load == Load(connected: 1, reserved: 1, maximum: 10)
        }
      }
      let metrics = try await second.raw(.get, "/metrics")
      let text = String(decoding: metrics.bytes, as: UTF8.self)
      #expect(text.contains("\naos_peers 1\n") && text.contains("\naos_peer_feeds 1\n"))
    }
  }

  @Test("what a balancer reserved counts no longer when it has died, and its own weighs more")
  func died() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      let second = try await cluster.startSecondBalancer()
      try await cluster.until("it is heard") { $0.balancer.reservationWeight == 1 }
      _ = try await second.handshake(HandshakeRequest())
      try await cluster.until("its place is known") { $0[one]?.load.reserved == 1 }
      await cluster.killInstance("LB2")
      try await cluster.until("its place is free") {
        $0[one]?.load.reserved == 0 && $0.balancer.reservationWeight == nil
      }
    }
  }

  @Test("is read with a token of another balancer of the cluster, once, and with nothing else")
  func access() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      _ = try await cluster.startSecondBalancer()
      try await cluster.until("it is heard") { $0.balancer.reservationWeight == 1 }
      let token = try await Self.tokenMaker(cluster)
      let known = try #require(try await cluster.makeToken(.operator).token)
      var refused = ["nothing that is a token": "x", "an operator's token": known]
      refused["one of itself"] = try await token("LB1", "LB1", nil)
      refused["one of an instance"] = try await token("AOS01", "LB1", nil)
      refused["one of nobody"] = try await token("LB9", "LB1", nil)
      refused["one for another"] = try await token("LB2", "LB2", nil)
      refused["one of another key"] = try await token("LB2", "LB1", ClusterKey())
      for (what, shown) in refused {
        let answer = try await Self.reader(cluster, token: shown).raw(.get, "/v1/peer")
        #expect(answer.status == 401, "\(what)")
      }
      #expect(try await cluster.clients.raw(.get, "/v1/peer").status == 401)
      let good = try await token("LB2", "LB1", nil)
      var items = try await Self.reports(Self.reader(cluster, token: good))
      let first = try await Self.next(&items)
      #expect(first?.complete == true)
      #expect(try await Self.reader(cluster, token: good).raw(.get, "/v1/peer").status == 401)
      // It opens no other route.
      for path in ["/v1/status", "/v1/feed", "/metrics", "/v1/tokens"] {
        let other = Self.reader(cluster, token: try await token("LB2", "LB1", nil))
        let status = try await other.raw(.get, path).status
        #expect(status == (path == "/v1/tokens" ? 403 : 401), "\(path)")
      }
    }
  }

  @Test("goes to two readers of one balancer, the newest; on the Unix socket it needs no token")
  func newest() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      var readers: [EventStream.AsyncIterator] = []
      for _ in 0..<3 {
        var items = try await Self.reports(cluster.operators)
        let first = try await Self.next(&items)
        #expect(first?.instances == [])
        readers.append(items)
      }
      let ended = try await Self.next(&readers[0])
      #expect(ended == nil)
      _ = try await cluster.clients.handshake(HandshakeRequest())
      for place in 1...2 {
        let report = try await Self.next(&readers[place])
        #expect(report?.instances.map(\.reserved) == [1])
      }
    }
  }
}
