import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import ScriptedServer

/// An instance that a test scripts, beside an honest one: it has joined, and says what no honest
/// one says.
struct LyingInstance: Sendable {
  let id: InstanceID
  let server: ScriptedServer

  /// Runs a test on a cluster with the honest AOS02 and the scripted AOS01.
  ///
  /// - Parameters:
  ///   - load: What it answers to a balancer that reads its load feed.
  ///   - sessions: What it answers to a request for its sessions.
  static func run(
    load: @escaping @Sendable (ScriptedReply) async throws -> Void,
    sessions: @escaping @Sendable (ScriptedReply) async throws -> Void = { try await $0.hang() },
    _ test: @escaping @Sendable (LiveCluster, LyingInstance) async throws -> Void
  ) async throws {
    let id = try InstanceID("AOS01")
    try await ScriptedServer.run { request, reply in
      switch request.path {
      case "/v1/load": try await load(reply)
      case "/v1/desired": try await reply.json(DesiredAnswer(revision: 0))
      case "/v1/servers": try await reply.problem(Problem(.unknownRoute, "No such route."))
      default: try await sessions(reply)
      }
    } _: { server in
      // A liar obeys nothing: no change of it should wait for that.
      try await LiveCluster.run(configure: { $0.deliveryMilliseconds = 1_000 }) { cluster in
        try await cluster.start("AOS02")
        let liar = LyingInstance(id: id, server: server)
        _ = try await cluster.operators.join(id, try liar.joining())
        try await test(cluster, liar)
      }
    }
  }

  func joining(obeys: DesiredAnswer? = nil) throws -> JoinRequest {
    JoinRequest(
      reach: try InstanceReach(server.address),
      profile: InstanceProfile(role: .server(.both), ownMaximum: 10), version: "0.1.0",
      startedAt: Timestamp(milliseconds: 1_750_000_000_000), obeys: obeys)
  }

  /// How often its load feed was opened.
  var feeds: Int { server.requests.count { $0.path == "/v1/load" } }

  static func hello(revision: Int64 = 0, digest: String? = nil) throws -> LoadHello {
    LoadHello(
      id: try InstanceID("AOS01"), cluster: "TEST",
      profile: InstanceProfile(role: .server(.both), ownMaximum: 10),
      startedAt: Timestamp(milliseconds: 1_750_000_000_000), version: "0.1.0", revision: revision,
      digest: digest)
  }

  /// The bytes of an event.
  static func bytes(_ name: String, _ value: some Encodable) throws -> [UInt8] {
    let data = String(decoding: try WireJSON.encode(value), as: UTF8.self)
    return ServerSentEvent(name: name, data: data).bytes
  }
}

extension ScriptedReply {
  /// A load feed that says this and then keeps quiet.
  func feed(_ events: [UInt8]) async throws {
    try await beginStream()
    try await chunk(events)
    try await hang()
  }
}
