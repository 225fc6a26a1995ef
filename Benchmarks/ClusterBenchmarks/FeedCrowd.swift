internal import RealPrograms
internal import Synchronization

/// Readers of the status feed of 100 instances, and 100 changes a second.
final class FeedCrowd {
  private static let instances = 100
  private static let changesPerSecond = 100
  private static let rounds = 5
  private static let first = 1_000

  let meter: Meter
  private let cluster: TestCluster
  private let log = Log()
  private var readers: [FeedReader] = []
  private var next = first

  init(_ programs: Programs) throws {
    cluster = try TestCluster(programs)
    try cluster.grow(to: Self.instances)
    meter = Meter(cluster.balancer)
  }

  deinit { for reader in readers { reader.close() } }

  /// What a number of readers costs, in rounds.
  struct Cost {
    /// Percent of a core.
    var processor = Rounds()
    /// Milliseconds: 99 of 100 events come earlier.
    var late = Rounds()
    var latencies = Latencies()
  }

  /// More readers come, and have had their snapshots when this ends.
  func grow(to count: Int) throws {
    let known = next - 1
    readers += try (readers.count..<count).map { [log] _ in
      let reader = Known(known)
      return try FeedReader(socket: cluster.socket()) { reader.heard($0, log) }
    }
    meter.waitUntilSteady()
  }

  func measure(seconds: Double = 1.5) -> Cost {
    var cost = Cost()
    for _ in 0..<Self.rounds {
      log.begin(at: next)
      let before = meter.read()
      next += cluster.change(
        perSecond: Self.changesPerSecond, seconds: seconds, startingAt: next,
        before: { [log] _ in log.sent() })
      cost.processor.add(meter.read().percent(since: before))
      SteadyClock.wait(seconds: 0.3)
      let latencies = log.end()
      cost.late.add(latencies.percentile(99))
      cost.latencies.add(latencies)
    }
    return cost
  }

  static func run(_ programs: Programs) throws -> [Figure] {
    let crowd = try FeedCrowd(programs)
    let memory = crowd.meter.residentMebibytes
    try crowd.grow(to: 1_000)
    let cost = crowd.measure()
    let (share, latencies) = (cost.processor, cost.latencies)
    let most = latencies.most
    return [
      Figure(
        what: "1,000 feed readers, 100 changes a second: the balancer",
        ours: share.text(" % of a core", decimals: 0)
          + ", \(crowd.meter.residentMebibytes.text(1)) MiB "
          + "(\(memory.text(1)) without readers)",
        bar: "\((share.median / 100).text(2)) cores (≤ 1)", verdict: .init(share.median <= 100)),
      Figure(
        what: "1,000 feed readers, 100 changes a second: how late they hear",
        ours: "median \(latencies.median.text(0)) ms, p99 \(cost.late.text(" ms", decimals: 0)), "
          + "\(latencies.count) events heard",
        bar: "worst \(most.text(0)) ms (≤ 250)", verdict: .init(most > 0 && most <= 250)),
    ]
  }
}

/// When each change was reported, and how late readers heard of it.
private final class Log: Sendable {
  private struct State {
    var first = 0
    var sentAt: [Int64] = []
    var latencies = Latencies()
  }
  private let state = Mutex(State())

  /// A round begins with this change.
  func begin(at first: Int) { state.withLock { $0 = State(first: first) } }

  func end() -> Latencies { state.withLock { $0.latencies } }

  func sent() { state.withLock { $0.sentAt.append(SteadyClock.nanoseconds) } }

  /// A reader that knew of changes up to `known` learns of later ones: the oldest of them is what
  /// it was behind.
  func heard(known: Int) {
    let now = SteadyClock.nanoseconds
    state.withLock { state in
      let oldest = known + 1 - state.first
      guard state.sentAt.indices.contains(oldest) else { return }
      state.latencies.add(nanoseconds: now - state.sentAt[oldest])
    }
  }
}

/// The newest change that one reader knows.
private final class Known: Sendable {
  private let number: Mutex<Int>

  init(_ number: Int) { self.number = Mutex(number) }

  func heard(_ next: Int, _ log: Log) {
    let before = number.withLock { number in
      defer { number = max(number, next) }
      return number
    }
    if next > before { log.heard(known: before) }
  }
}
