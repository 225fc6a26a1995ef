import ClusterAPI
import ClusterClient
import ClusterModel
import Testing

@Suite("Drain, enable, add and remove", .timeLimit(.minutes(2)))
struct DrainTests {
  @Test("a drain takes the instance from the list at once; its sessions live on to the last")
  func drain() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let first = try await cluster.open(at: "AOS01")
      let second = try await cluster.open(at: "AOS01")
      try await cluster.until("both are counted") { $0[one]?.load.connected == 2 }

      let answer = try await cluster.change(.drain([one], reason: "patch"))
      #expect(answer.delivered)
      #expect(answer.instances.first?.state == .draining(left: 2))
      let list = try await cluster.operators.handshakeList()
      #expect(list.servers.map(\.id.text) == ["AOS02"])
      #expect(await problem { try await cluster.open(at: "AOS01") } == .rejectingClients)

      first.close()
      try await cluster.until("one is left") { $0[one]?.state == .draining(left: 1) }
      second.close()
      try await cluster.until("it is drained") { $0[one]?.state == .drained }
      #expect(await second.events == [])  // nobody told it anything, nobody ended it

      try await cluster.change(.enable([one]))
      try await cluster.open(at: "AOS01")
    }
  }

  @Test("every action is in the log, with who, when, why and the result")
  func log() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let one = try InstanceID("AOS01")
      try await cluster.change(.drain([one], reason: "patch"))
      try await cluster.change(.enable([one]))
      let actions = try await cluster.operators.actions()
      let told = actions.filter { $0.instance == one }.map { "\($0.action): \($0.result)" }
      #expect(
        told == [
          "enable: accepting clients", "drain: drained",
          "join: joined at \(try #require(cluster.addresses["AOS01"]))",
        ])
      let drain = try #require(actions.first { $0.action == .drain })
      #expect(drain.reason == "patch")
      #expect(drain.delivered == true)
      #expect(drain.actor != "network")
      let snapshot = try await cluster.operators.status()
      #expect(snapshot.actions == actions)
    }
  }

  @Test("the same request sent twice is carried out once")
  func idempotent() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let request = try MutationRequest(.drain([InstanceID("AOS01")]))
      try await cluster.change(request)
      try await cluster.change(request)
      let drains = try await cluster.operators.actions().filter { $0.action == .drain }
      #expect(drains.count == 1)
    }
  }

  @Test("a dry run tells the effect and changes nothing")
  func dryRun() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let before = try await cluster.operators.status()
      let answer = try await cluster.change(
        .drain([InstanceID("AOS01")]), options: MutationOptions(dryRun: true))
      #expect(answer.impact.warnings == [.lastServer, .lastBatchServer])
      #expect(answer.instances.first?.admission == .rejecting)
      let after = try await cluster.operators.status()
      #expect(after.instances == before.instances)
      #expect(after.actions == before.actions)
    }
  }

  @Test("the last server is drained only when that is acknowledged by name")
  func lastServer() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let one = try InstanceID("AOS01")
      #expect(
        await problem { try await cluster.change(.drain([one])) } == .needsAcknowledgement)
      let options = MutationOptions(acknowledge: [.lastServer, .lastBatchServer])
      try await cluster.change(.drain([one]), options: options)
      #expect(
        await problem { try await cluster.clients.handshake(HandshakeRequest()) }
          == .noActiveInstance)
    }
  }

  @Test("an instance that an operator adds arrives rejecting, and stays away once removed")
  func addAndRemove() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let one = try InstanceID("AOS01")
      #expect(await problem { try await cluster.change(.remove([one])) } == .notDrained)
      try await cluster.change(
        .remove([one], force: true),
        options: MutationOptions(acknowledge: [.lastServer, .lastBatchServer]))
      #expect(try await cluster.operators.status()[one] == nil)
      #expect(await problem { try await cluster.open(at: "AOS01") } == .removed)

      let address = try #require(cluster.addresses["AOS01"])
      let answer = try await cluster.change(.add(one, at: address))
      #expect(answer.instances.first?.admission == .rejecting)
      try await cluster.until("it is seen again") { $0[one]?.state == .drained }
      try await cluster.change(.enable([one]))
      try await cluster.open(at: "AOS01")
    }
  }

  @Test("a limit holds instead of the instance's own maximum, and is shown truthfully below it")
  func limit() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01", maximum: 10)
      let one = try InstanceID("AOS01")
      try await cluster.open(at: "AOS01")
      try await cluster.open(at: "AOS01")
      try await cluster.until("both are counted") { $0[one]?.load.connected == 2 }
      let options = MutationOptions(acknowledge: [.overCapacity])
      let answer = try await cluster.change(.limit([one], to: 1), options: options)
      #expect(answer.instances.first?.load.workload == 2)
      #expect(await problem { try await cluster.open(at: "AOS01") } == .full)
      try await cluster.change(.limit([one], to: nil))
      try await cluster.open(at: "AOS01")
    }
  }

  @Test("several are removed or limited together: one refusal is for all, and so is a warning")
  func together() async throws {
    try await LiveCluster.run { cluster in
      let (one, two) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      // Each alone would leave the other.
      #expect(
        await problem { try await cluster.change(.limit([one, two], to: 0)) }
          == .needsAcknowledgement)
      #expect(
        await problem { try await cluster.change(.remove([one, two], force: true)) }
          == .needsAcknowledgement)
      try await cluster.change(.drain([one]))
      #expect(await problem { try await cluster.change(.remove([one, two])) } == .notDrained)
      #expect(try await cluster.operators.status().handshakeList == [two])

      let all = ImpactWarning.allCases.map { OpenEnum.known($0) }
      let answer = try await cluster.change(.limit([one, two], to: 7))
      #expect(answer.instances.map(\.limit) == [7, 7])
      try await cluster.change(
        .remove([one, two], force: true), options: MutationOptions(acknowledge: all))
      let after = try await cluster.operators.status()
      #expect(after[one] == nil && after[two] == nil)
      #expect(after.actions.prefix(2).compactMap(\.action.known) == [.remove, .remove])
    }
  }

  @Test("an operator sees who is there, and ends one session by its name")
  func sessions() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let one = try InstanceID("AOS01")
      let ana = try await cluster.open(at: "AOS01", user: "ana")
      let ben = try await cluster.open(at: "AOS01", user: "ben")
      let listed = try await cluster.operators.sessions(of: one)
      #expect(Set(listed.map(\.user)) == ["ana", "ben"])
      try await cluster.operators.endSession(ben.opened.session, of: one)
      guard case .end = await ben.events.last else {
        Issue.record("ben was not told")
        return
      }
      try await cluster.until("ana alone is there") { $0[one]?.load.connected == 1 }
      #expect(try await cluster.operators.sessions(of: one).map(\.session) == [ana.opened.session])
      #expect(try await cluster.operators.actions().first?.action == .endSession)
    }
  }
}
