import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ScriptedServer
import Testing

@testable import AOSControl

@Suite("A change whose answer is lost", .timeLimit(.minutes(2)))
struct LostAnswerTests {
  /// Runs aosctl against a balancer that closes the connection after each request.
  private func cut(_ arguments: [String]) async throws -> (AOSControlRun, [ScriptedRequest]) {
    try await ScriptedServer.run { request, reply in
      try await reply.cut()
    } _: { server in
      let run = try await AOSControlProcess(
        arguments + ["--balancer", "\(server.endpoint)"]
      ).finish()
      return (run, server.requests)
    }
  }

  @Test(
    "is sent again with the same key, and then its outcome is unknown, with how to look",
    arguments: [
      (["enable", "AOS01"], "aosctl actions"), (["limit", "AOS01", "5"], "aosctl actions"),
      (["remove", "AOS01"], "aosctl actions"), (["cluster-key", "rotate"], "aosctl actions"),
      (["end", "AOS01", "s"], "aosctl sessions AOS01"),
      (["token", "create", "--role", "viewer"], "aosctl token list"),
      (["token", "revoke", "t"], "aosctl token list"),
    ])
  func unknown(arguments: [String], look: String) async throws {
    let (run, requests) = try await cut(arguments)
    #expect(run.status == 2)
    #expect(run.errors.contains("outcome unknown"), "\(run.errors)")
    #expect(run.errors.contains(look), "\(run.errors)")
    #expect(!run.errors.contains("cannot reach"), "\(run.errors)")
    let keys = Set(requests.map { $0.headers["idempotency-key"] })
    #expect(requests.count == 2)
    #expect(keys.count == 1 && keys.first != .some(nil))
  }

  @Test("is settled by the second answer, where that comes")
  func settled() async throws {
    let answer = Sample.mutation([try Sample.instance("AOS01")])
    try await ScriptedServer.run { request, reply in
      if request.number == 1 { return try await reply.cut() }
      try await reply.json(answer)
    } _: { server in
      let run = try await aosctl("enable", "AOS01", "--balancer", "\(server.endpoint)")
      #expect(run.status == 0)
      #expect(run.errors == "")
    }
  }

  @Test("a dry run, and a change that was never sent, leave nothing unknown")
  func nothingSent() async throws {
    let (dry, requests) = try await cut(["enable", "AOS01", "--dry-run"])
    #expect(requests.count == 1)
    #expect(dry.errors.contains("cannot reach"), "\(dry.errors)")
    let unsent = try await aosctl("enable", "AOS01", "--balancer", "unix:///no/such.sock")
    #expect(unsent.errors == "aosctl: cannot reach unix:///no/such.sock: no such socket\n")
  }

  @Test(
    "an answer of somebody who is not a balancer is not a success", arguments: [[], ["--json"]])
  func somebodyElse(form: [String]) async throws {
    try await ScriptedServer.run { _, reply in
      try await reply.answer(Array("{\"hello\":\"world\"}".utf8))
    } _: { server in
      for words in [["end", "AOS01", "s"], ["enable", "AOS01"], ["token", "revoke", "t"]] {
        let run = try await AOSControlProcess(
          words + form + ["--balancer", "\(server.endpoint)"]
        ).finish()
        #expect(run.status == 2, "\(words)")
        #expect(run.output == "", "\(words)")
      }
    }
  }

  @Test("an ended session is named as the balancer names it")
  func endedSession() async throws {
    let session = SessionInfo(
      session: "s/1", kind: .client, user: "eve", computer: "pc", since: Sample.time, activeAt: nil)
    try await ScriptedServer.run { _, reply in
      try await reply.json(session)
    } _: { server in
      let run = try await aosctl("end", "AOS01", "s/1", "--balancer", "\(server.endpoint)")
      #expect(run.lines == ["session s/1 of AOS01 is ended"])
      #expect(
        server.requests.map { "\($0.method) \($0.path)" }
          == ["DELETE /v1/instances/AOS01/sessions/s%2F1"])
    }
  }
}

@Suite("A token whose making a signal ends", .timeLimit(.minutes(2)))
struct EndedTokenTests {
  @Test("while its answer is awaited: it says how to find it, and leaves no file")
  func asked() async throws {
    let path = "/tmp/aost-\(UUID().uuidString)"
    let asked = AsyncStream.makeStream(of: Never.self)
    try await ScriptedServer.run { _, reply in
      asked.continuation.finish()
      try await reply.hang()
    } _: { server in
      let process = try AOSControlProcess([
        "token", "create", "--role", "viewer", "--output", path, "--balancer", "\(server.endpoint)",
      ])
      for await _ in asked.stream {}
      process.send(SIGTERM)
      let run = await process.finish()
      #expect(run.status == -1)
      #expect(run.errors.contains("aosctl token list"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test(
    "while it waits for the reader of a pipe: the token is revoked",
    arguments: [
      SIGINT, SIGTERM, SIGHUP,
    ])
  func made(signal: Int32) async throws {
    let token = try WireJSON.encode(TokenInfo.sample)
    let asked = AsyncStream.makeStream(of: Never.self)
    try await ScriptedServer.run { request, reply in
      try await reply.answer(token, status: request.method == "POST" ? 201 : 200)
      if request.method == "POST" { asked.continuation.finish() }
    } _: { server in
      let process = try AOSControlProcess(
        ["token", "create", "--role", "viewer", "--balancer", "\(server.endpoint)"],
        intoFullPipe: true)
      for await _ in asked.stream {}
      try await process.waitUntilItWrites()
      process.send(signal)
      let run = await process.finish()
      #expect(run.status == -1)
      #expect(run.errors.contains("token t1 is revoked"), "\(run.errors)")
      #expect(server.requests.map(\.method) == ["POST", "DELETE"])
    }
  }
}

extension TokenInfo {
  /// As a balancer answers that has made it.
  fileprivate static var sample: TokenInfo {
    get throws {
      try WireJSON.decode(
        from: Array(
          """
          {"id":"t1","name":"viewer t1","role":"viewer","createdAt":"2026-01-01T00:00:00.000Z",\
          "createdBy":"root","revokedAt":null,"token":"secret"}
          """.utf8))
    }
  }
}
