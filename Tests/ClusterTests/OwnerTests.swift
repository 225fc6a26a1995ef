import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import ServiceSupport
import Testing

@testable import BalancerService

/// Ids and their owners, through real sockets.
@Suite("Owners of ids", .timeLimit(.minutes(2)))
struct OwnerTests {
  /// What an instance at this address says of itself.
  private func request(
    at address: Address, services: ServerServices = .both, servicesAddress: String? = nil,
    tls: Bool = false
  ) throws -> JoinRequest {
    JoinRequest(
      reach: try InstanceReach(
        address, servicesAddress: servicesAddress.map { try Address($0) }, tls: tls),
      profile: InstanceProfile(role: .server(services), ownMaximum: 10), version: "1",
      startedAt: SystemClock.now)
  }

  @Test("a stranger's token changes nothing of a living server, and is logged once")
  func stranger() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let own = try await cluster.makeToken(.instance, name: "rack1")
      let file = cluster.folder.path + "/rack1.token"
      try Data((own.token ?? "").utf8).write(to: URL(filePath: file))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      let door = cluster.balancerAddress
      let address = try await cluster.start("AOS01") {
        $0.join = [.http(door)]
        $0.tokenFile = TokenFile(file)
      }
      let before = try await cluster.operators.status()
      let row = try #require(before[one])
      #expect(row.owner == .token(id: own.id, name: "rack1"))
      let thief = try cluster.remote(try await cluster.makeToken(.instance, name: "rack2"))
      let elsewhere = try Address("127.0.0.1:1")
      let tries = try [
        request(at: address), request(at: address, tls: true),
        request(at: address, services: .batch),
        request(at: address, servicesAddress: "127.0.0.1:9"), request(at: elsewhere),
      ]
      for request in tries + tries {
        #expect(await problem { try await thief.join(one, request) } == .forbidden)
      }
      let after = try await cluster.operators.status()
      #expect(after[one]?.address == row.address)
      #expect(after[one]?.servicesAddress == nil)
      #expect(after[one]?.role == row.role)
      #expect(after[one]?.health == .alive)
      let lines = try await cluster.operators.actions(limit: 100).filter {
        $0.result.contains("refused")
      }
      #expect(lines.map(\.actor) == ["rack2"])
      #expect(lines.map(\.actorKind) == [.token])
      #expect(lines.map(\.instance) == [one])
      // A client is still told the way, and without TLS.
      let list = try await cluster.clients.handshake(HandshakeRequest())
      #expect(list.servers.map(\.address) == [address])
    }
  }

  @Test("an id of the Unix socket belongs to no token until an operator hands it over")
  func handedOver() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let address = try await cluster.start("AOS01")
      #expect(try await cluster.operators.status()[one]?.owner == .local)
      let made = try await cluster.makeToken(.instance, name: "rack")
      let door = try cluster.remote(made)
      #expect(await problem { try await door.join(one, request(at: address)) } == .forbidden)
      let assigned: TokenInfo = try await cluster.operators.send(
        .put, "/v1/tokens/\(made.id)/instances", body: AssignRequest(ids: [one]))
      #expect(assigned.owned == 1)
      #expect(assigned.instances == 64)
      _ = try await door.join(one, request(at: address))
      // The socket still may, and takes nothing away.
      _ = try await cluster.operators.join(one, request(at: address))
      #expect(try await cluster.operators.status()[one]?.owner?.name == "rack")
      // Handed from token to token, and back to nobody's.
      let next: TokenInfo = try await cluster.operators.send(
        .post, "/v1/tokens",
        body: TokenRequest(role: .instance, name: "rack-2", replaces: made.id))
      #expect(next.owned == 1)
      #expect(await problem { try await door.join(one, request(at: address)) } == .forbidden)
      _ = try await cluster.remote(next).join(one, request(at: address))
      _ = try await cluster.revokeToken(next.id)
      #expect(try await cluster.operators.status()[one]?.owner == .local)
    }
  }

  @Test("an id that differs from a member's only in case is refused, and the member is named")
  func twins() async throws {
    try await LiveCluster.run { cluster in
      let twin = try InstanceID("Aos01")
      try await cluster.start("AOS01")
      let elsewhere = try Address("127.0.0.1:1")
      let token = try cluster.remote(try await cluster.makeToken(.instance, name: "rack"))
      for door in [cluster.operators, token] {
        let error = await #expect(throws: ClientFailure.self) {
          try await door.join(twin, request(at: elsewhere))
        }
        #expect(error?.plainWords.contains("differs from AOS01") == true)
      }
      let error = await #expect(throws: ClientFailure.self) {
        try await cluster.change(.add(twin, at: elsewhere))
      }
      #expect(error?.plainWords.contains("differs from AOS01") == true)
      let rows = try await cluster.operators.status().instances.map(\.id.text)
      #expect(rows == ["AOS01", "LB1"])
    }
  }

  @Test("an added id is joined by a token that was made for it")
  func added() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let address = try await cluster.start("AOS01", joins: false)
      try await cluster.change(.add(one, at: address))
      let owner: TokenInfo = try await cluster.operators.send(
        .post, "/v1/tokens", body: TokenRequest(role: .instance, name: "rack", owns: [one]))
      _ = try await cluster.remote(owner).join(one, request(at: address))
      #expect(try await cluster.operators.status()[one]?.admission == .rejecting)
    }
  }

  @Test("a join that is being decided, and one that comes too often, holds up its own token alone")
  func doors() async throws {
    let door = JoinDoor()
    let id = try InstanceID("AOS01")
    try await door.join(id, token: "thief") {
      #expect(await problem { try await door.join(id, token: "thief") {} } == .tooMany)
      try await door.join(id, token: "rack") {}
      try await door.join(id, token: nil) {}
    }
    var refusal: ProblemName?
    for _ in 0..<1_000 where refusal == nil {
      refusal = await problem { try await door.join(id, token: "thief") {} }
    }
    #expect(refusal == .tooMany)
    try await door.join(id, token: "rack") {}
    try await door.join(id, token: nil) {}
  }

  @Test("a join whose body never comes keeps nobody else from joining that id")
  func noBody() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let thief = try await cluster.makeToken(.instance, name: "thief")
      let door = try cluster.remote(try await cluster.makeToken(.instance, name: "rack"))
      let head =
        "PUT /v1/instances/AOS01 HTTP/1.1\r\nHost: x\r\n"
        + "Authorization: Bearer \(thief.token ?? "")\r\nContent-Type: application/json\r\n"
        + "Content-Length: 300\r\nExpect: 100-continue\r\n\r\n"
      // The balancer says that when it begins to read the body.
      try await RawConnection(address: cluster.balancerAddress).holding(
        head, until: "100 Continue"
      ) {
        _ = try await door.join(one, request(at: Address("127.0.0.1:9")))
        #expect(try await cluster.operators.status()[one]?.owner?.name == "rack")
        _ = try await cluster.operators.join(one, request(at: Address("127.0.0.1:9")))
      }
    }
  }

  @Test("sessions are read as often as people read them, by each token and of each instance")
  func reads() async throws {
    let questions = SessionQuestions()
    let (one, two) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
    await #expect(throws: Problem.self) {
      for _ in 0..<10_000 { _ = try await questions.sessions(of: one, for: "viewer") { [] } }
    }
    for (id, token) in [(two, "viewer"), (one, "other"), (one, nil)] {
      _ = try await questions.sessions(of: id, for: token) { [] }
    }
  }

  @Test("a refused join is news once, and again when many others came since")
  func refusedJoins() throws {
    let refused = RefusedJoins(most: 4)
    let thief = InstanceOwner.token(id: "t", name: "t")
    let first = try InstanceID("A0")
    #expect(refused.isNews(first, thief))
    #expect(!refused.isNews(first, thief))
    #expect(refused.isNews(first, .token(id: "u", name: "u")))
    for number in 1...100 { #expect(refused.isNews(try InstanceID("A\(number)"), thief)) }
    #expect(!refused.isNews(try InstanceID("A100"), thief), "the last ones are remembered")
    #expect(refused.isNews(first, thief), "the oldest is forgotten")
    refused.forget(first, thief)
    #expect(refused.isNews(first, thief))
  }

  @Test("one token joins as many ids as it may, and leaves seats to others")
  func bounded() async throws {
    try await LiveCluster.run { cluster in
      let made: TokenInfo = try await cluster.operators.send(
        .post, "/v1/tokens", body: TokenRequest(role: .instance, name: "rack", instances: 3))
      let door = try cluster.remote(made)
      var refusals: [ProblemName?] = []
      for number in 1...6 {
        let id = try InstanceID("AOS0\(number)")
        let address = try Address("127.0.0.1:\(number)")
        refusals.append(await problem { try await door.join(id, request(at: address)) })
      }
      #expect(refusals == [nil, nil, nil, .tooMany, .tooMany, .tooMany])
      let list: TokenList = try await cluster.operators.get("/v1/tokens")
      #expect(list.tokens.map(\.owned) == [3])
      #expect(list.tokens.map(\.instances) == [3])
    }
  }

  @Test("an address belongs to one id, though it is written in other words")
  func addresses() async throws {
    try await LiveCluster.run { cluster in
      let door = try cluster.remote(try await cluster.makeToken(.instance))
      _ = try await cluster.operators.join(
        InstanceID("AOS01"), request(at: Address("localhost:2713")))
      for same in [
        "127.0.0.1:2713", "LOCALHOST:2713", "localhost.:2713", "[::ffff:127.0.0.1]:2713",
      ] {
        let address = try Address(same)
        #expect(
          await problem { try await door.join(InstanceID("AOS02"), request(at: address)) }
            == .alreadyExists, "\(same)")
        #expect(
          await problem { try await cluster.change(.add(InstanceID("AOS02"), at: address)) }
            == .alreadyExists, "\(same)")
      }
      _ = try await door.join(InstanceID("AOS02"), request(at: Address("127.0.0.1:2714")))
    }
  }

  @Test("a name server that hangs holds up no join for longer than it may")
  func hangingNameServer() async throws {
    let gate = DispatchSemaphore(value: 0)
    let hosts = HostLookup { _ in
      gate.wait()
      return ["10.0.0.1"]
    }
    let places = await hosts.places(of: ["db", "10.0.0.2"], within: 10)
    #expect(places == ["db": ["db"], "10.0.0.2": ["10.0.0.2"]])
    gate.signal()
    // What comes late counts from then on.
    while await hosts.places(of: ["db"], within: 10) != ["db": ["db", "10.0.0.1"]] {}
  }

  @Test("an expired token opens nothing, its feeds end, and the answer says when it expired")
  func expired() async throws {
    try await LiveCluster.run { cluster in
      let end = SystemClock.now.adding(milliseconds: 2_000)
      let made: TokenInfo = try await cluster.operators.send(
        .post, "/v1/tokens", body: TokenRequest(role: .viewer, name: "screen", expiresAt: end))
      #expect(made.expiresAt == end)
      let door = try cluster.remote(made)
      // Opened while it is in force, it ends by itself.
      do {
        for try await _ in try await door.events("/v1/feed", silenceMilliseconds: 60_000) {}
      } catch ClientFailure.problem(let problem) {
        #expect(problem.name == .unauthorized, "on a slow machine it has expired before")
      }
      let answer = try await door.raw(.get, "/v1/status")
      #expect(answer.status == 401)
      let detail = try WireJSON.decode(Problem.self, from: answer.bytes).detail
      #expect(detail == "The token expired at \(end).")
      let second = try await cluster.startSecondBalancer()
      #expect(try await second.status().cluster == "TEST")
      #expect(
        await problem { try await cluster.remote(made, at: "LB2").status() } == .unauthorized)
      let list: TokenList = try await cluster.operators.get("/v1/tokens")
      #expect(list.tokens.map(\.expiresAt) == [end])
    }
  }

  @Test("the log says what kind of actor it was, so that a token named root is not the user")
  func kinds() async throws {
    try await LiveCluster.run { cluster in
      let user = NSUserName()
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let token = try await cluster.makeToken(.operator, name: user)
      let one = try InstanceID("AOS01")
      _ = try await cluster.remote(token).change(.drain([one]))
      let status = try await cluster.operators.status()
      #expect(status[one]?.admissionBy == user)
      #expect(status[one]?.admissionByKind == .token)
      #expect(status[one]?.admissionByWords == "\(user) (token)")
      let kinds = try await cluster.operators.actions(limit: 10).map {
        "\($0.action) \($0.actorKind?.rawValue ?? "-")"
      }
      #expect(
        kinds == [
          "drain token", "createToken unix", "join instance", "join instance", "join balancer",
        ])
      _ = try await cluster.operators.change(.enable([one]))
      #expect(try await cluster.operators.status()[one]?.admissionByKind == .unix)
    }
  }
}
