internal import BalancerService
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import InstanceService
internal import Logging
internal import ServiceSupport
internal import Testing

@Suite("The load feed of an instance, over real sockets")
struct InstanceLoadFeedTests {
  @Test("it says who is there, then the load at once, then each change, and goodbye")
  func story() async throws {
    try await InstanceFixture.run(services: .both, maximum: 7) { fixture in
      try await fixture.obey(limit: 5)
      var feed = try await LoadFeedReader(fixture.balancer())
      guard case .hello(let hello) = try await feed.next() else {
        throw Unexpected("no hello")
      }
      #expect(hello.id == fixture.id)
      #expect(hello.cluster == "TEST")
      #expect(hello.profile.role == .server(.both))
      #expect(hello.profile.ownMaximum == 7)
      #expect(hello.revision == 2)
      #expect(try await feed.next() == .load(LoadReport(connected: 0)))
      let session = try await fixture.open(ticket: "LB1-17")
      #expect(try await feed.next() == .load(LoadReport(connected: 1)))
      #expect(feed.tickets == ["LB1-17"])
      try await fixture.operators.endOwnSession(session.opened.session)
      #expect(try await feed.next() == .load(LoadReport(connected: 0)))
      let stopped = fixture.beginStop()
      #expect(try await feed.next() == .load(LoadReport(connected: 0)))
      #expect(try await feed.next() == .goodbye)
      #expect(try await feed.next() == .end)
      await stopped.value
      #expect(feed.tickets == ["LB1-17"])
    }
  }

  @Test("two balancers both learn of every ticket, also of one that came before them")
  func twoReaders() async throws {
    try await InstanceFixture.run { fixture in
      let first = try await fixture.open(ticket: "t1")
      var feeds = [
        try await LoadFeedReader(fixture.balancer()),
        try await LoadFeedReader(fixture.operators),
      ]
      let second = try await fixture.open(ticket: "t2")
      for place in feeds.indices {
        while feeds[place].tickets.count < 2 { _ = try await feeds[place].next() }
        #expect(feeds[place].tickets == ["t1", "t2"])
      }
      _ = (first.opened, second.opened)
    }
  }

  @Test("over TCP only a balancer of the cluster reads it, or sees and ends sessions")
  func access() async throws {
    try await InstanceFixture.run { fixture in
      let session = try await fixture.open()
      let now = SystemClock.now
      let strangers = [
        fixture.client, try await fixture.balancer(key: ClusterKey()),
        try await fixture.balancer(instance: InstanceID("AOS02")),
        try await fixture.balancer(cluster: "PROD"),
        try await fixture.balancer(at: now.adding(milliseconds: -600_000)),
        try await fixture.balancer(at: now.adding(milliseconds: 600_000)),
      ]
      for stranger in strangers {
        for path in ["/v1/load", "/v1/sessions", "/metrics"] {
          #expect(try await stranger.raw(.get, path).failure.name == .unauthorized)
        }
        let path = "/v1/sessions/\(session.opened.session)"
        #expect(try await stranger.raw(.delete, path).failure.name == .unauthorized)
      }
      let balancer = try await fixture.balancer(token: nil)
      #expect(try await balancer.ownSessions().map(\.session) == [session.opened.session])
      #expect(try await balancer.raw(.get, "/metrics").status == 200)
      try await balancer.endOwnSession(session.opened.session)
    }
  }

  @Test("the metrics count what happened")
  func metrics() async throws {
    try await InstanceFixture.run(maximum: 1) { fixture in
      let session = try await fixture.open()
      #expect(try await fixture.refusal() == .full)
      let answer = try await fixture.operators.raw(.get, "/metrics")
      let lines = String(decoding: answer.bytes, as: UTF8.self).split(separator: "\n")
      for line in [
        "aos_sessions_connected 1", "aos_sessions_maximum 1", "aos_sessions_opened_total 1",
        "aos_sessions_refused_total 1", "aos_accepting 0", "aos_desired_revision 1",
        "aos_load_feed_readers 0",
      ] {
        #expect(lines.contains(Substring(line)))
      }
      _ = session.opened
    }
  }

  @Test("before the first join no token is trusted, and readiness says so")
  func notJoined() async throws {
    try await InstanceFixture.run(joined: false) { fixture in
      #expect(try await fixture.client.raw(.get, "/readyz").failure.name == .notJoined)
      #expect(try await fixture.client.livez().id == fixture.id)
      try await fixture.obey()
      #expect(try await fixture.client.raw(.get, "/readyz").status == 200)
    }
  }

  @Test(
    "a balancer that comes before the first join's answer is told so, and no log calls it refused")
  func early() async throws {
    let log = KeptLog()
    try await InstanceFixture.run(joined: false) { fixture in
      await fixture.kill()
      var configuration = fixture.configuration(
        join: [.unix(path: fixture.folder + "/away.sock")])
      configuration.logger = Logger(label: "test") { _ in log }
      try await fixture.start(configuration)
      for path in ["/v1/load", "/v1/sessions", "/metrics"] {
        let refusal = try await fixture.balancer().raw(.get, path).failure
        #expect(refusal.name == .notJoined)
      }
      #expect(log.lines(from: .info).filter { $0.contains("refused") } == [])
      #expect(log.lines.contains { $0.contains("it has not joined yet") }, "at level debug")
    }
  }

  @Test("a normal start is quiet: the instance joins, obeys, and refuses nothing")
  func quietStart() async throws {
    let log = KeptLog()
    try await LiveCluster.run(configure: { $0.logger = Logger(label: "test") { _ in log } }) {
      cluster in
      for name in ["AOS01", "AOS02", "AOS03"] {
        try await cluster.start(name) { $0.logger = Logger(label: "test") { _ in log } }
      }
      #expect(log.lines(from: .info).filter { $0.contains("refused") } == [])
      #expect(log.lines(from: .warning) == [])
    }
  }
}

extension ClientFailure {
  /// The name of the problem, if it is one.
  var name: ProblemName? {
    if case .problem(let problem) = self { problem.name } else { nil }
  }
}
