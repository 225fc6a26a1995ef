import ClusterAPI
import ClusterClient
import ClusterModel
import ServiceSupport
import Testing

@testable import BalancerService

@Suite("Sessions that are looked for on all servers", .timeLimit(.minutes(2)))
struct SessionSearchTests {
  private func server(
    _ name: String, connected: Int = 1, health: Health = .alive
  ) throws -> InstanceStatus {
    let now = SystemClock.now
    let row = RegisteredInstance(
      id: try InstanceID(name), reach: try InstanceReach(Address("127.0.0.1:1")),
      profile: InstanceProfile(role: .server(.both), ownMaximum: 10),
      record: AdmissionRecord(.accepting, at: now, by: "ana"), registration: 1, seat: 1,
      revision: 1)
    return InstanceStatus(
      row, delivered: true, health: health, healthSince: now,
      load: Load(connected: connected, maximum: 10))
  }

  private func session(_ number: Int, user: String = "ana") -> SessionInfo {
    SessionInfo(
      session: "s\(number)", kind: .client, user: user, computer: "pc1",
      since: Timestamp(milliseconds: Int64(number)), activeAt: nil)
  }

  @Test("are found by user and computer, wherever they are open")
  func found() async throws {
    try await LiveCluster.run { cluster in
      for name in ["AOS01", "AOS02", "AOS03"] { try await cluster.start(name) }
      let first = try await cluster.open(at: "AOS01", user: "Ana").opened.session
      let second = try await cluster.open(at: "AOS02", user: "ana").opened.session
      try await cluster.open(at: "AOS02", user: "banana")
      try await cluster.until("all are counted") { status in
        status.instances.reduce(0) { $0 + $1.load.connected } == 3
      }
      let ana = try await cluster.operators.findSessions(user: "ANA")
      #expect(ana.sessions.map(\.info.session) == [first, second])
      #expect(ana.sessions.map(\.instance.text) == ["AOS01", "AOS02"])
      #expect(!ana.more && ana.unanswered.isEmpty)
      #expect(try await cluster.operators.findSessions(user: "*ana").sessions.count == 3)
      #expect(
        try await cluster.operators.findSessions(user: "ana", computer: "pc2").sessions.isEmpty)
      #expect(try await cluster.operators.findSessions(computer: "PC*").sessions.count == 3)
    }
  }

  @Test("a server that is away or silent is named, and keeps nobody waiting")
  func silent() async throws {
    let never = OneTimeValue<Void>()
    let servers = [
      try server("AOS01"), try server("AOS02"), try server("AOS03", health: .unreachable),
      try server("AOS04", connected: 0),
    ]
    let search = SessionFinder(
      wish: SessionWish(user: NamePattern("ana"), computer: nil),
      endsAt: SystemClock.monotonicMilliseconds + TimeLimit.search
    ) { id in
      if id.text == "AOS02" { try await never.value }
      return [session(1), session(2, user: "bob")]
    }
    let findings = await search.run(on: servers)
    let unanswered = findings.unanswered.map(\.id.text)
    #expect(unanswered.contains("AOS02"))
    #expect(findings.unanswered.last?.reason == "is unreachable")
    // On a machine that is busy for two seconds it is late as well.
    #expect(findings.sessions.map(\.instance.text) == ["AOS01"] || unanswered.contains("AOS01"))
    #expect(!unanswered.contains("AOS04"), "it has no session, so it is not asked")
    never.resolve(.success(()))
  }

  @Test("are at most 1,000, and the answer says that there are more")
  func bounded() async throws {
    let servers = try (1...4).map { try server("AOS0\($0)") }
    let search = SessionFinder(
      wish: SessionWish(user: NamePattern("*"), computer: nil), endsAt: .max
    ) { _ in (1...600).map { session($0) } }
    let findings = await search.run(on: servers)
    #expect(findings.sessions.count == 1_000)
    #expect(findings.more)
  }

  @Test("end in one request, which logs each, names those that are gone, and can be repeated")
  func ended() async throws {
    try await LiveCluster.run { cluster in
      let (one, two) = (try InstanceID("AOS01"), try InstanceID("AOS02"))
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let first = try await cluster.open(at: "AOS01").opened.session
      let second = try await cluster.open(at: "AOS02").opened.session
      let stays = try await cluster.open(at: "AOS02", user: "bob").opened.session
      let names = [
        SessionName(instance: one, session: first), SessionName(instance: two, session: second),
        SessionName(instance: two, session: "nobody"),
      ]
      let preview = try await cluster.operators.endSessions(
        names, options: MutationOptions(dryRun: true))
      #expect(preview.ended.map(\.info.session) == [first, second])
      #expect(try await cluster.operators.sessions(of: one).count == 1, "a dry run ends nobody")
      let options = MutationOptions()
      let endings = try await cluster.operators.endSessions(names, options: options)
      #expect(endings.ended.map(\.info.session) == [first, second])
      #expect(endings.missed.map(\.session) == ["nobody"])
      #expect(try await cluster.operators.sessions(of: one) == [])
      #expect(try await cluster.operators.sessions(of: two).map(\.session) == [stays])
      #expect(try await cluster.operators.endSessions(names, options: options) == endings)
      let lines = try await cluster.operators.actions().filter { $0.action == .endSession }
      #expect(lines.map(\.result) == Array(repeating: "ended the session of ana at pc1", count: 2))
      #expect(lines.allSatisfy { $0.delivered == true })
    }
  }

  @Test("cannot be more than 100 in one request to end them")
  func tooMany() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      let names = (0...100).map { SessionName(instance: one, session: "s\($0)") }
      await #expect(throws: ClientFailure.self) {
        _ = try await cluster.operators.endSessions(names)
      }
    }
  }
}
