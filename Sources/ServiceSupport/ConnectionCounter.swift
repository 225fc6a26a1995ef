internal import ClusterAPI
internal import ClusterModel
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import Synchronization

/// Counts the connections at one door: from each address and in all.
final class ConnectionCounter: Sendable {
  /// What to do with a connection.
  enum Verdict {
    case enters
    case refused(Problem)
    /// Close it without an answer: there is no room even for refusals.
    case cut
  }

  private struct State {
    var counts: [NetworkKey: Int] = [:]
    /// The accepted connections.
    var total = 0
    /// Checks whether there is room again.
    var retry: (@Sendable () -> Void)?
    var isRetryPlanned = false
  }

  private let state = Mutex(State())
  private let limits: ServiceLimits
  private let reserve: DescriptorReserve
  private let ledger: DescriptorLedger
  private let logger: Logger

  init(
    limits: ServiceLimits, reserve: DescriptorReserve, logger: Logger,
    ledger: DescriptorLedger = .process
  ) {
    self.limits = limits
    self.reserve = reserve
    self.logger = logger
    self.ledger = ledger
  }

  /// - Parameter address: Nil on a Unix socket, where clients are not counted separately.
  func enter(_ address: NetworkKey?) -> Verdict {
    let used = ledger.used(leavingOut: reserve.own)
    let verdict = state.withLock { state in
      let verdict = judge(address, state, used)
      guard case .enters = verdict else { return verdict }
      state.total += 1
      if let address { state.counts[address, default: 0] += 1 }
      return verdict
    }
    if Self.isWorthALine(verdict) {
      logger.warning(
        "Connections are refused",
        metadata: ["open": "\(connections)", "files": "\(reserve.limit)"])
    }
    return verdict
  }

  func leave(_ address: NetworkKey?) {
    state.withLock { state in
      state.total -= 1
      guard let address, let count = state.counts[address] else { return }
      state.counts[address] = count > 1 ? count - 1 : nil
    }
  }

  private var connections: Int { state.withLock { $0.total } }

  private func judge(_ address: NetworkKey?, _ state: State, _ used: Int) -> Verdict {
    guard used <= reserve.cutsFrom else { return .cut }
    guard used <= reserve.refusesFrom else {
      return .refused(
        Problem(.overloaded, "This machine's limit on open connections is reached."))
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

  /// Whether to log the verdict. The limit of one address does not concern the daemon's operator.
  private static func isWorthALine(_ verdict: Verdict) -> Bool {
    switch verdict {
    case .enters: false
    case .refused(let problem): problem.name != .tooMany
    case .cut: true
    }
  }
}

/// While there is no room no connection is accepted: new ones wait in the kernel's queue.
extension ConnectionCounter: AvailableConnectionsDelegate {
  func connectionOpened() { ledger.opened() }

  func connectionClosed() { ledger.closed() }

  func isAcceptingNewConnections() -> Bool {
    guard ledger.used(leavingOut: reserve.own) >= reserve.waitsFrom else { return true }
    // The end of a connection at another door makes room as well, but there is no event for it
    // here.
    let retry = state.withLock { state -> (@Sendable () -> Void)? in
      guard !state.isRetryPlanned, let retry = state.retry else { return nil }
      state.isRetryPlanned = true
      return retry
    }
    retry?()
    return false
  }

  /// Starts to check a listening socket that waits for room.
  ///
  /// - Parameter channel: The listening socket.
  func watch(_ channel: any Channel) {
    watch {
      channel.eventLoop.scheduleTask(in: Self.retryPause) {
        self.state.withLock { $0.isRetryPlanned = false }
        channel.read()
      }
    }
    channel.closeFuture.whenComplete { _ in self.watch(nil) }
    channel.read()
  }

  /// - Parameter retry: Schedules another check; nil: no more checks.
  func watch(_ retry: (@Sendable () -> Void)?) {
    state.withLock { $0.retry = retry }
  }

  private static let retryPause = TimeAmount.milliseconds(250)
}
