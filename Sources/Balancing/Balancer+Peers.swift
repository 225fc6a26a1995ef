package import ClusterModel

extension Balancer {
  /// The answer of another balancer of the cluster to the question for its name.
  package enum PeerAnswer: Equatable, Sendable {
    case here(id: InstanceID, cluster: String, isLoadBalancer: Bool, version: String)
    case nothing(reason: String)
  }

  /// Takes the answer of another balancer, or that it gave none.
  package mutating func peer(_ id: InstanceID, _ answer: PeerAnswer, now: Moment) {
    guard let instance = instances[id], instance.registered.role.isLoadBalancer,
      id != settings.id
    else { return }
    switch answer {
    case .here(let other, let cluster, let isLoadBalancer, let version):
      if other == id, cluster == contents.cluster, isLoadBalancer {
        instances[id]?.becomes(.alive, at: now.wall)
        instances[id]?.version = version
      } else {
        instances[id]?.becomes(
          .unreachable, at: now.wall, reason: "\(other) answers at its address")
      }
    case .nothing(let reason):
      instances[id]?.becomes(.unreachable, at: now.wall, reason: reason)
    }
    if instances[id]?.health != .alive { peerRates[id] = nil }
    if instances[id] != instance { touch(id) }
    weighReservations()
  }

  /// Takes the figures of another balancer. Its handshakes a second are shown in its row and count
  /// in those of the cluster. They are forgotten when it does not answer any more.
  package mutating func addFigures(of id: InstanceID, handshakesPerSecond: Double) {
    guard let instance = instances[id], instance.registered.role.isLoadBalancer,
      id != settings.id, instance.health == .alive,
      (0...Double(Limits.count)).contains(handshakesPerSecond)
    else { return }
    peerRates[id] = (handshakesPerSecond * 10).rounded() / 10
  }

  // MARK: Reservations of the others

  /// Takes another balancer's report about its reservations.
  ///
  /// - Parameter feed: The number of the feed, higher than that of any earlier one.
  package mutating func heard(
    _ report: PeerReport, from id: InstanceID, feed: Int, now: Moment
  ) {
    guard id != settings.id, let row = contents.instances[id], row.role.isLoadBalancer,
      !row.isRemoved
    else { return }
    let wasHeard = peerReservations.hears(id)
    let touched = peerReservations.hear(
      report, from: id, feed: feed, knows: { instances[$0] != nil },
      now: now.monotonicMilliseconds)
    for id in touched.sorted() { touchReservations(of: id) }
    addFigures(of: id, handshakesPerSecond: report.handshakes.perSecond)
    if !wasHeard { weighReservations() }
  }

  /// The feed of another balancer has ended.
  package mutating func peerFeedEnded(_ id: InstanceID, feed: Int) {
    for id in peerReservations.end(id, feed: feed).sorted() { touchReservations(of: id) }
    weighReservations()
  }

  /// The other balancers, and whether their reservations are received.
  package var peerFeeds: [(id: InstanceID, isOpen: Bool)] {
    peers.map { ($0.id, peerReservations.hears($0.id)) }
  }

  /// The handshakes that a balancer of the cluster has answered since its process started, as far
  /// as is known here: this balancer's own count, or the last one that the other reported. Nil: it
  /// does not report.
  package func handshakes(of id: InstanceID) -> HandshakeCount? {
    id == settings.id ? snapshot.handshakes : peerReservations.handshakes(of: id)
  }

  /// The number of places reserved on an instance by this balancer and by those whose reports it
  /// receives, while clients are sent there. It may exceed the number of free places.
  func reserved(on id: InstanceID) -> Int {
    let own = reservations[id]
    guard !peerReservations.isEmpty, let instance = instances[id], instance.health == .alive,
      instance.registered.admission == .accepting
    else { return own }
    return own + peerReservations[id]
  }

  /// The number of places that other balancers may have reserved there since their last report.
  package func guessed(on id: InstanceID) -> Int { peerReservations.guessed(on: id) }

  /// The number of places that other balancers have reserved on an instance, as far as is known
  /// here.
  package func peerReserved(on id: InstanceID) -> Int { peerReservations[id] }

  // MARK: Telling the others

  /// Whether there may be something to report to the other balancers.
  package mutating func hasPeerNews(now: Moment) -> Bool {
    let time = now.monotonicMilliseconds
    return telling.hasNews(counter.figures(now: time), now: time)
  }

  /// The report about the changes since the last call; nil: none.
  package mutating func takePeerReport(now: Moment) -> PeerReport? {
    let time = now.monotonicMilliseconds
    return telling.news(reservations, counter.figures(now: time), now: time)
  }

  /// The complete report for a balancer that begins to read.
  package mutating func completePeerReport(now: Moment) -> PeerReport {
    telling.complete(reservations, counter.figures(now: now.monotonicMilliseconds))
  }
}
