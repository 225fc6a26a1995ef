internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import InstanceService
internal import ServiceSupport
internal import Testing

@Suite("An instance that is told to stop and waits", .timeLimit(.minutes(2)))
struct InstanceLeaveTests {
  /// An instance of the fixture's cluster, whose daemon is at hand.
  private func run(
    agent: Bool = false,
    _ test: (InstanceFixture, InstanceDaemon, RunningService) async throws -> Void
  ) async throws {
    try await InstanceFixture.run(joined: false) { fixture in
      await fixture.stop()
      var configuration = fixture.configuration()
      if agent { configuration.agentListen = ("127.0.0.1", 0) }
      let (daemon, running) = try await fixture.start(configuration)
      try await fixture.obey()
      try await test(fixture, daemon, running)
    }
  }

  @Test("leaves the list at once, lets nobody in, and keeps its sessions until they end")
  func leaves() async throws {
    try await run { fixture, daemon, _ in
      var session = try await fixture.open()
      var feed = try await LoadFeedReader(fixture.balancer())
      while try await feed.next() != .load(LoadReport(connected: 1)) {}
      let leaving = Task { await daemon.leave(withinSeconds: nil) }
      #expect(try await feed.next() == .goodbye)
      #expect(try await fixture.refusal() == .notReady)
      #expect(try await fixture.client.raw(.get, "/readyz").status == 503)
      guard case .notice(let notice) = try await session.events.next() else {
        Issue.record("the user was told nothing")
        return
      }
      #expect(notice.endsAt == nil)
      // A balancer that comes only now learns all of it.
      var late = try await LoadFeedReader(fixture.balancer())
      while try await late.next() != .goodbye {}
      #expect(try await fixture.operators.ownSessions().count == 1)
      try await fixture.operators.endOwnSession(session.opened.session)
      await leaving.value
      #expect(try await feed.next() == .load(LoadReport(connected: 0)))
    }
  }

  @Test("ends what is left after its time, and at once when it is told to stop again")
  func ends() async throws {
    try await run { fixture, daemon, running in
      var session = try await fixture.open()
      let leaving = Task { await daemon.leave(withinSeconds: 86_400) }
      guard case .notice(let notice) = try await session.events.next() else {
        Issue.record("the user was told nothing")
        return
      }
      #expect(notice.endsAt != nil)
      leaving.cancel()
      await leaving.value
      await running.stop()
      guard case .end = try await session.events.next() else {
        Issue.record("the session was not ended")
        return
      }
    }
  }

  @Test("tells network load balancers in one line how it is")
  func agent() async throws {
    try await run(agent: true) { fixture, daemon, _ in
      let address = try Address(host: "127.0.0.1", port: try await daemon.agentPort)
      func answer(_ sent: String = "") async throws -> String {
        try await RawConnection(address: address).exchange(sent).received
      }
      #expect(try await answer() == "up 200%\n")
      let session = try await fixture.open()
      #expect(try await answer("GET / HTTP/1.1\r\n\r\n") == "up 190%\n")
      try await fixture.obey(admission: .rejecting)
      #expect(try await answer() == "up 0%\n")
      try await fixture.operators.endOwnSession(session.opened.session)
    }
  }
}
