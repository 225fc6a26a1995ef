internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Foundation
internal import InstanceService
internal import Testing

@Suite("What an instance obeys, over real sockets and restarts")
struct InstanceDesiredTests {
  @Test("a forged desired state changes nothing, on whichever door it comes")
  func forged() async throws {
    try await InstanceFixture.run { fixture in
      let drain = fixture.desired(revision: 99, admission: .rejecting)
      var other = drain
      other.instance = try InstanceID("AOS02")
      var foreign = drain
      foreign.cluster = "PROD"
      let parts = try await fixture.key.sign(drain).split(separator: ".")
      let documents = [
        try await ClusterKey().sign(drain), try await fixture.key.sign(other),
        try await fixture.key.sign(foreign), "\(parts[0]).\(parts[1]).", "garbage", "{}",
      ]
      for document in documents {
        for door in [fixture.client, fixture.operators] {
          let name = await refusalName(of: { try await door.putDesired(document) })
          #expect(name == .unauthorized || name == .invalidRequest)
        }
      }
      #expect(try await fixture.refusal() == nil)
    }
  }

  @Test("a lower revision changes nothing, and the same one may be repeated")
  func revisions() async throws {
    try await InstanceFixture.run { fixture in
      let drained = try await fixture.key.sign(
        fixture.desired(revision: 7, admission: .rejecting))
      for _ in 0..<2 {
        #expect(try await fixture.client.putDesired(drained).revision == 7)
      }
      for revision: Int64 in [0, 2, 6] {
        let late = try await fixture.key.sign(fixture.desired(revision: revision))
        #expect(await refusalName(of: { try await fixture.client.putDesired(late) }) == .outdated)
      }
      let elsewhere = try await fixture.key.sign(fixture.desired(revision: 9, epoch: "e2"))
      #expect(
        await refusalName(of: { try await fixture.client.putDesired(elsewhere) }) == .outdated)
      #expect(try await fixture.refusal() == .rejectingClients)
    }
  }

  @Test("what cannot be kept is obeyed and not confirmed, until it can be")
  func unkept() async throws {
    try await InstanceFixture.run { fixture in
      let place = fixture.stateFile + ".new"
      let before = try await fixture.client.putDesired(
        try await fixture.key.sign(fixture.desired(revision: 5)))
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
      let drained = try await fixture.key.sign(
        fixture.desired(revision: 7, admission: .rejecting))
      #expect(try await fixture.client.putDesired(drained) == before)
      #expect(try await fixture.refusal() == .rejectingClients)
      try FileManager.default.removeItem(atPath: place)
      #expect(try await fixture.client.putDesired(drained).revision == 7)
    }
  }

  @Test("what it was told last holds after a restart", arguments: ["stopped", "killed"])
  func restart(ending: String) async throws {
    try await InstanceFixture.run { fixture in
      try await fixture.obey(admission: .rejecting)
      if ending == "stopped" { await fixture.stop() } else { await fixture.kill() }
      try await fixture.start()
      #expect(try await fixture.refusal() == .rejectingClients)
      let old = try await fixture.key.sign(fixture.desired(revision: 1))
      #expect(await refusalName(of: { try await fixture.client.putDesired(old) }) == .outdated)
      #expect(try await fixture.client.livez().cluster == "TEST")
    }
  }

  @Test(
    "a damaged file keeps it from starting, instead of letting everybody in",
    arguments: ["", "{", "{}", #"{"desired":"x","publicKey":"y"}"#, "\u{0}\u{1}\u{2}"])
  func damaged(content: String) async throws {
    try await InstanceFixture.run { fixture in
      await fixture.stop()
      try Data(content.utf8).write(to: URL(filePath: fixture.stateFile))
      let failure = await #expect(throws: InstanceCannotStart.self) {
        try await fixture.start()
      }
      #expect(failure?.description.contains("desired.json is damaged") == true)
    }
  }

  @Test("an altered file is as good as a damaged one")
  func altered() async throws {
    try await InstanceFixture.run { fixture in
      try await fixture.obey(admission: .rejecting)
      await fixture.stop()
      let file = URL(filePath: fixture.stateFile)
      let text = try String(contentsOf: file, encoding: .utf8)
      let forged = try await ClusterKey().sign(fixture.desired(revision: 9))
      let kept = try #require(text.firstMatch(of: /"desired":"([^"]*)"/)?.1)
      try text.replacing(kept, with: forged).write(to: file, atomically: true, encoding: .utf8)
      await #expect(throws: InstanceCannotStart.self) { try await fixture.start() }
    }
  }

  @Test("a state directory belongs to one instance and one process")
  func ownDirectory() async throws {
    try await InstanceFixture.run { fixture in
      #expect(await complaint(of: fixture.configuration()).contains("in use by another"))
      await fixture.stop()
      var other = fixture.configuration()
      other.id = try InstanceID("AOS02")
      #expect(await complaint(of: other).contains("belongs to another instance"))
      var rekeyed = fixture.configuration()
      rekeyed.clusterKey = ClusterKey().publicKey
      #expect(await complaint(of: rekeyed).contains("--cluster-key"))
    }
  }

  /// Why an instance does not start.
  private func complaint(of configuration: InstanceConfiguration) async -> String {
    do {
      _ = try await InstanceDaemon(configuration)
      return "it starts"
    } catch {
      return "\(error)"
    }
  }

  @Test("it names itself alone in a handshake, and nobody when it lets nobody in")
  func handshake() async throws {
    try await InstanceFixture.run(services: .both, maximum: 1) { fixture in
      for kind in [ClientKind.client, .batch] {
        let answer: HandshakeAnswer = try await fixture.client.send(
          .post, "/v1/handshake", body: HandshakeRequest(kind: kind))
        #expect(answer.servers.map(\.address) == [fixture.address])
        #expect(answer.ticket == nil)
      }
      let held = try await fixture.open()
      let full: HandshakeAnswer = try await fixture.client.send(
        .post, "/v1/handshake", body: HandshakeRequest())
      #expect(full.servers.map(\.load) == [Load(connected: 1, maximum: 1)])
      try await fixture.obey(admission: .rejecting)
      let names = [ClientKind.client: ProblemName.noActiveInstance, .service: .rpcOnly]
      for (kind, name) in names {
        let refused = await refusalName(of: {
          try await fixture.client.send(
            .post, "/v1/handshake", body: HandshakeRequest(kind: kind),
            as: HandshakeAnswer.self)
        })
        #expect(refused == name)
      }
      _ = held.opened
    }
  }
}
