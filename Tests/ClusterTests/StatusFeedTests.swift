import ClusterAPI
import ClusterClient
import ClusterModel
import Logging
import NIOCore
import ServiceSupport
import Testing

@testable import Balancing
@testable import BalancerService

@Suite("What a balancer tells of the present and the past")
struct StatusFeedTests {
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func action(_ id: Int64, _ result: String) -> ActionRecord {
    ActionRecord(
      id: id, at: SystemClock.now, actor: "ana", action: .limit, instance: nil, reason: nil,
      result: result, delivered: nil)
  }

  @Test("a reader of the status feed that cannot keep up gets a new snapshot when it has caught up")
  func slowReader() async throws {
    let feed = StatusFeed(epoch: "e", logger: logger)
    let core = BalancerCore(feed: feed, deliveryMilliseconds: 1)
    let now = SystemClock.moment
    let contents = RegistryContents(cluster: "TEST", epoch: "r", revision: 1)
    let settings = BalancerSettings(
      id: try InstanceID("LB1"), version: "0", startedAt: now.wall, registryKind: "sqlite")
    core.start(
      Balancer(settings: settings, contents: contents, actions: [], seed: 1, now: now),
      contents: contents)
    let (_, outbox) = try feed.subscribe(lastEventID: nil, core: core)
    let megabyte = String(repeating: "x", count: 1 << 20)
    for id in 1...9 { core.record(action(Int64(id), megabyte)) }
    core.record(action(10, "missed by a reader that is behind"))
    feed.catchUp(core: core)

    var old = try #require(await outbox.next())
    #expect(old.readableBytes <= 8 << 20)
    #expect(!(old.readString(length: old.readableBytes) ?? "").contains("missed by"))
    feed.catchUp(core: core)
    let bytes = try #require(await outbox.next())
    var parser = ServerSentEventParser()
    let items = try parser.consume(bytes.readableBytesView)
    guard case .event(let event) = items.first else {
      Issue.record("no event but \(items)")
      return
    }
    #expect(event.name == "snapshot")
    let snapshot: ClusterSnapshot = try WireJSON.decode(from: event.data.utf8)
    #expect(snapshot.actions.first?.result == "missed by a reader that is behind")
    // It is told what comes from then on.
    core.record(action(11, "later"))
    var next = try #require(await outbox.next())
    #expect((next.readString(length: next.readableBytes) ?? "").contains("later"))
  }

  @Test("the history has a value of every server for each ten seconds, oldest first, for an hour")
  func history() throws {
    let keeper = LoadHistoryKeeper()
    var snapshot = ClusterSnapshot(
      cluster: "TEST", sequence: 0, at: SystemClock.now,
      balancer: BalancerStatus(
        id: try InstanceID("LB1"), version: "0", startedAt: SystemClock.now,
        registry: .init(kind: "sqlite", state: .available)),
      license: RegistryContents(cluster: "TEST", epoch: "r").licenseSummary(at: SystemClock.now),
      handshakes: HandshakeCount(), instances: [], handshakeList: [], actions: [])
    var one = BalancedInstance(
      RegisteredInstance(
        id: try InstanceID("AOS01"), reach: try InstanceReach(Address("h:1")),
        profile: InstanceProfile(role: .server(.both), ownMaximum: 10),
        record: AdmissionRecord(.accepting, at: SystemClock.now, by: "ana"), registration: 1,
        seat: 1, revision: 1),
      health: .alive, since: SystemClock.now)
    for connected in 1...400 {
      one.connected = connected
      snapshot.insert(one.status(reserved: 0))
      keeper.sample(snapshot)
    }
    let hour = keeper.history(minutes: 60)
    #expect(hour.step == 10)
    #expect(hour.instances["AOS01"] == (41...400).map { [$0, 10] })
    #expect(keeper.history(minutes: 1).instances["AOS01"] == (395...400).map { [$0, 10] })
    #expect(hour.at == snapshot.at)
    #expect(hour.cluster.map(\.sessions) == Array(41...400))
    #expect(hour.cluster.allSatisfy { $0.capacity == 10 && $0.spread == 0 })
    #expect(keeper.history(minutes: 1).cluster.map(\.sessions) == Array(395...400))
    snapshot.remove(try InstanceID("AOS01"))
    keeper.sample(snapshot)
    #expect(keeper.history(minutes: 60).instances.isEmpty)
  }

  @Test("/v1/history answers with its step and the servers alone")
  func historyRoute() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      let history: LoadHistory = try await cluster.operators.get("/v1/history?minutes=5")
      #expect(history.step == 10)
      #expect(history.instances["LB1"] == nil)
      #expect(history.instances.values.allSatisfy { $0.count <= 30 })
    }
  }
}

extension BalancerCore {
  fileprivate func record(_ action: ActionRecord) {
    run { balancer, _ in
      balancer.record(action)
      return []
    }
  }
}
