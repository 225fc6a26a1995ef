internal import ClusterAPI
internal import HummingbirdCore
internal import Logging
internal import Synchronization

/// Who is connected at one door: how many from each address, and how many in all.
final class ConnectionCounter: Sendable {
  /// What becomes of a connection.
  enum Verdict {
    case enters
    case refused(Problem)
    /// Not even that: there is no room for those that are refused.
    case cut
  }

  private struct State {
    var counts: [String: Int] = [:]
    /// Those that came in.
    var total = 0
    /// Those that are accepted and not closed, the refused ones among them.
    var open = 0
    /// Descriptors that are no connections of this door.
    var others = 0
    var countedAt: Int64?
    var lastLine: Int64?
  }

  private let state = Mutex(State())
  private let limits: ServiceLimits
  private let reserve: DescriptorReserve
  private let descriptors: Descriptors
  private let logger: Logger

  /// A flood writes one line in this time.
  private static let lineMilliseconds: Int64 = 60_000

  /// The descriptors of a process are counted no more often than this.
  private static let countMilliseconds: Int64 = 10_000

  init(
    limits: ServiceLimits, reserve: DescriptorReserve, logger: Logger,
    descriptors: Descriptors = Descriptors()
  ) {
    self.limits = limits
    self.reserve = reserve
    self.logger = logger
    self.descriptors = descriptors
  }

  /// - Parameter address: Nil on a Unix socket, where nobody is counted by himself.
  func enter(_ address: String?) -> Verdict {
    let (verdict, isWorthALine) = state.withLock { state in
      let verdict = judge(address, state, used(&state))
      guard case .enters = verdict else { return (verdict, Self.isWorthALine(&state, verdict)) }
      state.total += 1
      if let address { state.counts[address, default: 0] += 1 }
      return (verdict, false)
    }
    if isWorthALine {
      logger.warning(
        "Connections are refused; this is said once a minute",
        metadata: ["open": "\(connections)", "files": "\(reserve.limit)"])
    }
    return verdict
  }

  func leave(_ address: String?) {
    state.withLock { state in
      state.total -= 1
      guard let address, let count = state.counts[address] else { return }
      state.counts[address] = count > 1 ? count - 1 : nil
    }
  }

  private var connections: Int { state.withLock { $0.total } }

  /// How many descriptors are in use, or a few more.
  private func used(_ state: inout State) -> Int {
    let lowest = descriptors.lowestFree()
    guard lowest < reserve.limit else { return reserve.limit }
    // A hole among them tells of no more than what is below it, so connections count by number.
    state.others = state.open == 0 ? lowest : max(state.others, lowest - state.open)
    let used = state.others + state.open
    guard used >= reserve.refusesFrom else { return used }
    // What others let go meanwhile is seen by counting alone.
    let now = SystemClock.monotonicMilliseconds
    if let last = state.countedAt, now - last < Self.countMilliseconds { return used }
    state.countedAt = now
    state.others = max(0, descriptors.count() - state.open)
    return state.others + state.open
  }

  private func judge(_ address: String?, _ state: State, _ used: Int) -> Verdict {
    guard used <= reserve.cutsFrom else { return .cut }
    guard used <= reserve.refusesFrom else {
      return .refused(
        Problem(.overloaded, "As many connections are open as this machine lets it have."))
    }
    guard let address else { return .enters }
    if limits.connections > 0, state.total >= limits.connections {
      return .refused(Problem(.overloaded, "\(limits.connections) connections are open."))
    }
    let perAddress = limits.connectionsPerAddress
    if perAddress > 0, state.counts[address, default: 0] >= perAddress {
      return .refused(
        Problem(.tooMany, "\(perAddress) connections from this address are open."))
    }
    return .enters
  }

  /// One address alone is no matter for the daemon's operator.
  private static func isWorthALine(_ state: inout State, _ verdict: Verdict) -> Bool {
    if case .refused(let problem) = verdict, problem.name == .tooMany { return false }
    let now = SystemClock.monotonicMilliseconds
    if let last = state.lastLine, now - last < lineMilliseconds { return false }
    state.lastLine = now
    return true
  }
}

/// Nobody is accepted while there is no room for it: he waits in the kernel's queue.
extension ConnectionCounter: AvailableConnectionsDelegate {
  func connectionOpened() { state.withLock { $0.open += 1 } }

  func connectionClosed() { state.withLock { $0.open -= 1 } }

  /// With nobody there, nobody's end could bring the next one in.
  func isAcceptingNewConnections() -> Bool {
    state.withLock { state in used(&state) < reserve.waitsFrom || state.open == 0 }
  }
}
