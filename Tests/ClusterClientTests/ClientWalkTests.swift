import ClusterAPI
import ClusterClient
import ClusterModel
import ScriptedServer
import Synchronization
import Testing

/// Keeps what a handler was told.
final class Record<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])
  var all: [Element] { elements.withLock { $0 } }
  func append(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// The names of steps with who is meant, as one reads them.
private func words(_ steps: [WalkStep]) -> [String] {
  steps.map { step in
    switch step {
    case .asking(let entry, let number, let count):
      "ask \(entry.instance ?? "?") \(number)/\(count)"
    case .passedOver(let entry, let failure): "pass \(entry.instance ?? "?"): \(failure)"
    case .answered(let entry, let answer):
      "answer \(entry.instance ?? "?"): \(answer.servers.count)"
    case .trying(let server, let number, let count): "try \(server.id) \(number)/\(count)"
    case .refused(let server, let failure): "refused \(server.id): \(failure)"
    case .opened(let server, let opened): "open \(server.id) \(opened.session)"
    case .notice(let notice): "notice \(notice.message)"
    }
  }
}

@Suite("The client's way", .timeLimit(.minutes(1)))
struct ClientWalkTests {
  /// A server that is balancer and instance in one: its handshake answers with `list`, and its
  /// sessions open, say goodbye and end.
  private static let ending: ScriptedServer.Script = { request, reply in
    try await reply.beginStream()
    try await reply.event("open", SessionOpened(session: "s1", secret: "x"))
    try await reply.event("notice", SessionNotice(message: "go home", endsAt: nil))
    try await reply.event("end", SessionEnded(reason: "closing time"))
    try await reply.endStream()
  }

  /// The list as its first servers, of more.
  private static func cut(_ list: HandshakeAnswer) -> HandshakeAnswer {
    var list = list
    list.more = true
    return list
  }

  private static let patient = WalkLimits(answer: 60_000, opening: 60_000, silence: 60_000)

  private func walk(
    _ entries: [(String, Address)], limits: WalkLimits = patient, _ transport: HTTPTransport
  ) async -> (steps: [String], end: WalkEnd) {
    let steps = Record<WalkStep>()
    let walk = ClientWalk(
      entries: entries.map { ServerEntry(instance: $0.0, address: $0.1) }, user: "eve",
      computer: "pc", limits: limits, transport: transport)
    let end = await walk.run { steps.append($0) }
    return (words(steps.all), end)
  }

  @Test("servers are tried in the order of the list, and the first that accepts is kept")
  func order() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.problem(Problem(.full, "10 of 10"))
    } _: { full in
      try await ScriptedServer.run(script: Self.ending) { free in
        let list = try Sample.list([
          Sample.server("AOS01", at: full.address), Sample.server("AOS02", at: free.address),
        ])
        try await ScriptedServer.run { _, reply in
          try await reply.json(list)
        } _: { balancer in
          try await withTransport { transport in
            let (steps, end) = await walk([("LB1", try balancer.address)], transport)
            #expect(
              steps == [
                "ask LB1 1/1", "answer LB1: 2", "try AOS01 1/2",
                "refused AOS01: All places are taken: 10 of 10", "try AOS02 2/2", "open AOS02 s1",
                "notice go home",
              ])
            #expect(end == .ended("closing time"))
            let session = try WireJSON.decode(
              SessionRequest.self, from: #require(free.requests.first).body)
            #expect(
              session
                == SessionRequest(kind: .client, user: "eve", computer: "pc", ticket: "t-1"))
          }
        }
      }
    }
  }

  @Test("a few servers are asked for at first, and the others only when all of those refuse")
  func rest() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.problem(Problem(.full, "10 of 10"))
    } _: { full in
      try await ScriptedServer.run(script: Self.ending) { free in
        let (one, two) = try (
          Sample.server("AOS01", at: full.address), Sample.server("AOS02", at: free.address)
        )
        try await ScriptedServer.run { request, reply in
          // Behind the limit the order may have changed meanwhile.
          try await reply.json(
            request.number == 1
              ? Self.cut(Sample.list([one])) : Sample.list([two, one], ticket: "t-2"))
        } _: { balancer in
          try await withTransport { transport in
            let (steps, end) = await walk([("LB1", try balancer.address)], transport)
            #expect(
              steps.prefix(7) == [
                "ask LB1 1/1", "answer LB1: 1", "try AOS01 1/1",
                "refused AOS01: All places are taken: 10 of 10", "answer LB1: 1", "try AOS02 2/2",
                "open AOS02 s1",
              ])
            #expect(end == .ended("closing time"))
            let asked = try balancer.requests.map {
              try WireJSON.decode(HandshakeRequest.self, from: $0.body).limit
            }
            #expect(asked == [16, nil])
            let session = try WireJSON.decode(
              SessionRequest.self, from: #require(free.requests.first).body)
            #expect(session.ticket == "t-2")
          }
        }
      }
    }
  }

  @Test("who takes the session at once is not asked for the rest of the list")
  func noRest() async throws {
    try await ScriptedServer.run(script: Self.ending) { free in
      let list = try Self.cut(Sample.list([Sample.server("AOS01", at: free.address)]))
      try await ScriptedServer.run { _, reply in
        try await reply.json(list)
      } _: { balancer in
        try await withTransport { transport in
          let (_, end) = await walk([("LB1", try balancer.address)], transport)
          #expect(end == .ended("closing time"))
          #expect(balancer.requests.count == 1)
        }
      }
    }
  }

  @Test("a balancer that is gone before it gives the rest is skipped for the next")
  func restIsGone() async throws {
    let stopping = Problem(.notReady, "It is stopping.")
    let nobody = try ClosedPort()
    defer { nobody.release() }
    let list = try Sample.list([Sample.server("AOS01", at: nobody.address)])
    try await ScriptedServer.run { request, reply in
      guard request.number > 1 else { return try await reply.json(Self.cut(list)) }
      try await reply.problem(stopping)
    } _: { first in
      try await ScriptedServer.run { _, reply in
        try await reply.json(list)
      } _: { second in
        try await withTransport { transport in
          let (steps, end) = await walk(
            [("LB1", try first.address), ("LB2", try second.address)], transport)
          #expect(
            steps == [
              "ask LB1 1/2", "answer LB1: 1", "try AOS01 1/1",
              "refused AOS01: connection refused",
              "pass LB1: \(stopping.title): It is stopping.", "ask LB2 2/2",
              "answer LB2: 1", "try AOS01 1/1", "refused AOS01: connection refused",
            ])
          #expect(end == .exhausted(answered: true))
        }
      }
    }
  }

  @Test(
    "an entry that answers with an error is skipped for the next",
    arguments: [
      Problem(.noActiveInstance, "none"), Problem(.internalError, "x"), Problem(.tooMany, "y"),
    ])
  func nextEntry(problem: Problem) async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.problem(problem)
    } _: { first in
      try await ScriptedServer.run { request, reply in
        if request.path == "/v1/sessions" { return try await Self.ending(request, reply) }
        let port = try #require(request.headers["host"]?.split(separator: ":").last)
        let own = try Sample.server("AOS01", at: Address("127.0.0.1:\(port)"))
        try await reply.json(Sample.list([own], ticket: nil))
      } _: { second in
        try await withTransport { transport in
          let (steps, end) = await walk(
            [("LB1", try first.address), ("AOS01", try second.address)], transport)
          let reason = "\(problem.name.title): \(problem.detail)"
          #expect(
            steps.prefix(5) == [
              "ask LB1 1/2", "pass LB1: \(reason)", "ask AOS01 2/2", "answer AOS01: 1",
              "try AOS01 1/1",
            ])
          #expect(end == .ended("closing time"))
        }
      }
    }
  }

  @Test("an entry that does not answer in time is skipped")
  func slowEntry() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.hang()
    } _: { mute in
      try await withTransport { transport in
        let limits = WalkLimits(answer: 50)
        let address = try mute.address
        let (steps, end) = await walk(
          [("LB1", address), ("LB2", address)], limits: limits, transport)
        #expect(
          steps == [
            "ask LB1 1/2", "pass LB1: no answer within 0.05 s", "ask LB2 2/2",
            "pass LB2: no answer within 0.05 s",
          ])
        #expect(end == .exhausted(answered: false))
      }
    }
  }

  @Test("rpc-only ends the walk: no other balancer would do otherwise")
  func rpcOnly() async throws {
    let problem = Problem(.rpcOnly, "Use a network load balancer for services.")
    try await ScriptedServer.run { _, reply in
      try await reply.problem(problem)
    } _: { server in
      try await withTransport { transport in
        let address = try server.address
        let (steps, end) = await walk([("LB1", address), ("LB2", address)], transport)
        #expect(steps == ["ask LB1 1/2"])
        #expect(end == .refused(problem))
      }
    }
  }

  @Test("when all lists are exhausted, the walk says whether anybody answered")
  func exhausted() async throws {
    let nobody = try ClosedPort()
    defer { nobody.release() }
    let away = nobody.address
    try await withTransport { transport in
      let (steps, end) = await walk([("LB1", away)], transport)
      #expect(steps == ["ask LB1 1/1", "pass LB1: connection refused"])
      #expect(end == .exhausted(answered: false))
    }
    let list = try Sample.list([Sample.server("AOS01", at: away)])
    try await ScriptedServer.run { _, reply in
      try await reply.json(list)
    } _: { balancer in
      try await withTransport { transport in
        let address = try balancer.address
        let (steps, end) = await walk([("LB1", address), ("LB2", address)], transport)
        #expect(
          steps == [
            "ask LB1 1/2", "answer LB1: 1", "try AOS01 1/1", "refused AOS01: connection refused",
            "ask LB2 2/2", "answer LB2: 1", "try AOS01 1/1", "refused AOS01: connection refused",
          ])
        #expect(end == .exhausted(answered: true))
      }
    }
  }

  @Test("a server that accepts and never says open is given up")
  func neverOpens() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.beginStream()
      try await reply.hang()
    } _: { mute in
      let list = try Sample.list([Sample.server("AOS01", at: mute.address)])
      try await ScriptedServer.run { _, reply in
        try await reply.json(list)
      } _: { balancer in
        try await withTransport { transport in
          let limits = WalkLimits(answer: 60_000, opening: 50, silence: 60_000)
          let (steps, end) = await walk(
            [("LB1", try balancer.address)], limits: limits, transport)
          #expect(steps.last?.hasPrefix("refused AOS01: no ") == true)
          #expect(end == .exhausted(answered: true))
        }
      }
    }
  }

  @Test("a cut session is lost; a session that the client leaves is closed at once")
  func lostAndClosed() async throws {
    let (isRead, gone) = (Happening(), Happening())
    try await ScriptedServer.run { request, reply in
      // First: the client may be gone before the last byte of the event.
      defer { if request.number > 1 { gone.fire() } }
      try await reply.beginStream()
      try await reply.event("open", SessionOpened(session: "s", secret: "x"))
      if request.number == 1 {
        await isRead.wait()
        return try await reply.cut()
      }
      try await reply.hang()
    } _: { server in
      let list = try Sample.list([Sample.server("AOS01", at: server.address)])
      try await ScriptedServer.run { _, reply in
        try await reply.json(list)
      } _: { balancer in
        try await withTransport { transport in
          let entry = ServerEntry(address: try balancer.address)
          @Sendable func client(_ opened: Happening) async -> WalkEnd {
            let walk = ClientWalk(
              entries: [entry], user: "eve", computer: "pc", limits: Self.patient,
              transport: transport)
            return await walk.run { if case .opened = $0 { opened.fire() } }
          }
          #expect(await client(isRead) == .lost(.unreachable("the connection was closed")))
          let opened = Happening()
          let client = Task { await client(opened) }
          await opened.wait()
          client.cancel()
          #expect(await client.value == .closed)
          await gone.wait()
        }
      }
    }
  }
}
