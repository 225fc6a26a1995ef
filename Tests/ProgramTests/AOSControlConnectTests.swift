import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ScriptedServer
import TestSupport
import Testing

@Suite("aosctl connect, config and watch", .timeLimit(.minutes(2)))
struct AOSControlConnectTests {
  /// A balancer and its one server in one: the list names itself.
  static let cluster: ScriptedServer.Script = { request, reply in
    let port = try #require(request.headers["host"]?.split(separator: ":").last)
    switch request.path {
    case "/v1/handshake":
      try await reply.json(
        Sample.list([Sample.server("AOS01", at: Address("127.0.0.1:\(port)"))]))
    case "/livez":
      try await reply.json(
        Liveness(id: InstanceID("LB1"), role: "loadBalancer", cluster: "PROD", version: "1"))
    default:
      try await reply.beginStream()
      try await reply.event("open", SessionOpened(session: "s1", secret: "hush"))
      try await reply.hang()
    }
  }

  @Test("each step is printed, the secret is not, and a held session is closed with 0")
  func hold() async throws {
    try await ScriptedServer.run(script: Self.cluster) { server in
      let address = try server.address
      let run = try await aosctl("connect", "--servers", "LB1@\(address)", "--hold", "0")
      #expect(run.errors == "")
      #expect(run.status == 0)
      #expect(
        run.lines == [
          "asking LB1@\(address) (entry 1 of 1)", "  LB1 of cluster PROD lists AOS01 1/10",
          "  trying AOS01 at \(address) (server 1 of 1)", "session s1 is open at AOS01", "closed",
        ])
      let json = try await aosctl(
        "connect", "--servers", "LB1@\(address)", "--hold", "0", "--json")
      #expect(json.lines.count == 5)
      #expect(!json.output.contains("hush"))
      for line in json.lines {
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
      }
    }
  }

  @Test("Ctrl-C closes the session in order")
  func interrupt() async throws {
    let gone = AsyncStream.makeStream(of: Never.self)
    let opened = AsyncStream.makeStream(of: Never.self)
    let run = try await ScriptedServer.run { request, reply in
      guard request.path == "/v1/sessions" else { return try await Self.cluster(request, reply) }
      defer { gone.continuation.finish() }
      opened.continuation.finish()
      try await Self.cluster(request, reply)
    } _: { server in
      let process = try AOSControlProcess(["connect", "--servers", "\(server.address)"])
      for await _ in opened.stream {}
      process.interrupt()
      for await _ in gone.stream {}
      return await process.finish()
    }
    #expect(run.status == 0)
    #expect(run.lines.last == "closed")
  }

  @Test("services are refused for good with 3, and nobody at all is 2")
  func refused() async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.problem(Problem(.rpcOnly, "Use a network load balancer."))
    } _: { server in
      let run = try await aosctl(
        "connect", "--servers", "\(server.address);other", "--kind", "service")
      #expect(run.status == 3)
      // Once, and for good.
      #expect(run.errors.hasPrefix("aosctl: refused: "))
      #expect(run.errors.hasSuffix("Use a network load balancer.\n"))
      #expect(!run.output.contains("Use a network load balancer."))
    }
    let nobody = try ClosedPort()
    defer { nobody.release() }
    let away = nobody.address
    #expect(try await aosctl("connect", "--servers", "\(away)").status == 2)
  }

  @Test(
    "connect exits with 3 where the operator ends the session, with 2 where it is cut",
    arguments: [false, true])
  func ended(isCut: Bool) async throws {
    let isRead = AsyncStream.makeStream(of: Never.self)
    try await ScriptedServer.run { request, reply in
      guard request.path == "/v1/sessions" else { return try await Self.cluster(request, reply) }
      try await reply.beginStream()
      try await reply.event("open", SessionOpened(session: "s1", secret: "hush"))
      if isCut {
        for await _ in isRead.stream {}
        return try await reply.cut()
      }
      try await reply.event("notice", SessionNotice(message: "go \u{1B}[2Jhome", endsAt: nil))
      try await reply.event("end", SessionEnded(reason: "patching"))
    } _: { server in
      let process = try AOSControlProcess(["connect", "--servers", "\(server.address)"])
      await process.printed("session s1")
      isRead.continuation.finish()
      let run = await process.finish()
      #expect(run.status == (isCut ? 2 : 3))
      #expect(isCut || run.lines.contains("notice: go ?[2Jhome"))
      #expect(isCut || run.errors == "aosctl: the session was ended: patching\n")
    }
  }

  @Test("with no balancer left, the server that is asked names the emptiest one")
  func withoutBalancer() async throws {
    try await ProcessCluster.run { cluster in
      let port = try await cluster.startInstance("AOS01")
      try await cluster.startInstance("AOS02")
      let servers = "LB1@127.0.0.1:\(cluster.balancerPort);AOS01@127.0.0.1:\(port)"
      let curl = try cluster.client(at: port)
      let one = try InstanceID("AOS01")
      try await cluster.until("curl has its session") { $0[one]?.load.connected == 1 }
      // Told of each other at once, and asked once a second for their loads.
      try await eventually("AOS01 knows the others") {
        let run = try await aosctl(
          "connect", "--servers", "AOS01@127.0.0.1:\(port)", "--hold", "0")
        return run.output.contains("is open at AOS02")
      }
      cluster.kill("LB1", SIGKILL)
      try await eventually("no client goes to the fuller server any more") {
        let run = try await aosctl("connect", "--servers", servers, "--hold", "0")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("asking AOS01@127.0.0.1:\(port) (entry 2 of 2)"))
        return run.output.contains("is open at AOS02")
      }
      curl.kill(SIGKILL)
    }
  }

  private func withFile<Value>(
    _ text: String, _ body: (String) async throws -> Value
  ) async throws -> Value {
    let path = NSTemporaryDirectory() + "aosctl-\(UUID().uuidString).axc"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
  }

  @Test("config check shows the answer of every entry", arguments: [1, 2, 5, 20])
  func everyAnswer(count: Int) async throws {
    try await ScriptedServer.run(script: Self.cluster) { balancer in
      // One address for each entry: all of 127.0.0.0/8 is this machine.
      let port = try balancer.address.port
      let away = (1...count).map { "AOS\($0)@127.0.1.\($0):\(port)" }
      let entries = ["LB1@\(try balancer.address)"] + away
      let text = "title\nFormatversion: 1\nConfiguration: PROD\naos2,Text,"
      try await withFile(text + entries.joined(separator: ";") + "\n") { path in
        let run = try await aosctl("config", "check", path)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.lines.count == entries.count + 2, "\(run.output)")
        #expect(run.output.contains("load balancer LB1 of cluster PROD"))
        #expect(!run.output.contains("not asked"), "\(run.output)")
        for entry in away {
          let line = run.lines.first { $0.contains("\(entry) ") }
          #expect(line?.contains("does not answer: connection refused") == true, "\(run.output)")
        }
      }
    }
  }

  @Test("a configuration whose balancer comes after a server is warned of")
  func order() async throws {
    try await ScriptedServer.run(script: Self.cluster) { balancer in
      try await ScriptedServer.run { _, reply in
        try await reply.json(
          Liveness(id: InstanceID("AOS01"), role: "server", cluster: "PROD", version: "1"))
      } _: { server in
        let (first, second) = (try balancer.address, try server.address)
        let head = "title\nFormatversion: 1\nConfiguration: PROD\n"
        try await withFile(head + "aos2,Text,LB1@\(first);AOS01@\(second)\n") { path in
          let run = try await aosctl("config", "check", path)
          #expect(run.status == 0)
          #expect(run.lines.first == "configuration PROD")
          #expect(run.output.contains("load balancer LB1 of cluster PROD"))
          #expect(run.output.contains("server AOS01 of cluster PROD"))
        }
        try await withFile(head + "aos2,Text,AOS01@\(second);LB1@\(first)\nwhat\n") { path in
          let run = try await aosctl("config", "check", path)
          #expect(run.status == 1)
          #expect(run.output.contains("\(path):5: is not NAME,TYPE,VALUE"))
          #expect(run.output.contains("warning: load balancer LB1@\(first) comes after server"))
          let json = try await aosctl("config", "check", path, "--json")
          #expect(json.status == 1)
          #expect(throws: Never.self) {
            try JSONSerialization.jsonObject(with: Data(json.output.utf8))
          }
        }
        let nobody = try ClosedPort()
        defer { nobody.release() }
        let away = nobody.address
        try await withFile(head + "aos2,Text,LB1@\(away)\n") { path in
          let run = try await aosctl("config", "check", path)
          #expect(run.status == 2)
          #expect(run.output.contains("does not answer: connection refused"))
        }
        try await withFile(head + "aos2,Text,b:0\n") { path in
          let run = try await aosctl("connect", "--config", path)
          #expect(run.status == 1)
          #expect(
            run.errors
              == "aosctl: \(path):4: aos2 entry 1 has a port outside 1 to 65535\n")
        }
      }
    }
  }

  @Test("watch prints a line for each change of state, and ends with Ctrl-C")
  func watch() async throws {
    var change = ClusterChange(sequence: 2, at: Sample.time)
    change.instances = [try Sample.instance("AOS01", admission: .rejecting, connected: 2)]
    let drained = change
    let (isRead, told) = (
      AsyncStream.makeStream(of: Never.self), AsyncStream.makeStream(of: Never.self)
    )
    let run = try await ScriptedServer.run { request, reply in
      try await reply.beginStream()
      if request.number == 1 {
        try await reply.event(
          "snapshot", id: "e-1", Sample.snapshot([Sample.instance("AOS01", connected: 2)]))
        try await reply.event("change", id: "e-2", drained)
        for await _ in isRead.stream {}
        return try await reply.cut()
      }
      told.continuation.finish()
      try await reply.hang()
    } _: { server in
      let process = try AOSControlProcess(["watch", "--balancer", "\(server.endpoint)"])
      await process.printed("is draining")
      isRead.continuation.finish()
      for await _ in told.stream {}
      process.interrupt()
      return await process.finish()
    }
    #expect(run.status == 0)
    let time = "\(Sample.time)"
    #expect(run.lines.contains("\(time) AOS01 is accepting, 2 of 10 connected"))
    #expect(run.lines.contains("\(time) AOS01 was accepting, is draining, 2 sessions left"))
    #expect(run.lines.contains { $0.contains("is away: the connection was closed") })
  }
}
