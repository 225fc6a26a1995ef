internal import Glibc
internal import Synchronization

/// Counts the descriptors that this process uses, for all its doors and for the connections that it
/// opens itself.
///
/// Connections that are accepted or opened through here are counted one by one. Everything else,
/// such as the registry's files, its database connections and pooled connections, is counted by
/// looking whenever somebody asks.
package final class DescriptorLedger: Sendable {
  /// The ledger of this process.
  package static let process = DescriptorLedger()

  private struct State {
    /// The connections that were accepted or opened and have not ended.
    var held = 0
    /// How many of them the process opened itself.
    var outgoing = 0
    /// All other descriptors, as of the last look.
    var others = 0
    var lookAgainAt: Int64?
  }

  private let state = Mutex(State())
  private let descriptors: Descriptors
  private let reserve: DescriptorReserve

  /// A look takes some milliseconds with many thousands of descriptors. So looks take at most a
  /// fiftieth of the time.
  private static let pauseMilliseconds: Int64 = 250
  private static let perMillisecond = 20

  init(
    _ descriptors: Descriptors = Descriptors(),
    reserve: DescriptorReserve = DescriptorReserve(isForOperators: false)
  ) {
    self.descriptors = descriptors
    self.reserve = reserve
  }

  /// A connection was accepted.
  func opened() { state.withLock { $0.held += 1 } }

  /// An accepted connection was closed.
  func closed() { state.withLock { $0.held -= 1 } }

  /// The process wants to open a connection itself.
  ///
  /// - Parameter givesWay: Whether this is for somebody's question. Half of the room that is
  ///   reserved for the process then stays free for its own work, above all for deliveries.
  /// - Returns: Whether there is room. If so, call `outgoingEnded` later.
  package func outgoingBegins(givesWay: Bool = false) -> Bool {
    state.withLock { state in
      let used = used(&state)
      let left = givesWay ? reserve.own / 2 : 0
      guard used < reserve.opensUntil - left else { return false }
      guard
        state.outgoing < reserve.own - left || used - reserve.own < reserve.opensMoreUntil - left
      else {
        return false
      }
      state.held += 1
      state.outgoing += 1
      return true
    }
  }

  /// The connection is no longer needed. It may stay open in a pool, so it counts among the others
  /// until the next look.
  package func outgoingEnded() {
    state.withLock { state in
      state.held -= 1
      state.outgoing -= 1
      state.others += 1
    }
  }

  /// An accepted connection wants a second one, to its application. Both belong to its client.
  ///
  /// - Returns: Whether there is room. If so, call `tunnelEnded` later.
  package func tunnelBegins() -> Bool {
    state.withLock { state in
      guard used(&state) - min(reserve.own, state.outgoing) < reserve.refusesFrom else {
        return false
      }
      state.held += 1
      return true
    }
  }

  /// The second connection was closed.
  package func tunnelEnded() { closed() }

  /// The number of descriptors in use, or slightly more.
  ///
  /// - Parameter own: How many of the process's own connections do not count.
  func used(leavingOut own: Int = 0) -> Int {
    state.withLock { state in
      let used = used(&state)
      return used == .max ? used : used - min(own, state.outgoing)
    }
  }

  private func used(_ state: inout State) -> Int {
    let lowest = descriptors.lowestFree()
    guard lowest < .max else { return .max }
    let now = SystemClock.monotonicMilliseconds
    if state.lookAgainAt.map({ $0 <= now }) ?? true {
      let count = descriptors.count()
      state.others = max(0, count - state.held)
      state.lookAgainAt = now + max(Self.pauseMilliseconds, Int64(count / Self.perMillisecond))
    }
    // All descriptors below the lowest free one are in use, whatever was counted.
    return max(lowest, state.held + state.others)
  }
}
