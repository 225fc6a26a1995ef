import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import Registry
import Synchronization
import Testing

@Suite("A request that is sent again", .timeLimit(.minutes(2)))
struct RepeatedRequestTests {
  @Test("while the registry is away no session is ended, and the answer says so")
  func registryAway() async throws {
    try await LiveCluster.run { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      let session = try await cluster.open(at: "AOS01").opened.session
      let away = cluster.databasePath + ".away"
      try FileManager.default.moveItem(atPath: cluster.databasePath, toPath: away)
      try await cluster.until("the registry is unavailable") {
        $0.balancer.registry.state == .unavailable
      }
      let refusal = await problem {
        try await cluster.operators.endSession(session, of: one)
      }
      #expect(refusal == .registryUnavailable)
      #expect(try await cluster.operators.sessions(of: one).map(\.session) == [session])

      try FileManager.default.moveItem(atPath: away, toPath: cluster.databasePath)
      try await cluster.until("it is back") { $0.balancer.registry.state == .available }
      try await cluster.operators.endSession(session, of: one)
      let action = try #require(try await cluster.operators.actions().first)
      #expect(action.result == "ended the session of ana at pc1")
      #expect(action.delivered == true)
    }
  }

  @Test(
    "a session's end of unknown outcome is settled by the same request, however often it comes")
  func settlesEnd() async throws {
    let registry = Mutex<FaultyRegistry?>(nil)
    try await LiveCluster.run {
      let open = $0.openRegistry
      $0.openRegistry = { () throws(RegistryFailure) in
        let losing = FaultyRegistry(try await open())
        registry.withLock { $0 = losing }
        return losing
      }
    } _: { cluster in
      let one = try InstanceID("AOS01")
      try await cluster.start("AOS01")
      let session = try await cluster.open(at: "AOS01").opened.session
      let known = try #require(try await cluster.operators.sessions(of: one).first)
      let request = try MutationRequest(.endSession(session, of: one))
      registry.withLock { $0?.lose(true) }
      let lost = try await cluster.operators.raw(request)
      #expect(lost.failure.problem == .outcomeUnknown)
      #expect(try await cluster.operators.sessions(of: one) == [known])
      registry.withLock { $0?.lose(false) }
      for _ in 0..<3 {
        let answer = try await cluster.operators.raw(request)
        #expect(try answer.decoded(SessionInfo.self) == known)
        #expect(try await cluster.operators.sessions(of: one).isEmpty)
      }
      let ends = try await cluster.operators.actions().filter { $0.action == .endSession }
      #expect(ends.map(\.result) == ["ended the session of ana at pc1"])
      #expect(ends.map(\.delivered) == [true])
      let another = try await cluster.operators.raw(.endSession(session, of: one))
      #expect(another.failure.problem == .unknownSession)
    }
  }

  @Test("a key that was used for another request is refused, whatever differs, and nothing is done")
  func keyReused() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      try await cluster.start("AOS02")
      let send = { (method: ClusterConnection.Method, path: String, body: String?) in
        try await cluster.operators.raw(
          method, path,
          body: body.map { RequestBody(contentType: "application/json", bytes: Array($0.utf8)) },
          headers: ["Idempotency-Key": "k"])
      }
      let drain = #"{"ids":["AOS01"]}"#
      #expect(try await send(.post, "/v1/drain", drain).isSuccess)
      for (method, path, body) in [
        (.post, "/v1/drain", #"{"ids":["AOS02"]}"#), (.post, "/v1/enable", drain),
        (.post, "/v1/drain?acknowledge=lastServer", drain),
        (.delete, "/v1/instances/AOS01", nil), (.post, "/v1/tokens", #"{"role":"viewer"}"#),
      ] as [(ClusterConnection.Method, String, String?)] {
        let answer = try await send(method, path, body)
        #expect(answer.status == 409)
        #expect(answer.failure.problem == .keyReused, "\(path)")
      }
      #expect(try await send(.post, "/v1/drain", drain).isSuccess)
      let status = try await cluster.operators.status()
      #expect(status[try InstanceID("AOS01")]?.admission == .rejecting)
      #expect(status[try InstanceID("AOS02")]?.admission == .accepting)
      #expect(try await cluster.operators.actions().filter { $0.action == .drain }.count == 1)
    }
  }
}

extension ClientFailure {
  /// The name of the problem that it stands for.
  fileprivate var problem: ProblemName? {
    if case .problem(let problem) = self { problem.name } else { nil }
  }
}
