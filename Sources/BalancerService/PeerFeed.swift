internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import NIOCore
internal import ServiceSupport
internal import Synchronization

/// The other balancers that read the reservations of this one, over `GET /v1/peer`.
///
/// A report is encoded once for all. A slow reader gets no more until it has read everything, and
/// then a complete report.
final class PeerFeed: Sendable {
  private struct Reader {
    let balancer: String
    let outbox: Outbox
    let endsAt: Int64
    /// Whether it must get a complete report before it gets changes.
    var isBehind = true
  }

  private struct State {
    var readers: [Int: Reader] = [:]
    var lastKey = 0
    var isFinished = false
  }

  static let eventName = "reservations"
  /// A feed ends after this time, soon after its token expires.
  private static let lifetimeMilliseconds: Int64 = 3_600_000

  private let state = Mutex(State())
  private let count = Atomic(0)

  init() {}

  /// Whether anybody reads.
  var hasReaders: Bool { count.load(ordering: .relaxed) > 0 }

  /// Sends a report to all readers. Reports that overtake each other do no harm.
  func publish(_ report: PeerReport) {
    guard let bytes = Self.encode(report) else { return }
    state.withLock { state in
      for (key, reader) in state.readers where !reader.isBehind {
        if reader.outbox.put(bytes) == .full { state.readers[key]?.isBehind = true }
      }
    }
  }

  /// Adds a reader. Of one balancer the two newest feeds are kept: one, and the one that replaces
  /// it.
  ///
  /// - Parameter balancer: Its id; empty for a reader on this machine.
  /// - Throws: `Problem`, `too-many`.
  func subscribe(
    of balancer: String, core: BalancerCore
  ) throws -> (key: Int, outbox: Outbox) {
    let outbox = Outbox(limit: 2 * Limits.peerReportBytes)
    let endsAt = SystemClock.monotonicMilliseconds + Self.lifetimeMilliseconds
    let key = try state.withLock { state in
      let own = state.readers.filter { $0.value.balancer == balancer }.keys.sorted()
      for key in own.dropLast(Limits.feedsPerBalancer - 1) {
        state.readers.removeValue(forKey: key)?.outbox.finish()
      }
      guard state.readers.count < Limits.feeds else {
        throw Problem(.tooMany, "\(Limits.feeds) balancers read already.")
      }
      state.lastKey += 1
      state.readers[state.lastKey] = Reader(balancer: balancer, outbox: outbox, endsAt: endsAt)
      if state.isFinished { outbox.finish() }
      count.store(state.readers.count, ordering: .relaxed)
      return state.lastKey
    }
    catchUp(core: core)
    return (key, outbox)
  }

  func unsubscribe(_ key: Int) {
    state.withLock { state in
      state.readers[key] = nil
      count.store(state.readers.count, ordering: .relaxed)
    }
  }

  /// Sends a complete report to readers that are new or fell behind, once they have read
  /// everything, and ends feeds that have lasted long enough. Call it a few times a second.
  func catchUp(core: BalancerCore) {
    guard hasReaders else { return }
    let now = SystemClock.monotonicMilliseconds
    let behind = state.withLock { state -> [Outbox] in
      for reader in state.readers.values where reader.endsAt <= now { reader.outbox.finish() }
      let keys = state.readers.filter { $0.value.isBehind && $0.value.outbox.isIdle }.keys
      for key in keys { state.readers[key]?.isBehind = false }
      return keys.compactMap { state.readers[$0]?.outbox }
    }
    // A change that is sent in between has the higher sequence, so the order does not matter.
    guard !behind.isEmpty,
      let report = try? core.read({ $0.completePeerReport(now: $1) }),
      let bytes = Self.encode(report)
    else { return }
    for outbox in behind { outbox.put(bytes) }
  }

  /// Nothing more is sent.
  func finish() {
    let outboxes = state.withLock { state in
      state.isFinished = true
      return state.readers.values.map(\.outbox)
    }
    for outbox in outboxes { outbox.finish() }
  }

  private static func encode(_ report: PeerReport) -> ByteBuffer? {
    guard let json = try? WireJSON.encode(report) else { return nil }
    let event = ServerSentEvent(name: eventName, data: String(decoding: json, as: UTF8.self))
    return ByteBuffer(bytes: event.bytes)
  }
}
