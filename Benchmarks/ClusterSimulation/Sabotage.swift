/// A mistake made on purpose in what is around the machines: each breaks one invariant, and
/// shows that its check can fail.
package enum Sabotage: String, CaseIterable, Sendable {
  /// The first two servers of a list change places.
  case swapsList
  /// The list holds a server that takes nobody.
  case listsEverybody
  /// The list tells of reservations on places that sessions have.
  case promisesTakenPlaces
  /// What a dead server said last is heard again and again.
  case hearsTheDead
  /// A balancer lets a session in.
  case balancerServes
  /// An instance believes that its maximum is larger than it is.
  case ownMaximumIgnored
  /// A join makes an instance accept clients again.
  case joinEnables
  /// A mutation is answered without being committed.
  case answersUncommitted
  /// A balancer takes over whatever was read of the registry last, however old.
  case takesOldContents
  /// An instance forgets at a restart what it was told.
  case forgetsDocument
  /// An instance obeys a document that nobody signed.
  case obeysForgery
  /// A document is confirmed that was not obeyed.
  case confirmsUnread
  /// An instance that is draining lets clients in.
  case ignoresDrain
  /// An instance lets clients in whose application is away.
  case ignoresOutage
  /// An instance does not notice that its application ends every connection.
  case trustsBlackHole
  /// An instance asks the others for their load once, and never again.
  case asksOnce
  /// A balancer sends clients to the emptiest server, however lately it came back.
  case rushesIn
  /// The end of a connection is not noticed.
  case keepsDeadSession
  /// The clock by which users are warned is fast.
  case endsTooEarly
  /// A change is lost on its way to a reader that does not look for gaps.
  case losesChange
  /// Reservations live three times as long as promised.
  case reservesTooLong
  /// Changes made elsewhere are never read.
  case missesNews
  /// That an instance obeys is never written down.
  case forgetsDelivery
  /// An instance's word about its order is trusted without a proof.
  case believesLies
  /// A seat goes to the server that came last.
  case seatsTheLatest

  /// What it breaks.
  package var breaks: Invariant {
    switch self {
    case .swapsList: .listIsSorted
    case .listsEverybody: .listHoldsActiveServers
    case .promisesTakenPlaces: .reservationsFit
    case .hearsTheDead: .deadServerLeavesList
    case .balancerServes: .balancerHasNoSession
    case .ownMaximumIgnored: .nobodyOverMaximum
    case .joinEnables: .actionIsNotUndone
    case .answersUncommitted: .actionIsNotLost
    case .takesOldContents: .balancerDoesNotGoBack
    case .forgetsDocument: .instanceDoesNotGoBack
    case .obeysForgery: .instanceObeysTheRegistry
    case .confirmsUnread: .deliveredIsInForce
    case .ignoresDrain: .drainedLetsNobodyIn
    case .ignoresOutage: .downTakesNobody
    case .trustsBlackHole: .blackHoleMeetsFew
    case .asksOnce: .ownListIsFresh
    case .rushesIn: .slowStartIsBounded
    case .keepsDeadSession: .sessionEndsOnce
    case .endsTooEarly: .toldBeforeEnd
    case .losesChange: .feedAddsUp
    case .reservesTooLong: .reservationsEnd
    case .missesNews: .allAgreeAtLast
    case .believesLies: .othersDoNotNotice
    case .seatsTheLatest: .seatsByRegistration
    case .forgetsDelivery: .everyActionIsDelivered
    }
  }
}
