import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import ClusterTrust
import Foundation
import InstanceService
import ScriptedServer
import ServiceSupport
import TestSupport
import Testing

/// Handshakes at real instances while no balancer is there.
@Suite("Handshakes without any balancer", .timeLimit(.minutes(2)))
struct ServerBookTests {
  /// Runs a test on this many instances, the first of which is given the list of them all.
  private static func run(
    _ count: Int, maximum: Int = 80, others: [InstanceFixture] = [],
    _ test: ([InstanceFixture]) async throws -> Void
  ) async throws {
    guard others.count < count else {
      try await others[0].tellServers(others)
      return try await test(others)
    }
    try await InstanceFixture.run(id: "AOS0\(others.count + 1)", maximum: maximum) { fixture in
      try await run(count, maximum: maximum, others: others + [fixture], test)
    }
  }

  private static func hello(_ fixture: InstanceFixture) async throws -> LoadHello {
    var feed = try await LoadFeedReader(fixture.balancer())
    guard case .hello(let hello) = try await feed.next() else { throw Unexpected("no hello") }
    return hello
  }

  private static func ids(_ fixture: InstanceFixture) async throws -> [String] {
    try await fixture.client.handshake(HandshakeRequest()).servers.map(\.id.text)
  }

  @Test("give the whole list; drained, removed and unlicensed servers leave themselves out")
  func wholeList() async throws {
    try await Self.run(5) { fixtures in
      let answer = try await fixtures[0].client.handshake(HandshakeRequest())
      #expect(answer.servers.map(\.id.text) == ["AOS01", "AOS02", "AOS03", "AOS04", "AOS05"])
      #expect(answer.balancer == fixtures[0].id)
      #expect(answer.ticket == nil)
      #expect(answer.servers.map(\.address) == fixtures.map(\.address))
      try await fixtures[0].obey(admission: .rejecting)
      try await fixtures[1].obey(removed: true)
      try await fixtures[2].obey(unlicensed: "no seat is free")
      await fixtures[3].kill()
      try await eventually("the next round has asked") {
        try await Self.ids(fixtures[0]) == ["AOS05"]
      }
      let cut = try await fixtures[0].client.handshake(HandshakeRequest(limit: 1))
      #expect(!cut.more)
    }
  }

  @Test("have full servers last, and are cut at the client's limit")
  func full() async throws {
    try await Self.run(3, maximum: 1) { fixtures in
      let session = try await fixtures[0].open()
      try await eventually("the session counts") {
        try await Self.ids(fixtures[0]).last == "AOS01"
      }
      let cut = try await fixtures[0].client.handshake(HandshakeRequest(limit: 2))
      #expect(cut.servers.count == 2)
      #expect(cut.more)
      withExtendedLifetime(session.events) {}
    }
  }

  @Test("with the scope self ask nobody and name the instance alone")
  func itself() async throws {
    try await Self.run(2) { fixtures in
      let answer = try await fixtures[0].client.handshake(HandshakeRequest(scope: .itself))
      #expect(answer.servers.map(\.id.text) == ["AOS01"])
      try await fixtures[0].obey(admission: .rejecting)
      let refusal = await refusalName {
        try await fixtures[0].client.handshake(HandshakeRequest(scope: .itself))
      }
      #expect(refusal == .noActiveInstance)
    }
  }

  @Test("count an answer only where its id is the one that the list says")
  func otherID() async throws {
    try await Self.run(2) { fixtures in
      var list = fixtures[0].directory(of: fixtures, revision: 2)
      list.servers.append(
        .init(id: try InstanceID("AOS03"), address: fixtures[1].address, tls: false))
      try await fixtures[0].operators.putServers(try await fixtures[0].key.sign(list))
      try await eventually("the next round has asked") {
        try await Self.ids(fixtures[0]).sorted() == ["AOS01", "AOS02"]
      }
    }
  }

  /// What an instance lists whose book names, beside itself, a server that answers so; nil: never.
  private static func listed(beside answer: HandshakeAnswer?) async throws -> [String] {
    try await ScriptedServer.run { _, reply in
      guard let answer else { return try await reply.hang() }
      try await reply.json(answer)
    } _: { server in
      let two = ServerDirectory.Entry(
        id: try InstanceID("AOS02"), address: try server.address, tls: false)
      var ids: [String] = []
      try await InstanceFixture.run(
        to: nil, change: { if answer == nil { $0.peerMilliseconds = 300 } }
      ) { fixture in
        var list = fixture.directory(of: [fixture], revision: 1)
        list.servers.append(two)
        try await fixture.operators.putServers(try await fixture.key.sign(list))
        ids = try await Self.ids(fixture)
        #expect(server.requests.count == 1)
      }
      return ids
    }
  }

  @Test("believe an answer only where its id and its cluster are those of the list")
  func otherCluster() async throws {
    let load = Load(connected: 1, maximum: 10)
    func answer(_ cluster: String, _ name: String, _ names: String...) throws -> HandshakeAnswer {
      HandshakeAnswer(
        cluster: cluster, balancer: try InstanceID(name),
        issuedAt: Timestamp(milliseconds: 1_800_000_000_000), sequence: 0, ticket: nil,
        servers: try names.map { name in
          HandshakeServer(
            id: try InstanceID(name), address: try Address("127.0.0.1:9"), load: load)
        })
    }
    #expect(try await Self.listed(beside: answer("TEST", "AOS02", "AOS02")) == ["AOS01", "AOS02"])
    for other in [
      try answer("OTHER", "AOS02", "AOS02"), try answer("TEST", "AOS03", "AOS03"),
      try answer("TEST", "AOS02", "AOS03"), try answer("TEST", "AOS02", "AOS02", "AOS03"),
      try answer("TEST", "AOS02"),
    ] {
      #expect(try await Self.listed(beside: other) == ["AOS01"], "\(other)")
    }
  }

  @Test("leave out a server that does not answer, and wait for none forever")
  func hanging() async throws {
    #expect(try await Self.listed(beside: nil) == ["AOS01"])
  }

  @Test("need a list of a megabyte at most")
  func tooLong() async throws {
    try await Self.run(1) { fixtures in
      for (more, name) in [(0, ProblemName.invalidRequest), (1, .tooLarge)] {
        let text = String(repeating: "x", count: Limits.serversBytes + more)
        #expect(await refusalName { try await fixtures[0].operators.putServers(text) } == name)
      }
    }
    #expect(Limits.serversBytes == 1 << 20)
  }

  @Test("spread clients over all servers, whichever of them they ask")
  func spread() async throws {
    try await Self.run(4) { fixtures in
      var sessions: [Any] = []
      var counts: [String: Int] = [:]
      for _ in 0..<80 {
        let first = try #require(try await Self.ids(fixtures[0]).first)
        let chosen = try #require(fixtures.first { $0.id.text == first })
        sessions.append(try await chosen.open())
        counts[first, default: 0] += 1
      }
      let (least, most) = (counts.values.min() ?? 0, counts.values.max() ?? 0)
      #expect(counts.count == 4)
      #expect(most - least <= 4, "\(counts)")
      withExtendedLifetime(sessions) {}
    }
  }

  @Test("need a list that the cluster signed, of its registry, and no older than the known one")
  func distrust() async throws {
    try await Self.run(1) { fixtures in
      let fixture = fixtures[0]
      func answer(_ document: String) async -> ProblemName? {
        await refusalName { try await fixture.operators.putServers(document) }
      }
      func refusal(
        _ list: ServerDirectory, by key: ClusterKey? = nil
      ) async throws -> ProblemName? {
        let document = try await (key ?? fixture.key).sign(list)
        return await answer(document)
      }
      let list = fixture.directory(of: fixtures, revision: 5)
      #expect(try await refusal(list, by: ClusterKey()) == .unauthorized)
      #expect(await answer("nothing") == .invalidRequest)
      let order = try await fixture.key.sign(fixture.desired(revision: 9))
      #expect(await answer(order) == .unauthorized)
      var other = list
      other.epoch = "e2"
      #expect(try await refusal(other) == .outdated)
      other = list
      other.cluster = "OTHER"
      #expect(try await refusal(other) == .unauthorized)
      #expect(try await refusal(list) == nil)
      other = list
      other.revision = 4
      #expect(try await refusal(other) == .outdated)
      let twice = ServerDirectory(
        cluster: "TEST", epoch: "e1", revision: 6, servers: list.servers + list.servers)
      #expect(try await refusal(twice) == .invalidRequest)
    }
  }

  @Test("hold over a restart of the instance, and change nothing of what it obeys")
  func kept() async throws {
    try await Self.run(2) { fixtures in
      let before = try await Self.hello(fixtures[0])
      await fixtures[0].kill()
      try await fixtures[0].start(maximum: 80)
      let after = try await Self.hello(fixtures[0])
      #expect(before.revision == after.revision)
      #expect(before.digest == after.digest)
      try await eventually("the kept list is read") {
        try await Self.ids(fixtures[0]).contains("AOS02")
      }
    }
  }

  @Test(
    "are prepared by a balancer that tells its instances of each other", arguments: [false, true])
  func told(tls: Bool) async throws {
    try await TestCertificate.withFolder { folder in
      let own = tls ? try TestCertificate(in: folder) : nil
      try await LiveCluster.run(
        transport: .patient(authorities: try own?.authorities),
        configure: { $0.authorities = try own?.authorities }
      ) { cluster in
        for name in ["AOS01", "AOS02"] {
          try await cluster.start(name) {
            $0.peerMilliseconds = 60_000
            $0.tls = try own?.identity
            $0.authorities = try own?.authorities
          }
        }
        let address = try #require(cluster.addresses["AOS01"])
        let client = ClusterConnection(
          Endpoint(address, tls: tls), transport: cluster.transport)
        func seen() async throws -> [String] {
          try await client.handshake(HandshakeRequest()).servers.map(\.id.text).sorted()
        }
        try await eventually("the instance knows the other one") {
          try await seen() == ["AOS01", "AOS02"]
        }
        await cluster.killBalancer()
        #expect(try await seen() == ["AOS01", "AOS02"])
      }
    }
  }
}

extension InstanceFixture {
  /// The list of these instances, as a balancer makes it.
  func directory(of fixtures: [InstanceFixture], revision: Int64) -> ServerDirectory {
    ServerDirectory(
      cluster: "TEST", epoch: "e1", revision: revision,
      servers: fixtures.map { .init(id: $0.id, address: $0.address, tls: false) })
  }

  func tellServers(_ fixtures: [InstanceFixture]) async throws {
    try await operators.putServers(try await key.sign(directory(of: fixtures, revision: 1)))
  }
}
