/// What must hold after every event of a run, whatever fails.
package enum Invariant: String, CaseIterable, Sendable {
  /// Full servers last; smallest workload first; of equal ones the one with more free places,
  /// then the smaller id.
  case listIsSorted
  /// Exactly the servers that are active, accepting and licensed, each once, and no balancer.
  case listHoldsActiveServers
  /// A server that is gone leaves the list as soon as its silence is long enough.
  case deadServerLeavesList
  /// A dedicated load balancer takes no client session.
  case balancerHasNoSession
  /// No session is let in over the maximum; what a lowered limit leaves is let be.
  case nobodyOverMaximum
  /// No drain, enable, add, remove or limit that was committed is changed by anything but a
  /// later one.
  case actionIsNotUndone
  /// What was acknowledged is in the registry, unless that was restored from an older copy since.
  case actionIsNotLost
  /// A balancer never forgets what it has known of the registry, but for a restored one, once.
  case balancerDoesNotGoBack
  /// An instance never goes back to an older document, over its restarts too.
  case instanceDoesNotGoBack
  /// An instance obeys nothing but what the registry said with that revision.
  case instanceObeysTheRegistry
  /// What was answered as delivered is in force at the instance.
  case deliveredIsInForce
  /// Nobody is let in by an instance that is draining, removed or unlicensed.
  case drainedLetsNobodyIn
  /// Nobody is let in by an instance that knows its application to be away.
  case downTakesNobody
  /// Only a few clients meet an application that ends every connection at once.
  case blackHoleMeetsFew
  /// The list of an instance, for clients that find no balancer, names only servers that said of
  /// themselves a moment ago that they take clients.
  case ownListIsFresh
  /// A slow start gives a server no more than twice its share of the new clients, at no moment.
  case slowStartIsBounded
  /// Every session that was opened ends exactly once.
  case sessionEndsOnce
  /// No session is ended by a drain but by its deadline or idle limit, and not before 60 s have
  /// passed since its user was told.
  case toldBeforeEnd
  /// What a reader of the status feed has put together is what the balancer had told.
  case feedAddsUp
  /// A reservation ends with its ticket, after its time, or with a drain of its instance.
  case reservationsEnd
  /// No server has more reservations than places that no session has.
  case reservationsFit
  /// Those who registered first have the seats, no more than there are, each its own.
  case seatsByRegistration
  /// What one instance says of itself changes nothing for the others.
  case othersDoNotNotice
  /// Once the network is whole, every action of a living instance is delivered in the log.
  case everyActionIsDelivered
  /// Once the network is whole, all balancers and instances agree with the registry.
  case allAgreeAtLast
}

/// An invariant that did not hold.
package struct Violation: Equatable, Sendable, CustomStringConvertible {
  package var invariant: Invariant
  package var seed: UInt64
  /// The event after which it was seen, counted from 1.
  package var step: Int
  /// What was seen, for the search for the cause.
  package var detail: String

  package var description: String {
    "seed \(seed), step \(step): \(invariant.rawValue) does not hold: \(detail)"
  }
}
