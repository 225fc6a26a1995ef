import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import Logging
import Registry
import ServiceSupport
import Synchronization
import Testing

@testable import Balancing
@testable import BalancerService

@Suite("A balancer that has just started")
struct ReadinessTests {
  /// Notes the numbers of the feeds that are wanted, and opens none.
  private final class Feeds: EffectHandler {
    let numbers = Mutex<[InstanceID: Int]>([:])

    func carryOut(_ effect: Balancer.Effect) {
      guard case .openFeed(let id, _, let number, _) = effect else { return }
      numbers.withLock { $0[id] = number }
    }
  }

  @Test("right after the start of a balancer a change is decided when its instances were heard of")
  func decides() async throws {
    let folder = "/tmp/aos-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let registry = try await DatabaseRegistry.open(folder + "/cluster.db", cluster: "TEST")
    let (one, now) = (try InstanceID("AOS01"), SystemClock.moment)
    let row = Joining(
      reach: try InstanceReach(Address("127.0.0.1:9")),
      profile: InstanceProfile(role: .server(.both), ownMaximum: 10))
    let contents = try await registry.change(nil, at: now.wall, actor: "AOS01") { contents in
      contents =
        try Decision(
          .join(one, row), on: contents, live: LiveView(), actor: "AOS01", at: now.wall
        ).contents
      return []
    }.contents

    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let core = BalancerCore(
      feed: StatusFeed(epoch: "e", logger: logger), deliveryMilliseconds: 60_000)
    let feeds = Feeds()
    core.setEffectHandler(feeds)
    let settings = BalancerSettings(
      id: try InstanceID("LB1"), version: "0", startedAt: now.wall, registryKind: "sqlite")
    core.start(
      Balancer(settings: settings, contents: contents, actions: [], seed: 1, now: now),
      contents: contents)
    let readiness = Readiness()
    let runner = MutationRunner(
      registry: registry, core: core, readiness: readiness,
      addresses: AddressLookup(hosts: HostLookup(), core: core), logger: logger)
    let drain = MutationMachine.Request(.command(.drain([one])), actor: "ana")
    var preview = drain
    preview.isDryRun = true
    var elsewhere = row
    elsewhere.reach.address = try Address("127.0.0.1:10")
    let move = MutationMachine.Request(.join(one, elsewhere), actor: "AOS01")

    let drained = Task { try await runner.run(drain) }
    let previewed = Task { [preview] in try await runner.answer(preview).impact.warnings }
    let moved = Task { try await runner.run(move) }
    for _ in 0..<100 { await Task.yield() }
    let number = try #require(feeds.numbers.withLock { $0[one] })
    core.run { balancer, now in
      let hello = LoadFeedHello(
        id: one, cluster: "TEST", profile: InstanceProfile(role: .server(.both), ownMaximum: 10),
        startedAt: now.wall, version: "0", claim: ObeyClaim(revision: 0))
      return balancer.feed(one, number: number, .hello(hello), now: now)
    }
    readiness.becomeReady()

    let refusal = await #expect(throws: Problem.self) { try await drained.value }
    #expect(refusal?.name == .needsAcknowledgement)
    #expect(try await previewed.value == [.lastServer, .lastBatchServer])
    let joined = await #expect(throws: Problem.self) { try await moved.value }
    #expect(joined?.name == .alreadyExists)
    await registry.close()
  }

  @Test("that stops before it was ready keeps nobody waiting")
  func stops() async throws {
    let readiness = Readiness()
    let waiting = Task { try await readiness.wait() }
    readiness.giveUp()
    await #expect(throws: CancellationError.self) { try await waiting.value }
  }
}
