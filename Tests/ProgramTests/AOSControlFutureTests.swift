import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ScriptedServer
import Testing

/// A balancer of the next release answers an aosctl of this one.
@Suite("aosctl and a later balancer", .timeLimit(.minutes(1)))
struct AOSControlFutureTests {
  @Test("status, actions, sessions and tokens show what is not known as it was told")
  func shown() async throws {
    var instance = try Sample.instance("AOS01", connected: 3)
    instance.health = OpenEnum("quarantined")
    instance.role = OpenRole(name: "server", services: ["application", "reports"])
    var snapshot = try Sample.snapshot([instance])
    snapshot.license.state = OpenEnum("suspended")
    snapshot.balancer.registry.state = OpenEnum("degraded")
    let action = ActionRecord(
      id: 1, at: Sample.time, actor: "ana", action: OpenEnum("rollOut"), instance: instance.id,
      reason: nil, result: "rolled out", delivered: nil)
    var session = SessionInfo(
      session: "s1", kind: .client, user: "ana", computer: "pc1", since: Sample.time,
      activeAt: nil)
    session.kind = OpenEnum("report")
    var token = TokenInfo(
      AccessToken(
        id: "0123456789", name: "wall", role: .viewer, hash: [], createdAt: Sample.time,
        createdBy: "root"), owned: 0)
    token.role = OpenEnum("auditor")
    let (status, list) = (snapshot, SessionList(sessions: [session]))
    let tokens = TokenList(tokens: [token])
    try await ScriptedServer.run { request, reply in
      switch request.path {
      case "/v1/status": try await reply.json(status)
      case let path where path.hasPrefix("/v1/actions"):
        try await reply.json(ActionList(actions: [action]))
      case "/v1/tokens": try await reply.json(tokens)
      default: try await reply.json(list)
      }
    } _: { server in
      for (words, found) in [
        (["status"], ["quarantined", "application,reports", "suspended", "degraded"]),
        (["actions"], ["rollOut"]), (["sessions", "AOS01"], ["report"]),
        (["token", "list"], ["auditor"]),
      ] {
        let run = try await AOSControlProcess(words + ["--balancer", "\(server.endpoint)"])
          .finish()
        #expect(run.status == 0, "\(run.errors)")
        for word in found { #expect(run.output.contains(word), "\(words): \(run.output)") }
      }
    }
  }

  @Test("a refusal and a warning of a later balancer are shown, and the warning is passed on")
  func refusal() async throws {
    let refusal = """
      {"type":"urn:aos:problem:zone-empty","title":"The zone would be empty","status":409,\
      "detail":"AOS01 is the last one in zone north.","warnings":["lastOfItsZone"]}
      """
    try await ScriptedServer.run { request, reply in
      if request.path == "/v1/status" {
        try await reply.json(try Sample.snapshot([]))
      } else if request.text.contains("lastOfItsZone") {
        try await reply.json(Sample.mutation([try Sample.instance("AOS01")]))
      } else {
        try await reply.problem(try WireJSON.decode(from: refusal.utf8))
      }
    } _: { server in
      let drain = ["drain", "AOS01", "--balancer", "\(server.endpoint)"]
      let refused = try await AOSControlProcess(drain).finish()
      #expect(refused.status == 3)
      #expect(
        refused.errors.contains(
          "The zone would be empty: AOS01 is the last one in zone north."))
      #expect(refused.errors.contains("--acknowledge lastOfItsZone"))
      let gone = try await AOSControlProcess(drain + ["--acknowledge", "lastOfItsZone"]).finish()
      #expect(gone.status == 0, "\(gone.errors)")
    }
  }
}
