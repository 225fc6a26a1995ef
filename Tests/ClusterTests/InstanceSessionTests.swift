internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Foundation
internal import Testing

@Suite("A session at an instance, over real sockets")
struct InstanceSessionTests {
  @Test("it lives exactly as long as its connection", arguments: ["closed", "reset"])
  func lifetime(ending: String) async throws {
    try await InstanceFixture.run(maximum: 1) { fixture in
      var client: InstanceRawClient? = try InstanceRawClient(fixture.address)
      #expect(await client?.openSession() == true)
      #expect(try await fixture.refusal() == .full)
      if ending == "reset" { client?.resetOnClose() }
      client = nil
      try await fixture.untilConnected(0)
      _ = try await fixture.open()
    }
  }

  @Test("letting go of it in the client library ends it too")
  func clientLibrary() async throws {
    try await InstanceFixture.run { fixture in
      do {
        let session = try await fixture.open()
        try await fixture.untilConnected(1)
        let listed = try await fixture.operators.ownSessions()
        #expect(listed.map(\.session) == [session.opened.session])
        #expect(listed.map(\.user) == ["ana"])
      }
      try await fixture.untilConnected(0)
      #expect(try await fixture.operators.ownSessions().isEmpty)
    }
  }

  @Test("each refusal has its name")
  func refusals() async throws {
    try await InstanceFixture.run(maximum: 1, joined: false) { fixture in
      #expect(try await fixture.refusal() == .notJoined)
      #expect(try await fixture.refusal(of: .service) == .rpcOnly)
      #expect(try await fixture.refusal(of: .batch) == .kindNotServed)
      try await fixture.obey(admission: .rejecting)
      #expect(try await fixture.refusal() == .rejectingClients)
      try await fixture.obey(unlicensed: "no seat left")
      #expect(try await fixture.refusal() == .unlicensed)
      try await fixture.obey(removed: true)
      #expect(try await fixture.refusal() == .removed)
      try await fixture.obey(limit: 0)
      #expect(try await fixture.refusal() == .full)
      try await fixture.obey()
      let held = try await fixture.open()
      #expect(try await fixture.refusal() == .full)
      _ = held.opened
    }
  }

  @Test("activity needs the session's secret, and is shown to operators")
  func activity() async throws {
    try await InstanceFixture.run { fixture in
      let first = try await fixture.open()
      let second = try await fixture.open()
      try await fixture.client.reportActivity(first.opened)
      for wrong in [second.opened.secret, "", "x"] {
        await #expect(throws: ClientFailure.self) {
          try await fixture.client.reportActivity(
            SessionOpened(session: first.opened.session, secret: wrong))
        }
      }
      let nobody = SessionOpened(session: "nobody", secret: "x")
      #expect(
        await refusalName(of: { try await fixture.client.reportActivity(nobody) })
          == .unknownSession)
      let active = try await fixture.operators.ownSessions().filter { $0.activeAt != nil }
      #expect(active.map(\.session) == [first.opened.session])
      _ = second.events
    }
  }

  @Test("when an operator ends one, its client learns it, and its place is free")
  func end() async throws {
    try await InstanceFixture.run(maximum: 1) { fixture in
      var session = try await fixture.open()
      try await fixture.operators.endOwnSession(session.opened.session)
      #expect(
        try await session.events.next() == .end(SessionEnded(reason: "Ended by an operator.")))
      #expect(try await session.events.next() == nil)
      _ = try await fixture.open()
      let ended = session.opened.session
      #expect(
        await refusalName(of: { try await fixture.operators.endOwnSession(ended) })
          == .unknownSession)
    }
  }

  @Test("its user learns of a drain, and of its end")
  func notices() async throws {
    try await InstanceFixture.run { fixture in
      var session = try await fixture.open()
      let deadline = Timestamp(milliseconds: 4_102_444_800_000)
      let terms = DrainTerms(message: "Back at ten", deadline: deadline)
      try await fixture.obey(
        admission: .rejecting,
        drain: Drain(startedAt: Timestamp(milliseconds: 0), startedWith: 1, terms: terms))
      let told = try await session.events.next()
      #expect(told == .notice(SessionNotice(message: "Back at ten", endsAt: deadline)))
      try await fixture.obey()
      let lifted = try await session.events.next()
      let words = "This server stays in service; your session continues."
      #expect(lifted == .notice(SessionNotice(message: words, endsAt: nil)))
    }
  }

  @Test("a planned stop ends it with a word; a killed instance just goes")
  func stop() async throws {
    try await InstanceFixture.run { fixture in
      var session = try await fixture.open()
      let stopped = fixture.beginStop()
      #expect(
        try await session.events.next()
          == .end(SessionEnded(reason: "The instance is stopping.")))
      #expect(try await session.events.next() == nil)
      await stopped.value

      try await fixture.start()
      var other = try await fixture.open()
      await fixture.kill()
      // A stream that ends without an `end` may be seen as an end or as a loss.
      let last = try? await other.events.next()
      #expect(last == nil || last == .some(nil))
    }
  }

  @Test("a client that reads nothing delays nobody, and its session ends all the same")
  func deaf() async throws {
    try await InstanceFixture.run(maximum: 2) { fixture in
      let deaf = try InstanceRawClient(fixture.address)
      #expect(await deaf.openSession())
      var other = try await fixture.open()
      let message = String(repeating: "x", count: PlainText.longestSentence)
      for number in 0..<200 {
        let terms = DrainTerms(message: "\(number)" + message.dropFirst(3))
        try await fixture.obey(
          admission: .rejecting,
          drain: Drain(startedAt: Timestamp(milliseconds: 0), startedWith: 2, terms: terms))
        // A heartbeat may lie between two notices.
        var event = try await other.events.next()
        while event == .heartbeat { event = try await other.events.next() }
        guard case .notice = event else { throw Unexpected("no notice") }
      }
      for session in try await fixture.operators.ownSessions() {
        try await fixture.operators.endOwnSession(session.session)
      }
      try await fixture.untilConnected(0)
      withExtendedLifetime(deaf) {}
    }
  }

  @Test("a client that sends its next request early has one session, until it goes")
  func pipelined() async throws {
    try await InstanceFixture.run(maximum: 5) { fixture in
      var client: InstanceRawClient? = try InstanceRawClient(fixture.address)
      #expect(await client?.openSession(times: 3) == true)
      #expect(try await fixture.operators.ownSessions().count == 1)
      client = nil
      try await fixture.untilConnected(0)
      _ = try await fixture.open()
    }
  }

  @Test("a thousand opened at once are all let in, counted, and gone when their clients go")
  func thousand() async throws {
    allowManyFiles()
    try await InstanceFixture.run(maximum: 1_000) { fixture in
      let client = fixture.client
      let (opened, open) = AsyncStream.makeStream(of: String.self)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<1_000 {
          group.addTask {
            let session = try await client.openSession(
              SessionRequest(kind: .client, user: "u\(number)", computer: "pc"),
              timeoutMilliseconds: 60_000)
            for try await case .open(let grant) in session { open.yield(grant.session) }
          }
        }
        var ids: Set<String> = []
        for await id in opened {
          ids.insert(id)
          if ids.count == 1_000 { break }
        }
        #expect(try await fixture.refusal() == .full)
        try await fixture.untilConnected(1_000)
        #expect(Set(try await fixture.operators.ownSessions().map(\.session)) == ids)
        group.cancelAll()
        while let _ = await group.nextResult() {}
      }
      try await fixture.untilConnected(0)
    }
  }
}
