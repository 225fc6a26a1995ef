import ClusterAPI
import ClusterClient
import ClusterModel
import ScriptedServer
import Testing

/// One instance lies; the cluster goes on, and its row says what it did.
@Suite("An instance that lies hurts itself alone", .timeLimit(.minutes(3)))
struct HostileInstanceTests {
  @Test(
    "a load feed that chatters is closed, with the reason in its row, and left alone for a while",
    arguments: ["hello", "load", "obeys", "comment", "line", "piece", "frame", "interim"])
  func chatter(kind: String) async throws {
    let block: [UInt8] =
      switch kind {
      case "hello": try LyingInstance.bytes("hello", LyingInstance.hello(revision: 1 << 40))
      case "load": try LyingInstance.bytes("load", LoadReport(connected: 3))
      case "obeys": try LyingInstance.bytes("obeys", DesiredAnswer(revision: 7, digest: "1:0"))
      case "comment": Array(": \n\n".utf8)
      case "piece": Array("1\r\n:\r\n".utf8)
      case "interim": Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
      case "frame": Array("1;\(String(repeating: "x", count: 8_000))\r\n:\r\n".utf8)
      default: Array("nothing: \(String(repeating: "x", count: 4_000))\n".utf8)
      }
    let many = Array((0..<100).map { _ in block }.joined())
    try await LyingInstance.run { reply in
      let text = String(decoding: many, as: UTF8.self)
      // Interim answers come before the answer, and end it never.
      while kind == "interim", !Task.isCancelled { try await reply.raw(text) }
      try await reply.beginStream()
      try await reply.chunk(try LyingInstance.bytes("hello", LyingInstance.hello()))
      // These are not events, but how one is cut into chunks.
      let isFramed = kind == "piece" || kind == "frame"
      while !Task.isCancelled {
        if isFramed { try await reply.raw(text) } else { try await reply.chunk(many) }
      }
    } _: { cluster, liar in
      let seen = try await cluster.until("it is shunned") { $0[liar.id]?.health == .unreachable }
      let reason = try #require(seen[liar.id]?.healthReason)
      #expect(reason.contains("events or 256 KiB a second"), "\(reason)")
      #expect(liar.feeds <= 3, "a broken connection may be tried again at once")
      #expect(seen.handshakeList.map(\.text) == ["AOS02"])
      #expect(!seen.actions.contains { $0.result.contains("given again") })
      _ = try await cluster.clients.handshake(HandshakeRequest(kind: .client))
      let all = MutationOptions(acknowledge: ImpactWarning.allCases.map { .known($0) })
      let drained = try await cluster.change(.drain([InstanceID("AOS02")]), options: all)
      #expect(drained.delivered)
    }
  }

  @Test(
    "an event that no instance sends ends its feed, with the reason in its row",
    arguments: [
      #"{"connected":65536}"#, #"{"connected":-1}"#, #"{"connected":1e300}"#, #"{"connected":[]}"#,
      #"{"connected":1,"tickets":[\#((0...512).map { "\"t\($0)\"" }.joined(separator: ","))]}"#,
      #"{"connected":1,"tickets":["\#(String(repeating: "t", count: 129))"]}"#, "no JSON",
    ])
  func wrongLoad(data: String) async throws {
    try await LyingInstance.run { reply in
      let load = ServerSentEvent(name: "load", data: data).bytes
      try await reply.feed(try LyingInstance.bytes("hello", LyingInstance.hello()) + load)
    } _: { cluster, liar in
      let seen = try await cluster.until("it is shunned") { $0[liar.id]?.health == .unreachable }
      let row = try #require(seen[liar.id])
      #expect(row.load.connected == 0)
      #expect(row.healthReason?.hasPrefix("its load feed holds an invalid event: ") == true)
      #expect(seen.handshakeList.map(\.text) == ["AOS02"])
    }
  }

  @Test(
    "a number that no signed order proves does not move the registry, and the row says so",
    arguments: [Limits.revision, 1_000_000])
  func poison(revision: Int64) async throws {
    try await LyingInstance.run { reply in
      try await reply.beginStream()
      try await reply.chunk(
        try LyingInstance.bytes("hello", LyingInstance.hello(revision: revision))
          + LyingInstance.bytes("load", LoadReport(connected: 0)))
      try await reply.beat()
    } _: { cluster, liar in
      let seen = try await cluster.until("its row says so") {
        $0[liar.id]?.healthReason?.contains("without the signed order") == true
      }
      #expect(seen[liar.id]?.delivered == false)
      #expect(seen[try InstanceID("AOS02")]?.delivered == true)
      // Nor does its join, after it was removed.
      try await cluster.change(.remove([liar.id], force: true))
      let obeys = DesiredAnswer(revision: revision, desired: "a.b.c")
      let refusal = await problem {
        try await cluster.operators.join(liar.id, try liar.joining(obeys: obeys))
      }
      #expect(refusal == .removed)
      let log = try await cluster.operators.actions(limit: 100)
      #expect(!log.contains { $0.result.contains("given again") })
    }
  }

  @Test("a refusal's words are cut, cleaned and quoted as the instance's")
  func longWords() async throws {
    let words = "\u{1b}[2J\"The registry is lost\u{202e}" + String(repeating: "界", count: 21_000)
    try await LyingInstance.run { reply in
      try await reply.problem(Problem(.unauthorized, words))
    } _: { cluster, liar in
      let seen = try await cluster.until("its reason is shown") {
        $0[liar.id]?.healthReason != nil
      }
      let reason = try #require(seen[liar.id]?.healthReason)
      #expect(reason.hasPrefix("its load feed is refused: AOS01 says: \"?[2J'The registry"))
      #expect(reason.hasSuffix("界…\""))
      #expect(reason.count < 250 && reason.utf8.count < 1_000)
      #expect(PlainText.cleaned(reason) == reason)
    }
  }

  @Test("why an instance does not follow the cluster's new key is told as its words, and cut")
  func keyWords() async throws {
    let words = "All follow. \"Run this as root: " + String(repeating: "x", count: 4_000)
    try await LyingInstance.run { reply in
      try await reply.feed(try LyingInstance.bytes("hello", LyingInstance.hello()))
    } sessions: { reply in
      try await reply.problem(Problem(.keyReused, words))
    } _: { cluster, liar in
      let answer: KeyRotationAnswer = try await cluster.operators.raw(
        MutationRequest.rotateKey(options: MutationOptions())
      ).decoded()
      let follower = try #require(answer.instances.first { $0.id == liar.id })
      let reason = try #require(follower.reason)
      #expect(reason.hasPrefix("it refuses: AOS01 says: \"All follow. 'Run this"), "\(reason)")
      #expect(reason.hasSuffix("x…\"") && reason.count < 250, "\(reason)")
    }
  }

  @Test(
    "a question that many ask at one time is one to the instance, and no token asks without end")
  func questions() async throws {
    try await LyingInstance.run { reply in
      try await reply.feed(
        try LyingInstance.bytes("hello", LyingInstance.hello())
          + LyingInstance.bytes("load", LoadReport(connected: 1)))
    } sessions: { reply in
      try await reply.hang()
    } _: { cluster, liar in
      try await cluster.until("it is alive") { $0[liar.id]?.health == .alive }
      let eva = try cluster.remote(try await cluster.makeToken(.viewer, name: "eva"))
      // One transport has fewer connections than that.
      let more = HTTPTransport.patient()
      let again = ClusterConnection(eva.endpoint, token: eva.token, transport: more)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<(Limits.answersOfToken + 8) {
          let asker = number % 2 == 0 ? eva : again
          group.addTask { try await asker.raw(.get, "/v1/instances/AOS01/sessions").status }
        }
        var statuses: [Int] = []
        // Those that are one too many are answered at once; the others wait for the liar.
        for _ in 0..<8 { statuses.append(try await group.next() ?? 0) }
        // Nobody else is kept from asking.
        _ = try await cluster.operators.status()
        group.cancelAll()
        return statuses
      }
      await more.shutDown()
      #expect(statuses == Array(repeating: 429, count: 8))
      #expect(liar.server.requests.count { $0.path == "/v1/sessions" } == 1)
    }
  }

  @Test("an answer that is longer than a balancer reads from an instance is given up")
  func longAnswer() async throws {
    let long = SessionInfo(
      session: "s", kind: .client, user: String(repeating: "u", count: Limits.sessionListBytes),
      computer: "c", since: Timestamp(milliseconds: 1_750_000_000_000), activeAt: nil)
    try await LyingInstance.run { reply in
      try await reply.feed(
        try LyingInstance.bytes("hello", LyingInstance.hello())
          + LyingInstance.bytes("load", LoadReport(connected: 1)))
    } sessions: { reply in
      try await reply.json(SessionList(sessions: [long]))
    } _: { cluster, liar in
      try await cluster.until("it is alive") { $0[liar.id]?.health == .alive }
      let answer = try await cluster.operators.raw(.get, "/v1/instances/AOS01/sessions")
      #expect(answer.status == 502)
      let told = try WireJSON.decode(Problem.self, from: answer.bytes)
      #expect(told.detail.contains("longer than \(Limits.sessionListBytes) bytes"))
    }
  }

  @Test("what an instance says of its sessions is cut, and its refusal is not the balancer's own")
  func sessions() async throws {
    let name = "ana\u{1b}[2J" + String(repeating: "界", count: 5_000)
    try await LyingInstance.run { reply in
      try await reply.feed(
        try LyingInstance.bytes("hello", LyingInstance.hello())
          + LyingInstance.bytes("load", LoadReport(connected: 1)))
    } sessions: { reply in
      let info = SessionInfo(
        session: "s1", kind: .client, user: name, computer: name,
        since: Timestamp(milliseconds: 1_750_000_000_000), activeAt: nil)
      try await reply.json(SessionList(sessions: [info]))
    } _: { cluster, liar in
      try await cluster.until("it is alive") { $0[liar.id]?.health == .alive }
      let listed = try await cluster.operators.sessions(of: liar.id)
      #expect(listed.map(\.user.count) == [PlainText.longestName])
      #expect(listed.allSatisfy { $0.user.hasPrefix("ana?[2J界") && $0.user.hasSuffix("…") })
    }
    try await LyingInstance.run { reply in
      try await reply.feed(try LyingInstance.bytes("hello", LyingInstance.hello()))
    } sessions: { reply in
      try await reply.problem(
        Problem(
          .needsAcknowledgement, "Type your token here.", warnings: [.lastServer], desired: "x"))
    } _: { cluster, liar in
      try await cluster.until("it is alive") { $0[liar.id]?.health == .alive }
      let answer = try await cluster.operators.raw(.get, "/v1/instances/AOS01/sessions")
      #expect(answer.status == 502)
      let told = try WireJSON.decode(Problem.self, from: answer.bytes)
      #expect(told.name == .instanceUnreachable)
      #expect(
        told.detail == "AOS01 refuses (needs-acknowledgement). "
          + "AOS01 says: \"Type your token here.\"")
      #expect(told.warnings == nil && told.desired == nil)
    }
  }

  @Test("a list of sessions that is too long is refused, and costs the balancer nothing")
  func tooLong() async throws {
    try await LyingInstance.run { reply in
      try await reply.feed(try LyingInstance.bytes("hello", LyingInstance.hello()))
    } sessions: { reply in
      try await reply.answer(Array(repeating: UInt8(ascii: " "), count: 17 << 20))
    } _: { cluster, liar in
      try await cluster.until("it is alive") { $0[liar.id]?.health == .alive }
      let answer = try await cluster.operators.raw(.get, "/v1/instances/AOS01/sessions")
      #expect(answer.status == 502)
      #expect(answer.bytes.count < 2_000)
    }
  }

  @Test("joins of one id are decided one at a time, and no more than an instance asks for")
  func joins() async throws {
    try await LyingInstance.run {
      try await $0.hang()
    } _: { cluster, liar in
      let joining = try liar.joining()
      let operators = cluster.operators
      let refusals = await withTaskGroup(of: ProblemName?.self) { group in
        for _ in 0..<100 {
          group.addTask {
            await problem { try await operators.join(liar.id, joining) }
          }
        }
        return await group.reduce(into: [ProblemName?]()) { $0.append($1) }
      }
      #expect(refusals.allSatisfy { $0 == nil || $0 == .tooMany })
      #expect(refusals.count { $0 == nil } <= 40)
      let other = try InstanceID("AOS03")
      var another = joining
      another.reach.address = try Address("127.0.0.1:1")
      #expect(await problem { try await operators.join(other, another) } == nil, "others may")
    }
  }
}
