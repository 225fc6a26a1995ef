internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import ServiceSupport
internal import Testing

@Suite("A balancer's token at an instance", .timeLimit(.minutes(2)))
struct BalancerTokenUseTests {
  @Test("opens one request, whichever that is")
  func once() async throws {
    try await InstanceFixture.run { fixture in
      for path in ["/v1/sessions", "/metrics", "/v1/load"] {
        let balancer = try await fixture.balancer()
        if path == "/v1/load" {
          var feed = try await LoadFeedReader(balancer)
          _ = try await feed.next()
        } else {
          #expect(try await balancer.raw(.get, path).status == 200)
        }
        for again in ["/v1/load", "/v1/sessions", "/metrics"] {
          let answer = try await balancer.raw(.get, again)
          #expect(answer.failure.name == .unauthorized)
          #expect("\(answer.failure)".contains("opens one request"))
        }
      }
    }
  }

  @Test("without a name, as an older release makes them, opens requests while it counts")
  func nameless() async throws {
    try await InstanceFixture.run { fixture in
      let balancer = try await fixture.balancer(token: nil)
      for _ in 0..<3 { #expect(try await balancer.ownSessions() == []) }
    }
  }

  @Test("a third load feed of one balancer ends its first, and no other balancer's")
  func feeds() async throws {
    try await InstanceFixture.run { fixture in
      // Sniffed from a balancer of an older release, and shown again and again.
      let sniffed = try await fixture.balancer(token: nil)
      var first = try await LoadFeedReader(sniffed)
      var other = try await LoadFeedReader(fixture.balancer("LB2"))
      for _ in 0..<2 {
        _ = try await first.next()
        _ = try await other.next()
      }
      var held: [LoadFeedReader] = []
      for _ in 0..<70 {
        var next = try await LoadFeedReader(sniffed)
        _ = try await next.next()
        held.append(next)
      }
      #expect(try await first.next() == .end)
      var own = try await LoadFeedReader(fixture.balancer())
      guard case .hello = try await own.next() else {
        throw Unexpected("the balancer itself is kept out")
      }
      let session = try await fixture.open()
      while try await other.next() != .load(LoadReport(connected: 1)) {}
      _ = (session.opened, held.count)
    }
  }

  @Test("what an instance obeys after its hello is told, with the document that proves it")
  func orders() async throws {
    try await InstanceFixture.run { fixture in
      var feed = try await LoadFeedReader(fixture.balancer())
      guard case .hello(let hello) = try await feed.next() else { throw Unexpected("no hello") }
      let key = fixture.key.publicKey
      let proof = try await key.desiredState(
        in: #require(hello.desired), for: fixture.id, cluster: "TEST")
      #expect(proof.revision == hello.revision && proof.digest == hello.digest)
      try await fixture.obey(limit: 5)
      let session = try await fixture.open()
      while try await feed.next() != .load(LoadReport(connected: 1)) {}
      let told = try #require(feed.obeyed.last)
      #expect(told.revision == hello.revision + 1)
      let order = try await key.desiredState(
        in: #require(told.desired), for: fixture.id, cluster: "TEST")
      #expect(order.limit == 5 && order.digest == told.digest)
      _ = session.opened
    }
  }
}
