import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ScriptedServer
import Testing

@Suite("aosctl", .timeLimit(.minutes(2)))
struct AOSControlTests {
  /// Runs aosctl against a balancer that answers every request with the script.
  private func against(
    _ script: @escaping ScriptedServer.Script, _ arguments: String...,
  ) async throws -> (run: AOSControlRun, requests: [ScriptedRequest]) {
    try await ScriptedServer.run(script: script) { server in
      let process = try AOSControlProcess(
        arguments, environment: ["AOS_BALANCER": server.endpoint.description])
      let run = await process.finish()
      return (run, server.requests)
    }
  }

  @Test(
    "wrong usage ends with 1 and names what is wrong",
    arguments: [
      (["nonsense"], "nonsense"), (["drain"], "<ids>"), (["drain", "a b"], "id may hold"),
      (["drain", "AOS01", "--deadline", "soon"], "--deadline"),
      (["drain", "AOS01", "--close-idle-after", "25h"], "--close-idle-after"),
      (["drain", "AOS01", "--acknowledge", "all of them"], "--acknowledge"),
      (["drain", "AOS01", "--wait", "--dry-run"], "--wait"),
      (["drain", "AOS01", "--reason", "a\u{7}b"], "--reason"),
      (["limit", "AOS01", "65536"], "65535"), (["limit", "AOS01", "unlimited"], "none"),
      (["limit", "AOS01", "-1"], "<maximum>"), (["license", "seats", "many"], "many"),
      (["add", "AOS01", "host"], "HOST:PORT"), (["handshake", "--kind", "user"], "--kind"),
      (["status", "--balancer", "host:1"], "endpoint"), (["actions", "--limit", "0"], "--limit"),
      (["connect"], "--servers"), (["connect", "--servers", "a;;b"], "entry 2 is empty"),
      (["connect", "--servers", "a", "--config", "b"], "--config"),
      (["connect", "--config", "/no/such.axc"], "/no/such.axc"),
      (["config", "check", "/no/such.axc"], "/no/such.axc"),
      (["connect", "--servers", "a", "--ca-file", "/no/such.crt"], "/no/such.crt"),
      (["status", "--token-file", "/no/such.token"], "/no/such.token"),
      (["status", "--ca-file", "/no/such.crt"], "/no/such.crt"),
      (["token", "create"], "--role"), (["token", "create", "--role", "king"], "--role"),
      (["token", "create", "--role", "viewer", "--name", ""], "--name"),
      (["end", "AOS01", ""], "<session>"), (["token", "revoke", ""], "<id>"),
      (["token", "assign", "", "AOS01"], "<token>"), (["config", "check", ""], "<file>"),
      (["token", "create", "--role", "viewer", "--output", "/no/such/file"], "/no/such/file"),
    ])
  func usage(arguments: [String], mentions: String) async throws {
    let run = try await AOSControlProcess(arguments).finish()
    #expect(run.status == 1)
    #expect(run.output == "")
    #expect(run.errors.contains(mentions))
    #expect(run.errors.hasPrefix("aosctl: "))
    #expect(!run.errors.contains("\u{7}"))
  }

  @Test(
    "without a command the help is on standard error, and the usage is wrong",
    arguments: [[], ["token"], ["license"]])
  func nothing(arguments: [String]) async throws {
    let run = try await AOSControlProcess(arguments).finish()
    #expect(run.status == 1)
    #expect(run.output == "")
    #expect(run.errors.contains("USAGE: aosctl"))
  }

  @Test("a drain that replaces the terms of another says which hold now, and which were lifted")
  func replacedTerms() async throws {
    var before = try Sample.instance("AOS01", admission: .rejecting, connected: 4)
    let terms = DrainTerms(
      message: "Please leave", closeIdleAfterSeconds: 120,
      deadline: Sample.time.adding(milliseconds: 60_000))
    before.drain = Drain(startedAt: Sample.time, startedWith: 4, terms: terms)
    var after = before
    let snapshot = try Sample.snapshot([before])
    func told(_ terms: DrainTerms, _ options: String...) async throws -> [String] {
      after.drain = Drain(startedAt: Sample.time, startedWith: 4, terms: terms)
      let answer = Sample.mutation([after])
      return try await ScriptedServer.run { request, reply in
        if request.path == "/v1/status" { return try await reply.json(snapshot) }
        try await reply.json(answer)
      } _: { server in
        let process = try AOSControlProcess(
          ["drain", "AOS01"] + options,
          environment: ["AOS_BALANCER": server.endpoint.description])
        return await process.finish().lines.filter { $0.contains("terms") }
      }
    }
    let gone =
      "deadline \(Sample.time.adding(milliseconds: 60_000)), idle limit 120 s, "
      + "message \"Please leave\""
    #expect(try await told(.plain) == ["AOS01: terms of the drain: none; lifted: \(gone)"])
    #expect(
      try await told(.plain, "--dry-run")
        == ["AOS01: terms of the drain would be: none; would be lifted: \(gone)"])
    #expect(
      try await told(DrainTerms(closeIdleAfterSeconds: 60, untilRestart: true))
        == [
          "AOS01: terms of the drain: idle limit 60 s instead of 120 s, until it restarts; "
            + "lifted: deadline \(Sample.time.adding(milliseconds: 60_000)), "
            + "message \"Please leave\""
        ])
  }

  @Test(
    "help is not a failure", arguments: [["--help"], ["drain", "--help"], ["help", "connect"]])
  func help(arguments: [String]) async throws {
    let run = try await AOSControlProcess(arguments).finish()
    #expect(run.status == 0)
    #expect(run.output.contains("USAGE"))
    #expect(run.errors == "")
  }

  @Test("who cannot be reached makes it 2")
  func unreachable() async throws {
    let run = try await aosctl("status", "--balancer", "unix:///no/such.sock")
    #expect(
      run
        == AOSControlRun(
          status: 2, output: "",
          errors: "aosctl: cannot reach unix:///no/such.sock: no such socket\n"))
    let malformed = try await against({ try await $1.raw("220 smtp ready\r\n\r\n") }, "status").run
    #expect(malformed.status == 2)
  }

  @Test("of several balancers the first that answers is asked")
  func severalBalancers() async throws {
    let snapshot = try Sample.snapshot([])
    try await ScriptedServer.run { request, reply in
      if request.path == "/livez" {
        try await reply.json(
          Liveness(id: InstanceID("LB2"), role: "loadBalancer", cluster: "PROD", version: "1"))
      } else {
        try await reply.json(snapshot)
      }
    } _: { server in
      let run = try await aosctl(
        "status", "--balancer", "unix:///no/such.sock", "--balancer", "\(server.endpoint)")
      #expect(run.status == 0)
    }
  }

  @Test("status is aligned text, and the answer as it is with --json")
  func status() async throws {
    var full = try Sample.instance("AOS02", connected: 10, delivered: false)
    full.healthReason = "evil \u{1B}[31m words"
    full.health = .known(.unreachable)
    let snapshot = try Sample.snapshot([Sample.instance("01@HOST", connected: 3), full])
    let script: ScriptedServer.Script = { try await $1.json(snapshot) }
    let text = try await against(script, "status").run
    #expect(text.status == 0)
    #expect(text.lines[0] == "cluster PROD at 2025-06-15T15:06:40.000Z")
    let remark = "has not confirmed its order: until it confirms, it may still reject clients"
    #expect(
      text.lines.suffix(3) == [
        "ID       STATE        LIST  CONNECTED  RESERVED  MAXIMUM  WORKLOAD  LICENSE  "
          + "ADDRESS         SERVICES     REMARK",
        "01@HOST  accepting       1          3         0       10     30.0%  seat 1   "
          + "127.0.0.1:2713  application",
        "AOS02    unreachable     2         10         0       10    100.0%  seat 1   "
          + "127.0.0.1:2713  application  \(remark); evil ?[31m words",
      ])
    let json = try await against(script, "status", "--json").run
    #expect(json.output == String(decoding: try WireJSON.encode(snapshot), as: UTF8.self) + "\n")
  }

  @Test("status has the license of each server: its seat, or none and why")
  func licenses() async throws {
    var short = try Sample.instance("AOS02")
    short.license = .unlicensed(reason: "no seat is free")
    var snapshot = try Sample.snapshot([Sample.instance("AOS01"), short])
    snapshot.license.seats = 1
    let text = try await against({ [snapshot] in try await $1.json(snapshot) }, "status").run
    #expect(text.lines.suffix(2).first?.contains("  seat 1                   ") == true)
    #expect(text.lines.last?.contains("  none: 1 seat, 2 servers  ") == true)
  }

  @Test("status names an application that is down, since when and why")
  func applicationDown() async throws {
    var down = try Sample.instance("AOS01", connected: 3)
    down.application = ApplicationStatus(
      .down, since: Timestamp(milliseconds: 1_750_000_000_000),
      reason: "AOS01 says: \"Connection refused\"")
    let snapshot = try Sample.snapshot([down])
    let text = try await against({ try await $1.json(snapshot) }, "status").run
    let line = try #require(text.lines.last)
    #expect(line.contains("AOS01  application down"))
    #expect(
      line.hasSuffix(
        "application down since 2025-06-15T15:06:40.000Z: AOS01 says: \"Connection refused\""))
  }

  @Test("a refusal names the warnings once, and says how to acknowledge them")
  func refusal() async throws {
    let problem = Problem(
      .needsAcknowledgement, "AOS01 is the last.", warnings: [.lastServer, .overCapacity])
    let script: ScriptedServer.Script = { try await $1.problem(problem) }
    let text = try await against(script, "drain", "AOS01").run
    #expect(text.status == 3)
    #expect(text.output == "")
    #expect(
      text.errors == """
        aosctl: Refused: no server would take clients any more; the sessions would not fit on the \
        servers that remain.
        aosctl: To go ahead: --acknowledge lastServer --acknowledge overCapacity

        """)
    let json = try await against(script, "drain", "AOS01", "--json").run
    #expect(json.status == 3)
    #expect(try WireJSON.decode(Problem.self, from: json.output.utf8) == problem)
  }

  @Test("a drain sends what was asked for, and says what is not yet in force")
  func drain() async throws {
    let away = try Sample.instance(
      "AOS01", admission: .rejecting, connected: 4, delivered: false)
    let answer = Sample.mutation([away], delivered: false, warnings: [.overCapacity])
    let (run, requests) = try await against(
      { try await $1.json(answer) }, "drain", "AOS01", "01@B", "--reason", "patch",
      "--message", "Please leave", "--close-idle-after", "2m", "--deadline", "1h30m",
      "--until-restart", "--acknowledge", "overCapacity")
    #expect(run.status == 0)
    #expect(
      run.lines == [
        "AOS01 is draining, 4 sessions left",
        "AOS01 has not confirmed it yet; until it confirms, it may still take clients",
        "handshake list: empty", "load of the list: 50.0% before, 75.0% after",
        "warning overCapacity: the sessions would not fit on the servers that remain",
      ])
    var told = away
    told.load.withoutNotices = 1
    let silent = Sample.mutation([told])
    let other = try await against({ try await $1.json(silent) }, "drain", "AOS01").run
    #expect(other.lines.first == "AOS01 is draining, 4 sessions left, 1 gets no notice")
    let request = try #require(requests.last)
    #expect(request.path == "/v1/drain")
    #expect(request.headers["idempotency-key"]?.count == 32)
    let sent = try CommandRequest(.drain, from: request.body)
    guard case .drain(let ids, "patch", let terms) = sent.command else {
      Issue.record("\(sent.command)")
      return
    }
    #expect(ids.map(\.text) == ["AOS01", "01@B"])
    #expect(terms.message == "Please leave")
    #expect(terms.closeIdleAfterSeconds == 120)
    #expect(terms.deadline != nil)
    #expect(terms.untilRestart)
    #expect(sent.acknowledge == [.overCapacity])
  }

  @Test("an instance that is added before its start is shown, and takes nobody")
  func addedAhead() async throws {
    let ahead = try Sample.instance("AOS09", admission: .rejecting, delivered: false)
    let answer = Sample.mutation([ahead], delivered: false)
    let (run, _) = try await against(
      { try await $1.json(answer) }, "add", "AOS09", "10.0.0.9:2712")
    #expect(run.lines.contains("AOS09 has not connected yet; until then it takes no clients"))
    #expect(!run.output.contains("may still"))
  }

  @Test(
    "every change goes to its route",
    arguments: [
      (["enable", "AOS01"], "POST /v1/enable"),
      (["drain", "AOS01", "--dry-run"], "POST /v1/drain?dryRun=true"),
      (["add", "AOS09", "10.0.0.9:2712", "--accept"], "POST /v1/instances"),
      (["remove", "01@H", "--force"], "POST /v1/remove"),
      (["limit", "AOS01", "50"], "POST /v1/limit"),
      (["limit", "AOS01", "AOS02", "50"], "POST /v1/limit"),
      (["remove", "AOS01", "AOS02", "--force"], "POST /v1/remove"),
      (["limit", "AOS01", "none", "--dry-run"], "POST /v1/limit?dryRun=true"),
      (["license", "seats", "unlimited"], "PUT /v1/license"),
      (["license", "seats", "none"], "PUT /v1/license"),
      (["license", "remove", "--dry-run"], "PUT /v1/license?dryRun=true"),
    ])
  func routes(arguments: [String], route: String) async throws {
    let answer = Sample.mutation([try Sample.instance("AOS01")])
    try await ScriptedServer.run { _, reply in
      try await reply.json(answer)
    } _: { server in
      let run = try await AOSControlProcess(
        arguments + ["--balancer", "\(server.endpoint)"]
      ).finish()
      #expect(run.status == 0)
      #expect(run.errors == "")
      // A drain asks first which terms it replaces.
      let asked = arguments[0] == "drain" ? ["GET /v1/status"] : []
      #expect(server.requests.map { "\($0.method) \($0.path)" } == asked + [route])
    }
  }

  @Test("waiting for a drain tells the progress and ends when nobody is left")
  func drainWait() async throws {
    let draining = try Sample.instance("AOS01", admission: .rejecting, connected: 2)
    var change = ClusterChange(sequence: 2, at: Sample.time)
    change.loads = [LoadChange(id: draining.id, load: Load(connected: 0, maximum: 10))]
    let drained = change
    let run = try await against(
      { request, reply in
        if request.path == "/v1/drain" { return try await reply.json(Sample.mutation([draining])) }
        if request.path == "/v1/status" { return try await reply.json(Sample.snapshot([])) }
        try await reply.beginStream()
        try await reply.event("snapshot", id: "e-1", Sample.snapshot([draining]))
        try await reply.event("change", id: "e-2", drained)
        try await reply.hang()
      }, "drain", "AOS01", "--wait"
    ).run
    #expect(run.status == 0)
    #expect(run.lines.suffix(2) == ["AOS01 2 of 2 sessions left", "AOS01 drained"])
  }

  @Test("an instance that is enabled while one waits for its drain makes it 3")
  func drainUndone() async throws {
    let draining = try Sample.instance("AOS01", admission: .rejecting, connected: 2)
    let enabled = try Sample.instance(
      "AOS01", connected: 2, admissionAt: Sample.time.adding(milliseconds: 1))
    let run = try await against(
      { request, reply in
        if request.path == "/v1/drain" { return try await reply.json(Sample.mutation([draining])) }
        if request.path == "/v1/status" { return try await reply.json(Sample.snapshot([])) }
        try await reply.beginStream()
        try await reply.event("snapshot", id: "e-1", Sample.snapshot([enabled]))
        try await reply.hang()
      }, "drain", "AOS01", "--wait"
    ).run
    #expect(run.status == 3)
    #expect(run.errors == "aosctl: AOS01 was enabled again by alice\n")
  }
}
