internal import ClusterModel

/// What the other balancers hear of this one's reservations: everything to one that begins to
/// read, then what changed; and everything again while changes come, for a reader that missed one.
struct PeerTelling: Sendable {
  private static let completeMilliseconds: Int64 = 2_000
  private static let handshakesMilliseconds: Int64 = 1_000

  private let mark: String
  /// Tickets of this process, by the instance that has named them.
  private var arrivals: [InstanceID: Int] = [:]
  /// May have changed since the last report.
  private var touched: Set<InstanceID> = []
  /// As last told, of those that were told at all.
  private var told: [InstanceID: PeerReport.Entry] = [:]
  private var toldHandshakes = HandshakeCount()
  private var sequence = 0
  private var toldAt: Int64?
  private var completeAt: Int64?
  private var hasChangedSinceComplete = false

  /// - Parameter mark: What the tickets of this process begin with; empty: nothing is.
  init(mark: String) { self.mark = mark }

  mutating func touch(_ id: InstanceID) { touched.insert(id) }

  /// An instance named a ticket.
  ///
  /// - Returns: Whether it is one of this process.
  mutating func arrived(_ ticket: String, at id: InstanceID) -> Bool {
    guard ticket.begins(with: mark) else { return false }
    arrivals[id, default: 0] += 1
    return true
  }

  /// An instance is not a member any more.
  mutating func forget(_ id: InstanceID) { (arrivals[id], told[id]) = (nil, nil) }

  /// Whether there may be something to tell.
  func hasNews(_ handshakes: HandshakeCount, now: Int64) -> Bool {
    !touched.isEmpty || isCompleteDue(now) || areDue(handshakes, now)
  }

  /// What changed since the last report; everything where that is due. Nil: nothing.
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

  /// Everything as it is now, for one that begins to read.
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
  /// Byte by byte; nothing begins with an empty mark.
  func begins(with mark: String) -> Bool { !mark.isEmpty && utf8.starts(with: mark.utf8) }
}
