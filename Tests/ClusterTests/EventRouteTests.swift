import ClusterAPI
import ClusterClient
import ClusterModel
import Testing

@Suite("Events of a living cluster", .timeLimit(.minutes(2)))
struct EventRouteTests {
  @Test("a loss and a return are on the feed, and in the log once, however many balancers see them")
  func once() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let second = try await cluster.startSecondBalancer()
      try await cluster.start("AOS01")
      try await cluster.open(at: "AOS01")
      for balancer in [cluster.operators, second] {
        try await cluster.until("it is counted", at: balancer) { $0[one]?.load.connected == 1 }
      }
      await cluster.killInstance("AOS01")
      for balancer in [cluster.operators, second] {
        try await cluster.until("the loss is written down", at: balancer) { status in
          status.events.contains { $0.kind == .lost && $0.instance == one && $0.id != nil }
        }
      }
      try await cluster.start("AOS01")
      for balancer in [cluster.operators, second] {
        try await cluster.until("so is the return", at: balancer) { status in
          status.events.contains { $0.kind == .back && $0.instance == one && $0.id != nil }
        }
      }
      let events = try await cluster.operators.events(of: one)
      #expect(events.map(\.kind) == [.known(.back), .known(.lost)])
      #expect(events.map(\.times) == [1, 1])
      #expect(events.last?.sessions == 1)
      #expect(events.last?.reason != nil)
      #expect(try await second.events(of: one) == events)
      let newest = try await cluster.operators.events(limit: 1, of: one)
      #expect(newest == Array(events.prefix(1)))
      #expect(
        try await cluster.operators.events(before: newest.last?.id, of: one)
          == Array(events.dropFirst()))
    }
  }

  @Test("the end of a drain is one, and a balancer that starts finds what happened before")
  func drained() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let session = try await cluster.open(at: "AOS01")
      try await cluster.until("it is counted") { $0[one]?.load.connected == 1 }
      try await cluster.change(.drain([one], reason: nil))
      session.close()
      try await cluster.until("its end is written down") { status in
        status.events.contains { $0.kind == .drained && $0.instance == one && $0.id != nil }
      }
      await cluster.killBalancer()
      try await cluster.startBalancer()
      let events = try await cluster.operators.status().events
      #expect(events.contains { $0.kind == .drained && $0.instance == one })
    }
  }
}
