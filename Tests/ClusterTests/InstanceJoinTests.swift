internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import HTTPTypes
internal import Logging
internal import ServiceSupport
internal import Synchronization
internal import TestSupport
internal import Testing

@Suite("How an instance joins, against a balancer that says what the test wants")
struct InstanceJoinTests {
  @Test("it asks the next endpoint when one is away, and says who it is")
  func failover() async throws {
    try await InstanceFixture.run(joined: false) { fixture in
      let balancer = ScriptedBalancer(at: fixture.folder + "/lb.sock")
      balancer.answer(with: try await fixture.joinAnswer(revision: 3))
      try await fixture.restart(
        joiningAt: [.unix(path: fixture.folder + "/away.sock"), balancer.endpoint])
      let request = try await balancer.joins(1)[0]
      #expect(request.reach.address == fixture.address)
      #expect(request.profile.role == .server(.application))
      #expect(request.profile.ownMaximum == 10)
      try await fixture.untilServed()
      await balancer.stop()
    }
  }

  @Test("an answer that is not the cluster's own is not obeyed, and it asks again")
  func distrusted() async throws {
    try await InstanceFixture.run(joined: false) { fixture in
      let good = try await fixture.joinAnswer(revision: 3)
      var otherKey = good
      otherKey.publicKey = ClusterKey().publicKey.text
      var otherCluster = good
      otherCluster.cluster = "PROD"
      var garbage = good
      garbage.desired = "garbage"
      let balancer = ScriptedBalancer(at: fixture.folder + "/lb.sock")
      for answer in [otherKey, otherCluster, garbage, good] { balancer.answer(with: answer) }
      try await fixture.restart(joiningAt: [balancer.endpoint])
      try await fixture.untilServed()
      #expect(try await balancer.joins(4).count >= 4)
      await balancer.stop()
    }
  }

  @Test("an instance of one cluster does not change to another by mistake")
  func otherCluster() async throws {
    try await InstanceFixture.run { fixture in
      try await fixture.obey(admission: .rejecting)
      let stranger = ClusterKey()
      var state = fixture.desired(revision: 9, epoch: "e9")
      state.cluster = "PROD"
      let answer = JoinAnswer(
        cluster: "PROD", publicKey: stranger.publicKey.text,
        desired: try await stranger.sign(state))
      let balancer = ScriptedBalancer(at: fixture.folder + "/lb.sock")
      balancer.answer(with: answer)
      try await fixture.restart(joiningAt: [balancer.endpoint])
      _ = try await balancer.joins(2)
      #expect(try await fixture.refusal() == .rejectingClients)
      #expect(try await fixture.client.livez().cluster == "TEST")
      await balancer.stop()
    }
  }

  @Test("a new registry of its cluster is obeyed from the join on, with its new key")
  func newRegistry() async throws {
    try await InstanceFixture.run { fixture in
      try await fixture.obey(admission: .rejecting)
      let newKey = ClusterKey()
      let answer = JoinAnswer(
        cluster: "TEST", publicKey: newKey.publicKey.text,
        desired: try await newKey.sign(fixture.desired(revision: 1, epoch: "e2")))
      let balancer = ScriptedBalancer(at: fixture.folder + "/lb.sock")
      balancer.answer(with: answer)
      try await fixture.restart(joiningAt: [balancer.endpoint])
      try await fixture.untilServed()
      let old = try await fixture.key.sign(fixture.desired(revision: 99))
      #expect(
        await refusalName(of: { try await fixture.client.putDesired(old) }) == .unauthorized)
      await balancer.stop()
    }
  }

  @Test("another key than the cluster's is not trusted over a line that anybody can write on")
  func impostor() async throws {
    try await InstanceFixture.run { fixture in
      try await fixture.obey(admission: .rejecting)
      let theirs = ClusterKey()
      let balancer = try await ScriptedBalancer()
      balancer.answer(
        with: JoinAnswer(
          cluster: "TEST", publicKey: theirs.publicKey.text,
          desired: try await theirs.sign(fixture.desired(revision: 1, epoch: "evil"))))
      try await fixture.restart(joiningAt: [balancer.endpoint])
      _ = try await balancer.joins(2)
      #expect(try await fixture.refusal() == .rejectingClients)
      await balancer.stop()
    }
  }

  @Test("one that was removed while it was away obeys that when it asks")
  func removed() async throws {
    try await InstanceFixture.run { fixture in
      let document = try await fixture.key.sign(fixture.desired(revision: 8, removed: true))
      let balancer = ScriptedBalancer(at: fixture.folder + "/lb.sock")
      balancer.answer(with: Problem(.removed, "AOS01 was removed.", desired: document))
      try await fixture.restart(joiningAt: [balancer.endpoint])
      _ = try await balancer.joins(1)
      var feed = try await LoadFeedReader(fixture.operators)
      while try await fixture.refusal() != .removed { _ = try await feed.next() }
      await balancer.stop()
    }
  }
}

extension InstanceFixture {
  func joinAnswer(revision: Int64) async throws -> JoinAnswer {
    JoinAnswer(
      cluster: "TEST", publicKey: key.publicKey.text,
      desired: try await key.sign(desired(revision: revision)))
  }

  func restart(joiningAt endpoints: [Endpoint]) async throws {
    await stop()
    try await start(configuration(join: endpoints))
  }

  /// Asks until clients are let in.
  func untilServed() async throws {
    try await eventually("it is ready") {
      try await client.raw(.get, "/readyz").status
    } is: {
      $0 == 200
    }
    try await eventually("it lets clients in") {
      try await refusal()
    } is: {
      $0 == nil
    }
  }
}

/// Answers joins on a Unix socket: each answer once, the last one forever.
final class ScriptedBalancer: Sendable {
  private enum Script: Sendable {
    case join(JoinAnswer)
    case problem(Problem)
  }
  private struct State {
    var script: [Script] = []
    var joins: [JoinRequest] = []
  }

  private final class Book: Sendable {
    let state = Mutex(State())
    let (asked, ask) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  private let book = Book()
  private let running: RunningService
  let endpoint: Endpoint

  init(at path: String) {
    endpoint = .unix(path: path)
    running = Self.serve(book, at: .unix(path: path)) { _ in }
  }

  /// On a port of this machine, without TLS.
  init() async throws {
    let port = OneTimeValue<Int>()
    running = Self.serve(book, at: .tcp(host: "127.0.0.1", port: 0)) {
      port.resolve(.success($0 ?? 0))
    }
    endpoint = .http(try Address(host: "127.0.0.1", port: try await port.value))
  }

  private static func serve(
    _ book: Book, at address: ListenAddress, onListening: @escaping @Sendable (Int?) -> Void
  ) -> RunningService {
    let route = ServiceRoute(.put, "/v1/instances/:id", .open) { request, _ in
      let join: JoinRequest = try await request.mutation()
      let script = book.state.withLock { state in
        state.joins.append(join)
        return state.script.count > 1 ? state.script.removeFirst() : state.script.first
      }
      book.ask.yield()
      switch script {
      case .join(let answer): return try .init(json: answer)
      case .problem(let problem): throw problem
      case nil: throw Problem(.notReady, "Nothing to say.")
      }
    }
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let responder = ServiceResponder(routes: [route]) { _, _, _ in throw Problem(.forbidden, "") }
    let listener = Listener(address, responder: responder, logger: logger) {
      onListening($0)
    }
    return RunningService([listener], logger: logger)
  }

  func answer(with answer: JoinAnswer) {
    book.state.withLock { $0.script.append(.join(answer)) }
  }

  func answer(with problem: Problem) {
    book.state.withLock { $0.script.append(.problem(problem)) }
  }

  /// Waits until it was asked this many times.
  func joins(_ count: Int) async throws -> [JoinRequest] {
    for await _ in book.asked {
      let joins = book.state.withLock(\.joins)
      if joins.count >= count { return joins }
    }
    throw Unexpected("the instance does not join")
  }

  func stop() async {
    await running.stop()
  }
}
