import ClusterAPI
import ClusterClient
import ClusterModel
import ServiceSupport
import TestSupport
import Testing

/// What a daemon does with those who take more than their share. Every limit is made small, and
/// what is waited for is the daemon's own act: no time is measured.
@Suite("The limits of a daemon", .timeLimit(.minutes(2)))
struct LimitTests {
  private func limits(_ change: (inout ServiceLimits) -> Void) -> ServiceLimits {
    var limits = ServiceLimits()
    change(&limits)
    return limits
  }

  @Test("a request's head that dribbles in is answered with too-slow, and its connection ends")
  func slowHead() async throws {
    try await LiveCluster.run(limits: limits { $0.headMilliseconds = 50 }) { cluster in
      for text in ["", "GET /livez HTT", "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let outcome = try await RawConnection(address: cluster.balancerAddress).exchange(text)
        #expect(outcome.status.hasPrefix("HTTP/1.1 408"), "\(outcome.received)")
        #expect(outcome.body.contains("urn:aos:problem:too-slow"))
      }
    }
  }

  @Test(
    "a body that dribbles in is answered with too-slow",
    arguments: [
      "POST /v1/handshake HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
      "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ])
  func slowBody(request: String) async throws {
    let limits = limits { $0.bodyMilliseconds = 50 }
    try await InstanceFixture.run(joined: false, limits: limits) { fixture in
      let outcome = try await RawConnection(address: fixture.address).exchange(request)
      #expect(outcome.status.hasPrefix("HTTP/1.1 408"), "\(outcome.received)")
      #expect(outcome.body.contains("urn:aos:problem:too-slow"))
    }
  }

  @Test("a body that nobody waits for ends its connection all the same")
  func unreadBody() async throws {
    try await LiveCluster.run(limits: limits { $0.bodyMilliseconds = 50 }) { cluster in
      let outcome = try await RawConnection(address: cluster.balancerAddress).exchange(
        "GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
      // Nothing at all where the answer was not ready in the body's 50 ms.
      let isFine = outcome.received.isEmpty || outcome.status.hasPrefix("HTTP/1.1 200")
      #expect(isFine, "\(outcome.received)")
    }
  }

  @Test(
    "the longer bodies of strangers have a limit; one too many gets an error, others are served")
  func strangersBodies() async throws {
    try await InstanceFixture.run(joined: false) { fixture in
      let address = fixture.address
      let request =
        "PUT /v1/key HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5000\r\n"
        + "Content-Type: application/json\r\n\r\n{"
      let statuses = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<(Limits.strangersBodiesOfNetwork + 4) {
          group.addTask {
            try await RawConnection(address: address)
              .converse([(text: request, until: "\r\n\r\n")])
          }
        }
        var statuses: [String] = []
        for _ in 0..<4 { statuses.append(String(try await group.next()?.prefix(12) ?? "")) }
        #expect(try await fixture.client.livez().id == fixture.id)
        await fixture.kill()  // ends the others
        return statuses
      }
      #expect(statuses == Array(repeating: "HTTP/1.1 429", count: 4))
    }
  }

  @Test("a body that is longer than a list of servers is asked with is refused before it is read")
  func handshakeBody() async throws {
    try await LiveCluster.run { cluster in
      let outcome = try await RawConnection(address: cluster.balancerAddress).exchange(
        "POST /v1/handshake HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
          + "Content-Length: \(Limits.handshakeBytes + 1)\r\n\r\n{")
      #expect(outcome.status.hasPrefix("HTTP/1.1 413"), "\(outcome.received)")
    }
  }

  @Test("an idle connection is closed")
  func idle() async throws {
    try await LiveCluster.run(limits: limits { $0.idleMilliseconds = 50 }) { cluster in
      let outcome = try await RawConnection(address: cluster.balancerAddress).exchange(
        "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(outcome.status.hasPrefix("HTTP/1.1 200"), "\(outcome.received)")
    }
  }

  @Test("a peer that takes nothing of its answers is cut off")
  func stalled() async throws {
    try await LiveCluster.run(limits: limits { $0.stallMilliseconds = 50 }) { cluster in
      let request = Array("GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
      let connection = RawConnection(
        address: cluster.balancerAddress, filler: request, readsNothing: true)
      // Comes back only because the server closes: the requests never end.
      _ = try await connection.exchange(request)
      #expect(try await cluster.clients.livez().id.text == "LB1")
    }
  }

  @Test(
    "a head that is too large is answered with too-large, and its connection ends",
    arguments: [
      "X-Long: " + String(repeating: "a", count: 20_000),
      "X-Long: " + String(repeating: "a", count: 200_000),
      (0..<3).map { "X-\($0): " + String(repeating: "a", count: 15_000) }
        .joined(separator: "\r\n"),
      (0..<200).map { "X-\($0): 1" }.joined(separator: "\r\n"),
    ])
  func largeHead(fields: String) async throws {
    try await LiveCluster.run { cluster in
      let outcome = try await RawConnection(address: cluster.balancerAddress).exchange(
        "GET /livez HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n")
      #expect(outcome.status.hasPrefix("HTTP/1.1 413"), "\(outcome.received)")
      #expect(outcome.received.lowercased().contains("connection: close"))
      #expect(outcome.body.contains("urn:aos:problem:too-large"))
      #expect(try await cluster.clients.livez().id.text == "LB1")
    }
  }

  @Test(
    "what is not HTTP is answered with invalid-request, and its connection ends",
    arguments: [
      "EHLO mail.example\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}", "GET /livez HTTP/9.9\r\n\r\n",
      "GET /livez HTTP/1.1\r\nHost x\r\n\r\n",
    ])
  func noHTTP(text: String) async throws {
    try await InstanceFixture.run(joined: false) { fixture in
      let outcome = try await RawConnection(address: fixture.address).exchange(text)
      #expect(outcome.status.hasPrefix("HTTP/1.1 400"), "\(outcome.received)")
      #expect(outcome.received.lowercased().contains("connection: close"))
      #expect(outcome.body.contains("urn:aos:problem:invalid-request"))
    }
  }

  @Test("connections from one address have a limit; one too many gets an error, and may come later")
  func connections() async throws {
    try await InstanceFixture.run(limits: limits { $0.connectionsPerAddress = 4 }) { fixture in
      // Others of this process may hold some of the four, so not every session comes in.
      var sessions: [HeldSession] = []
      let user = SessionRequest(kind: .client, user: "ana", computer: "pc1")
      for _ in 0..<4 {
        if let session = try? await HeldSession(fixture.client, user) { sessions.append(session) }
      }
      let request = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      let refused = try await RawConnection(address: fixture.address).exchange(request)
      #expect(refused.status.hasPrefix("HTTP/1.1 429"), "\(refused.received)")
      #expect(refused.body.contains("urn:aos:problem:too-many"))
      // The Unix socket counts nobody.
      #expect(try await fixture.operators.ownSessions().count == sessions.count)
      for session in sessions { session.close() }
      try await eventually("the sessions are gone", fixture.operators.ownSessions) {
        $0.isEmpty
      }
      try await eventually("another comes in") {
        try await RawConnection(address: fixture.address).exchange(request).status
      } is: {
        $0.hasPrefix("HTTP/1.1 200")
      }
    }
  }

  @Test("readers of the status feed have a limit; one too many gets an error")
  func feedReaders() async throws {
    try await LiveCluster.run(limits: limits { $0.feedReaders = 1 }) { cluster in
      let feed = try await cluster.operators.events("/v1/feed", silenceMilliseconds: 60_000)
      var events = feed.makeAsyncIterator()
      _ = try await events.next()
      #expect(await refusal(of: cluster.operators) == .tooMany)
      _ = try await events.next()
    }
  }

  @Test("one token takes a share of the status feed, and TCP none of the Unix socket's readers")
  func feedReadersPerToken() async throws {
    let limits = limits { ($0.feedReaders, $0.feedReadersPerToken) = (3, 2) }
    try await LiveCluster.run(limits: limits) { cluster in
      let eva = try cluster.remote(try await cluster.makeToken(.viewer, name: "eva"))
      let ana = try cluster.remote(try await cluster.makeToken(.operator, name: "ana"))
      var streams = [try await feed(of: eva), try await feed(of: eva)]
      #expect(await refusal(of: eva) == .tooMany)
      streams.append(try await feed(of: ana))
      #expect(await refusal(of: ana) == .tooMany, "three come in over TCP")
      for _ in 0..<3 { streams.append(try await feed(of: cluster.operators)) }
      #expect(await refusal(of: cluster.operators) == .tooMany)
      // Who leaves makes room for another.
      streams.removeFirst(2)
      try await eventually("there is room again") {
        guard let stream = try? await feed(of: eva) else { return false }
        streams.append(stream)
        return true
      }
    }
  }

  private func feed(of connection: ClusterConnection) async throws -> EventStream {
    try await connection.events("/v1/feed", silenceMilliseconds: 60_000)
  }

  private func refusal(of connection: ClusterConnection) async -> ProblemName? {
    await problem { try await feed(of: connection) }
  }
}
