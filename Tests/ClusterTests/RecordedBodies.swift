import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import ClusterTrust
import Foundation
import InstanceService
import ServiceSupport
import TestSupport
import Testing

/// Writes what real daemons of this release say into the folder whose bodies every later release
/// must read: `AOSTOP_RECORD_BODIES=1`.
@Suite("Bodies of this release")
struct RecordedBodies {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../ClusterAPITests/Recorded/\(ProgramVersion.current)").standardized

  private static let isWanted =
    ProcessInfo.processInfo.environment["AOSTOP_RECORD_BODIES"] != nil

  @Test("are recorded", .enabled(if: isWanted), .timeLimit(.minutes(2)))
  func record() async throws {
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    try await LiveCluster.run(configure: { $0.deliveryMilliseconds = 1_000 }) { cluster in
      try await Self.fill(cluster)
      try await Self.recordAnswers(cluster)
      try await Self.recordFeeds(cluster)
      try await Self.recordJoin(cluster)
    }
  }

  /// A cluster with one of each: alive, drained, cut off with an older order, with sessions.
  private static func fill(_ cluster: LiveCluster) async throws {
    for name in ["01@BOX", "AOS02", "AOS03"] { try await cluster.start(name) }
    try await cluster.open(at: "01@BOX")
    try await cluster.open(at: "01@BOX", user: "batch1", kind: .batch)
    let terms = DrainTerms(message: "Please log off", closeIdleAfterSeconds: 600)
    _ = try await cluster.change(.drain([InstanceID("AOS02")], reason: "kernel", terms: terms))
    let three = try InstanceID("AOS03")
    _ = try await cluster.change(.drain([three], terms: terms))
    await cluster.killInstance("AOS03")
    try await cluster.until("it is gone") { $0[three]?.health == .unreachable }
    _ = try await cluster.change(.enable([three]))
    try await cluster.until("what it obeys is known") { $0[three]?.obeys != nil }
  }

  private static func recordAnswers(_ cluster: LiveCluster) async throws {
    let operators = cluster.operators
    for (path, file) in [
      ("/v1/status", "status"), ("/v1/actions", "actions"), ("/v1/history", "history"),
      ("/v1/handshake", "handshake"), ("/v1/instances/01%40BOX/sessions", "sessions"),
      ("/v1/license", "license"), ("/v1/access", "access"), ("/v1/cluster-key", "cluster-key"),
      ("/livez", "livez-balancer"),
    ] { try save(try await operators.raw(.get, path).bytes, file) }
    try save(try await cluster.instance("01@BOX").raw(.get, "/livez").bytes, "livez-instance")
    let token = try await operators.raw(
      .post, "/v1/tokens", body: .json(TokenRequest(role: .viewer, name: "wall")))
    try save(token.bytes, "token") { $0["token"] = "aos_0123456789_secret" }
    try save(try await operators.raw(.get, "/v1/tokens").bytes, "tokens")
    let one = try InstanceID("01@BOX")
    let previewed = try await operators.raw(
      .limit([one], to: 1), options: MutationOptions(dryRun: true))
    try save(previewed.bytes, "mutation")
    try save(try await operators.raw(.drain([one])).bytes, "problem")
  }

  private static func recordFeeds(_ cluster: LiveCluster) async throws {
    let one = try InstanceID("01@BOX")
    var feed = try await cluster.operators.events("/v1/feed", silenceMilliseconds: 60_000)
      .makeAsyncIterator()
    _ = try await data(of: "snapshot", &feed)
    _ = try await cluster.change(.limit([one], to: 9))
    try save(try await data(of: "action", &feed), "action")
    _ = try await cluster.change(.limit([one], to: 8))
    try save(try await data(of: "change", &feed) { $0.contains("admissionBy") }, "change")
    let session = SessionRequest(kind: .client, user: "eve", computer: "pc9")
    var events = try await cluster.instance("01@BOX").events(
      "/v1/sessions", method: .post, body: .json(session), silenceMilliseconds: 60_000
    ).makeAsyncIterator()
    try save(try await data(of: SessionEventName.open, &events), "session-open") {
      $0["secret"] = "secret"
    }
    let terms = DrainTerms(
      message: "Please log off", deadline: SystemClock.now.adding(milliseconds: 3_600_000))
    let all = ImpactWarning.allCases.map { OpenEnum.known($0) }
    _ = try await cluster.change(
      .drain([one], terms: terms), options: MutationOptions(acknowledge: all))
    try save(try await data(of: SessionEventName.notice, &events), "session-notice")
    for info in try await cluster.operators.sessions(of: one) {
      _ = try await cluster.operators.raw(.endSession(info.session, of: one))
    }
    try save(try await data(of: SessionEventName.end, &events), "session-end")
  }

  /// What a balancer and an instance tell each other.
  private static func recordJoin(_ cluster: LiveCluster) async throws {
    let socket = cluster.folder.path + "/i.sock"
    let address = try await cluster.start("AOS04") { $0.socketPath = socket }
    let instance = ClusterConnection(.unix(path: socket), transport: cluster.transport)
    var feed = try await instance.events("/v1/load", silenceMilliseconds: 60_000)
      .makeAsyncIterator()
    try save(try await data(of: LoadEventName.hello, &feed), "load-hello")
    try save(try await data(of: LoadEventName.load, &feed), "load-report")
    let request = JoinRequest(
      reach: InstanceReach(address), profile: InstanceProfile(role: .server(.both), ownMaximum: 10),
      version: ProgramVersion.current, startedAt: SystemClock.now)
    let joined = try await cluster.operators.raw(
      .put, "/v1/instances/AOS04", body: .json(request))
    let answer = try joined.decoded(JoinAnswer.self)
    try save(joined.bytes, "join") { $0["desired"] = "a.b.c" }
    let told = try await instance.raw(
      .put, "/v1/desired",
      body: RequestBody(contentType: "application/jwt", bytes: Array(answer.desired.utf8)))
    try save(told.bytes, "desired-answer")
    let parts = answer.desired.split(separator: ".")
    try save(try #require(Base64URL.decode(String(parts[1]))), "desired-claims")
  }

  // MARK: Tools

  /// The data of the next event of that name.
  private static func data(
    of name: String, _ events: inout EventStream.AsyncIterator,
    where isMeant: (String) -> Bool = { _ in true }
  ) async throws -> [UInt8] {
    while let item = try await events.next() {
      guard case .event(let event) = item, event.name == name, isMeant(event.data) else { continue }
      return Array(event.data.utf8)
    }
    throw NeverHappened(what: "an event \(name)")
  }

  /// Writes a body on a line. Secrets of the cluster, which is no more, are replaced all the same.
  private static func save(
    _ bytes: [UInt8], _ name: String, without secrets: ((inout [String: Any]) -> Void)? = nil
  ) throws {
    var data = Data(bytes)
    if let secrets {
      let value = try JSONSerialization.jsonObject(with: data)
      var object = try #require(value as? [String: Any])
      secrets(&object)
      data = try JSONSerialization.data(
        withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
    }
    try (data + Data("\n".utf8)).write(to: folder.appending(path: "\(name).json"))
  }
}
