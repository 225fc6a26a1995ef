internal import Glibc
internal import Synchronization

/// How many descriptors this process has in use: one count for all its doors, and for the
/// connections that it opens itself.
///
/// What is accepted or opened through here is counted one by one. Everything else, such as the
/// registry's files, its database connections and connections that are kept for later, is
/// counted by looking, as often as somebody asks.
package final class DescriptorLedger: Sendable {
  /// Of this process.
  package static let process = DescriptorLedger()

  private struct State {
    /// Connections that were accepted or opened, and have not ended.
    var held = 0
    /// Those of them that the process opened itself.
    var outgoing = 0
    /// All other descriptors, as of the last look.
    var others = 0
    var lookAgainAt: Int64?
  }

  private let state = Mutex(State())
  private let descriptors: Descriptors
  private let reserve: DescriptorReserve

  /// Looking takes some milliseconds where there are many thousands: it costs no more than a
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

  /// It is closed.
  func closed() { state.withLock { $0.held -= 1 } }

  /// The process wants to open a connection itself.
  ///
  /// - Parameter givesWay: It is for a question of somebody: half of the room that the process has
  ///   for sure is left to its own business, above all to deliveries.
  /// - Returns: Whether there is room; then `outgoingEnded` follows.
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

  /// What it opened the connection for is over. The connection may be kept for later, so it
  /// counts among the others until the next look.
  package func outgoingEnded() {
    state.withLock { state in
      state.held -= 1
      state.outgoing -= 1
      state.others += 1
    }
  }

  /// A connection that was accepted wants a second one, to where it leads: both are its client's.
  ///
  /// - Returns: Whether there is room; then `tunnelEnded` follows.
  package func tunnelBegins() -> Bool {
    state.withLock { state in
      guard used(&state) - min(reserve.own, state.outgoing) < reserve.refusesFrom else {
        return false
      }
      state.held += 1
      return true
    }
  }

  /// The second connection is closed.
  package func tunnelEnded() { closed() }

  /// How many are in use, or a few more.
  ///
  /// - Parameter own: This many connections that the process opened itself do not count.
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
    // All below the lowest free one are in use, whatever was counted.
    return max(lowest, state.held + state.others)
  }
}
