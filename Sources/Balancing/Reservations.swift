package import ClusterModel
internal import DequeModule

/// Places promised by handshakes whose session has not arrived yet.
///
/// Each is known by its ticket, and ends when the ticket arrives anywhere, after its time, or
/// with a drain of its instance.
package struct Reservations: Sendable {
  private struct Promise {
    let ticket: String
    let endsAt: Int64
  }

  private let lifetimeMilliseconds: Int64
  private var instances: [String: InstanceID] = [:]
  /// In order of time, since all live equally long. May hold tickets that have ended.
  private var queue: Deque<Promise> = []
  private var counts: [InstanceID: Int] = [:]

  /// - Parameter lifetimeMilliseconds: 0: nothing is ever reserved.
  package init(lifetimeMilliseconds: Int64) {
    self.lifetimeMilliseconds = lifetimeMilliseconds
  }

  /// Places reserved on an instance.
  package subscript(id: InstanceID) -> Int { counts[id, default: 0] }

  /// Reserves a place. Does nothing where the lifetime is 0.
  package mutating func reserve(_ id: InstanceID, ticket: String, now: Int64) {
    guard lifetimeMilliseconds > 0, instances[ticket] == nil else { return }
    instances[ticket] = id
    queue.append(Promise(ticket: ticket, endsAt: now + lifetimeMilliseconds))
    counts[id, default: 0] += 1
  }

  /// A ticket arrived.
  ///
  /// - Returns: The instance whose reservation has ended; nil for a ticket not known here.
  package mutating func arrived(_ ticket: String) -> InstanceID? {
    guard let id = instances.removeValue(forKey: ticket) else { return nil }
    release(id)
    return id
  }

  /// Ends all reservations on an instance.
  package mutating func drop(_ id: InstanceID) {
    guard counts.removeValue(forKey: id) != nil else { return }
    instances = instances.filter { $0.value != id }
  }

  /// Ends what is over its time.
  ///
  /// - Returns: The instances that have fewer reservations now.
  package mutating func expire(now: Int64) -> Set<InstanceID> {
    var touched: Set<InstanceID> = []
    while let first = queue.first, first.endsAt <= now || instances[first.ticket] == nil {
      queue.removeFirst()
      guard let id = instances.removeValue(forKey: first.ticket) else { continue }
      release(id)
      touched.insert(id)
    }
    return touched
  }

  private mutating func release(_ id: InstanceID) {
    guard let count = counts[id] else { return }
    counts[id] = count > 1 ? count - 1 : nil
  }
}
