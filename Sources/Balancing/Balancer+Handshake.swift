package import ClusterModel

extension Balancer {
  /// Returns the list for a client, and reserves a place on its first server, if that has a free
  /// place without a reservation and the client's network has not exceeded its fair share.
  ///
  /// - Parameters:
  ///   - wish: Nil: nothing is reserved or counted.
  ///   - limit: How many servers are enough, 1 or more; nil: all.
  ///   - write: Gets the list as it was before the reservation, which counts for later clients. The
  ///     list is empty when no server is active.
  package mutating func handshake<Answer>(
    _ kind: ClientKind, _ wish: ReservationWish?, limit: Int? = nil, now: Moment,
    write: (HandshakeView) -> Answer
  ) -> Answer {
    if wish != nil { earn(kind, now: now.monotonicMilliseconds) }
    let reserved = wish.flatMap { reserve($0, kind, now: now) }
    let ticket = reserved == nil ? nil : wish?.ticket
    // No view may outlive this call, or the next change would have to copy the list.
    let answer = write(
      lists[kind]?.view(limit: limit, ticket: ticket)
        ?? HandshakeEntries().view(limit: limit, ticket: ticket))
    let first = wish == nil ? nil : lists[kind]?.first?.id
    if let reserved { touchReservations(of: reserved) }
    if let first, slowStarts.took(first) { touch(first) }
    return answer
  }

  /// A new client came: servers in their slow start earn a part of it.
  private mutating func earn(_ kind: ClientKind, now: Int64) {
    guard !slowStarts.isEmpty, let order = lists[kind]?.order else { return }
    for id in slowStarts.arrived(among: order, now: now) { touch(id) }
  }

  /// The same, with the list as a value.
  package mutating func handshake(
    _ kind: ClientKind, _ wish: ReservationWish?, limit: Int? = nil, now: Moment
  ) -> HandshakeList {
    handshake(kind, wish, limit: limit, now: now) {
      HandshakeList(entries: $0.entries, ticket: $0.ticket, isCut: $0.isCut)
    }
  }

  /// - Returns: Where a place was reserved; nil: nowhere.
  private mutating func reserve(
    _ wish: ReservationWish, _ kind: ClientKind, now: Moment
  ) -> InstanceID? {
    counter.count(now: now.monotonicMilliseconds)
    guard let first = lists[kind]?.first, first.load.reserved < first.load.free,
      reservations.held(by: wish.network) < FairShare.places(ofFree: lists[kind]?.free ?? 0),
      reservations.reserve(first.id, wish, now: now.monotonicMilliseconds)
    else { return nil }
    peerReservations.guess(first.id)
    return first.id
  }

  /// Whether some server is active for clients of this kind.
  package func hasServers(for kind: ClientKind) -> Bool { lists[kind]?.first != nil }

  /// Marks an instance as changed if only its reservations changed, as with every handshake.
  mutating func touchReservations(of id: InstanceID) {
    dirty.insert(id)
    telling.touch(id)
    let (count, own, weight) = (reserved(on: id), reservations[id], reservationWeight)
    let guessed = guessed(on: id)
    for kind in [ClientKind.client, .batch] {
      lists[kind]?.setReserved(count, own: own, guessed: guessed, on: id, weight: weight)
    }
  }
}
