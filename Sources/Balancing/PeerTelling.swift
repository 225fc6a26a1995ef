internal import ClusterModel

/// What this balancer reports to the others about its reservations: everything to a new reader, and
/// then the changes. While changes come, everything is repeated now and then, for a reader that
/// missed one.
struct PeerTelling: Sendable {
  private static let completeMilliseconds: Int64 = 2_000
  private static let handshakesMilliseconds: Int64 = 1_000

  private let mark: String
  /// The tickets of this process that each instance has reported.
  private var arrivals: [InstanceID: Int] = [:]
  /// Instances that may have changed since the last report.
  private var touched: Set<InstanceID> = []
  /// The last reported state of each instance.
  private var told: [InstanceID: PeerReport.Entry] = [:]
  private var toldHandshakes = HandshakeCount()
  private var sequence = 0
  private var toldAt: Int64?
  private var completeAt: Int64?
  private var hasChangedSinceComplete = false

  /// - Parameter mark: The common beginning of this process's tickets; empty: nothing is reported.
  init(mark: String) { self.mark = mark }

  mutating func touch(_ id: InstanceID) { touched.insert(id) }

  /// An instance reported a ticket.
  ///
  /// - Returns: Whether it is a ticket of this process.
  mutating func arrived(_ ticket: String, at id: InstanceID) -> Bool {
    guard ticket.begins(with: mark) else { return false }
    arrivals[id, default: 0] += 1
    return true
  }

  /// An instance is no longer a member.
  mutating func forget(_ id: InstanceID) { (arrivals[id], told[id]) = (nil, nil) }

  /// Whether there may be something to report.
  func hasNews(_ handshakes: HandshakeCount, now: Int64) -> Bool {
    !touched.isEmpty || isCompleteDue(now) || areDue(handshakes, now)
  }

  /// The changes since the last report, or everything where that is due. Nil: nothing.
  mutating func news(
    _ reservations: Reservations, _ handshakes: HandshakeCount, now: Int64
  ) -> PeerReport? {
    let isComplete = isCompleteDue(now)
    let changed = takeChanged(reservations)
    guard isComplete || !changed.isEmpty || areDue(handshakes, now) else { return nil }
    sequence += 1
    (toldAt, toldHandshakes) = (now, handshakes)
    if isComplete {
      (completeAt, hasChangedSinceComplete) = (now, false)
      return complete(reservations, handshakes)
    }
    hasChangedSinceComplete = hasChangedSinceComplete || !changed.isEmpty
    completeAt = completeAt ?? now
    return PeerReport(
      tickets: mark, sequence: sequence, complete: false, handshakes: handshakes,
      instances: changed)
  }

  /// Everything in its present state, for a new reader.
  func complete(_ reservations: Reservations, _ handshakes: HandshakeCount) -> PeerReport {
    let ids = Set(reservations.instances).union(arrivals.keys).sorted()
    return PeerReport(
      tickets: mark, sequence: sequence, complete: true, handshakes: handshakes,
      instances: ids.map { entry($0, reservations) })
  }

  private mutating func takeChanged(_ reservations: Reservations) -> [PeerReport.Entry] {
    defer { touched = [] }
    var changed: [PeerReport.Entry] = []
    for id in touched.sorted() {
      let entry = entry(id, reservations)
      guard entry != told[id] ?? PeerReport.Entry(id: id, reserved: 0, arrived: 0) else {
        continue
      }
      told[id] = entry
      changed.append(entry)
    }
    return changed
  }

  private func entry(_ id: InstanceID, _ reservations: Reservations) -> PeerReport.Entry {
    PeerReport.Entry(
      id: id, reserved: min(reservations[id], Limits.sessions), arrived: arrivals[id, default: 0])
  }

  private func isCompleteDue(_ now: Int64) -> Bool {
    hasChangedSinceComplete
      && completeAt.map { now - $0 >= Self.completeMilliseconds } != false
  }

  private func areDue(_ handshakes: HandshakeCount, _ now: Int64) -> Bool {
    handshakes != toldHandshakes
      && toldAt.map { now - $0 >= Self.handshakesMilliseconds } != false
  }
}

extension String {
  /// Compares bytes. Nothing begins with an empty mark.
  func begins(with mark: String) -> Bool { !mark.isEmpty && utf8.starts(with: mark.utf8) }
}
