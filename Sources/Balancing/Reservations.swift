package import ClusterModel
internal import DequeModule

/// What a client asks for with a handshake, besides the list.
package struct ReservationWish: Hashable, Sendable {
  /// A random ticket.
  package var ticket: String
  /// The network of the client, for the fair share.
  package var network: NetworkKey

  package init(ticket: String, network: NetworkKey) {
    (self.ticket, self.network) = (ticket, network)
  }
}

/// Places that handshakes have promised and whose session has not arrived yet.
///
/// Each has a ticket. It ends when the ticket arrives at any instance, after its time, or with a
/// drain of its instance.
package struct Reservations: Sendable {
  private struct Place {
    let instance: InstanceID
    let network: NetworkKey
  }
  private struct Promise {
    let ticket: String
    let endsAt: Int64
  }

  private let lifetimeMilliseconds: Int64
  private var places: [String: Place] = [:]
  /// Sorted by time, since all live equally long. It may contain tickets that have ended.
  private var queue: Deque<Promise> = []
  private var counts: [InstanceID: Int] = [:]
  private var networks: [NetworkKey: Int] = [:]

  /// - Parameter lifetimeMilliseconds: 0: nothing is ever reserved.
  package init(lifetimeMilliseconds: Int64) {
    self.lifetimeMilliseconds = lifetimeMilliseconds
  }

  /// The number of places reserved on an instance.
  package subscript(id: InstanceID) -> Int { counts[id, default: 0] }

  /// The instances with reservations.
  var instances: some Sequence<InstanceID> { counts.keys }

  /// The number of places reserved for the clients of a network, on all instances.
  package func held(by network: NetworkKey) -> Int { networks[network, default: 0] }

  /// Reserves a place.
  ///
  /// - Returns: Whether it was reserved; never where the lifetime is 0.
  package mutating func reserve(_ id: InstanceID, _ wish: ReservationWish, now: Int64) -> Bool {
    guard lifetimeMilliseconds > 0 else { return false }
    let place = Place(instance: id, network: wish.network)
    if let other = places.updateValue(place, forKey: wish.ticket) {
      places[wish.ticket] = other
      return false
    }
    queue.append(Promise(ticket: wish.ticket, endsAt: now + lifetimeMilliseconds))
    counts[id, default: 0] += 1
    networks[wish.network, default: 0] += 1
    return true
  }

  /// A ticket arrived.
  ///
  /// - Returns: The instance whose reservation has ended; nil for a ticket that is not known here.
  package mutating func arrived(_ ticket: String) -> InstanceID? { end(ticket) }

  /// Ends all reservations on an instance.
  package mutating func drop(_ id: InstanceID) {
    guard counts[id] != nil else { return }
    for ticket in places.filter({ $0.value.instance == id }).keys { _ = end(ticket) }
  }

  /// Ends the reservations whose time is over.
  ///
  /// - Returns: The instances that have fewer reservations now.
  package mutating func expire(now: Int64) -> Set<InstanceID> {
    var touched: Set<InstanceID> = []
    while let first = queue.first, first.endsAt <= now || places[first.ticket] == nil {
      queue.removeFirst()
      if let id = end(first.ticket) { touched.insert(id) }
    }
    // A storm is over: its memory goes back.
    if queue.isEmpty, places.isEmpty, places.capacity > 4_096 { (places, queue) = ([:], []) }
    return touched
  }

  private mutating func end(_ ticket: String) -> InstanceID? {
    guard let place = places.removeValue(forKey: ticket) else { return nil }
    Self.countDown(&counts, place.instance)
    Self.countDown(&networks, place.network)
    return place.instance
  }

  private static func countDown<Key>(_ counts: inout [Key: Int], _ key: Key) {
    guard let count = counts[key] else { return }
    counts[key] = count > 1 ? count - 1 : nil
  }
}
