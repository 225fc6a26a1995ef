internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ClusterTrust
internal import Logging
internal import ServiceLifecycle
internal import ServiceSupport
internal import Synchronization

/// Reads the reservations of the other balancers, and opens each feed again when it has ended.
final class PeerFeedKeeper: ServiceLifecycle.Service {
  private struct Reading {
    let endpoint: Endpoint
    let task: Task<Void, Never>
  }

  private let id: InstanceID
  private let cluster: String
  private let core: BalancerCore
  private let keys: SigningKeys
  private let transport: HTTPTransport
  private let silenceMilliseconds: Int64
  private let logger: Logger
  private let readings = Mutex<[InstanceID: Reading]>([:])
  private let lastFeed = Atomic(0)

  private static let complaint =
    "its feed sent more than \(Limits.feedEventsPerSecond) events or "
    + "\(Limits.peerBytesPerSecond >> 10) KiB a second"
  private static let rate = StreamRate(
    bytesPerSecond: 2 * Limits.peerBytesPerSecond, bytesAtOnce: 2 * Limits.peerBytesAtOnce)
  /// A feed that has lasted this long is opened again without a pause.
  private static let longMilliseconds: Int64 = 10_000

  init(_ configuration: BalancerConfiguration, core: BalancerCore, transport: HTTPTransport) {
    (id, cluster) = (configuration.id, configuration.cluster)
    (self.core, self.transport) = (core, transport)
    keys = SigningKeys(core: core)
    silenceMilliseconds = configuration.silenceMilliseconds
    logger = configuration.logger
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      repeat { self.keep() } while (try? await Task.sleep(for: .seconds(1))) != nil
    }
    let all = readings.withLock { readings in
      defer { readings = [:] }
      return readings.values.map(\.task)
    }
    for task in all { task.cancel() }
  }

  /// Reads from every other balancer of the registry, at its address there.
  private func keep() {
    let peers = (try? core.read { balancer, _ in balancer.peers }) ?? []
    let wanted = peers.sorted { $0.id < $1.id }.prefix(Limits.peerFeeds)
    let endpoints = Dictionary(
      uniqueKeysWithValues: wanted.map { ($0.id, Endpoint($0.address, tls: $0.tls)) })
    readings.withLock { readings in
      for (peer, reading) in readings where endpoints[peer] != reading.endpoint {
        reading.task.cancel()
        readings[peer] = nil
      }
      for (peer, endpoint) in endpoints where readings[peer] == nil {
        let task = Task.detached { await self.follow(peer, at: endpoint) }
        readings[peer] = Reading(endpoint: endpoint, task: task)
      }
    }
  }

  private func follow(_ peer: InstanceID, at endpoint: Endpoint) async {
    var backoff = Backoff()
    var lastReason = ""
    while !Task.isCancelled {
      let feed = lastFeed.add(1, ordering: .relaxed).newValue
      let start = SystemClock.monotonicMilliseconds
      let reason = await read(peer, at: endpoint, feed: feed)
      core.run { balancer, _ in
        balancer.peerFeedEnded(peer, feed: feed)
        return []
      }
      guard !Task.isCancelled else { return }
      if SystemClock.monotonicMilliseconds - start >= Self.longMilliseconds {
        (backoff, lastReason) = (Backoff(), "")
      }
      if reason != lastReason {
        logger.info(
          "The reservations of \(peer) are not heard; its own count for them",
          metadata: ["reason": "\(reason)"])
      }
      lastReason = reason
      let pause = backoff.next(random: .random(in: 0...1))
      guard (try? await Task.sleep(for: .milliseconds(pause))) != nil else { return }
    }
  }

  /// Reads a feed to its end.
  ///
  /// - Returns: Why it has ended.
  private func read(_ peer: InstanceID, at endpoint: Endpoint, feed: Int) async -> String {
    let meter = FeedMeter(
      FeedBudget(
        bytesPerSecond: Limits.peerBytesPerSecond, bytesAtOnce: Limits.peerBytesAtOnce))
    do {
      let token = try await keys.current.balancerToken(
        balancer: id, instance: peer, cluster: cluster, now: SystemClock.now)
      let stream = try await ClusterConnection(endpoint, token: token, transport: transport).events(
        "/v1/peer", silenceMilliseconds: silenceMilliseconds,
        longestEvent: Limits.peerReportBytes, rate: Self.rate,
        mayTake: { meter.spend(bytes: $0) })
      for try await item in stream {
        guard meter.spend(item) else { return Self.complaint }
        guard case .event(let event) = item, event.name == PeerFeed.eventName else { continue }
        let report = try WireJSON.decode(PeerReport.self, from: event.data.utf8)
        core.run { balancer, now in
          balancer.heard(report, from: peer, feed: feed, now: now)
          return []
        }
      }
      return "its feed has ended"
    } catch ClientFailure.malformed(EventStream.excess) {
      return Self.complaint
    } catch {
      return PlainText.told(error, by: peer.text)
    }
  }
}
