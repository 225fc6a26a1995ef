internal import RealPrograms
internal import Synchronization

/// 1,000 readers of the status feed, and 100 changes a second.
enum FeedCrowd {
  private static let readers = 1_000
  private static let rate = 100
  private static let seconds = 6.0
  private static let first = 1_000

  /// When each change was reported, and how late readers heard of it.
  private final class Log: Sendable {
    private struct State {
      var sentAt: [Int64] = []
      var latencies = Latencies()
    }
    private let state = Mutex(State())

    func sent() { state.withLock { $0.sentAt.append(SteadyClock.nanoseconds) } }

    /// A reader that knew of changes up to `known` hears of those up to `number`: the oldest of
    /// them is what it was behind.
    func heard(_ number: Int, known: Int) {
      let now = SteadyClock.nanoseconds
      state.withLock { state in
        let oldest = known + 1 - FeedCrowd.first
        guard state.sentAt.indices.contains(oldest) else { return }
        state.latencies.add(nanoseconds: now - state.sentAt[oldest])
      }
    }

    var latencies: Latencies { state.withLock { $0.latencies } }
  }

  static func run(_ programs: Programs) throws -> [Figure] {
    let cluster = try TestCluster(programs)
    try cluster.grow(to: 100)
    let meter = Meter(cluster.balancer)
    let log = Log()
    let memory = meter.residentMebibytes
    let readers = try (0..<readers).map { _ in
      let known = Known()
      return try FeedReader(socket: cluster.socket()) { known.heard($0, log) }
    }
    defer { for reader in readers { reader.close() } }
    meter.waitUntilSteady()  // each has had its snapshot
    let before = meter.read()
    cluster.change(
      perSecond: rate, seconds: seconds, startingAt: first, before: { _ in log.sent() })
    let after = meter.read()
    SteadyClock.wait(seconds: 0.5)
    let share = after.percent(since: before)
    let latencies = log.latencies
    let most = latencies.most
    return [
      Figure(
        what: "1,000 feed readers, 100 changes a second: the balancer",
        ours: "\(share.text(0)) % of a core, \(meter.residentMebibytes.text(1)) MiB "
          + "(\(memory.text(1)) without readers)",
        bar: "\((share / 100).text(2)) cores (≤ 1)", verdict: .init(share <= 100)),
      Figure(
        what: "1,000 feed readers, 100 changes a second: how late they hear",
        ours: "median \(latencies.median.text(0)) ms, p99 \(latencies.percentile(99).text(0)) ms, "
          + "\(latencies.count) events heard",
        bar: "worst \(most.text(0)) ms (≤ 250)", verdict: .init(most > 0 && most <= 250)),
    ]
  }

  /// The newest change that one reader knows.
  private final class Known: Sendable {
    private let number = Mutex(FeedCrowd.first - 1)

    func heard(_ next: Int, _ log: Log) {
      let before = number.withLock { number in
        defer { number = max(number, next) }
        return number
      }
      if next > before { log.heard(next, known: before) }
    }
  }
}
