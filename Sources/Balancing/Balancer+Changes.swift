package import ClusterModel

/// The changes of the status feed.
extension Balancer {
  /// The changes since the last call; nil where there are none. The next snapshot includes them.
  package mutating func takeChange(now: Moment) -> ClusterChange? {
    var change = ClusterChange(sequence: published.sequence + 1, at: now.wall)
    let changed = dirty.sorted()
    noteEvents(of: changed, now: now)
    for id in changed {
      guard let status = status(of: id) else {
        if published[id] != nil { change.removed.append(id) }
        continue
      }
      guard var before = published[id], before != status else {
        if published[id] == nil { change.instances.append(status) }
        continue
      }
      before.load = status.load
      if before == status {
        change.loads.append(LoadChange(id: id, load: status.load))
      } else {
        change.instances.append(status)
      }
    }
    if !dirty.isEmpty, let order = lists[.client]?.order {
      change.moves = ListMove.moves(from: published.handshakeList, to: order.ids)
    }
    dirty = []
    addSummaries(to: &change, now: now)
    guard !change.isEmpty else { return nil }
    published.apply(change)
    return change
  }

  private mutating func addSummaries(to change: inout ClusterChange, now: Moment) {
    var balancer = published.balancer
    balancer.registry.state = .known(registryState)
    balancer.registry.remark = registryRemark
    balancer.reservationWeight = peerReservations.isEmpty ? nil : reservationWeight
    if balancer != published.balancer {
      change.balancer = balancer
      if balancer.registry.state != published.balancer.registry.state {
        note(event(of: registryState, at: now.wall))
      }
    }
    let license = contents.licenseSummary(licenseVerdict, at: now.wall)
    if published.license != license {
      change.license = license
      for event in events(from: published.license, to: license, at: now.wall) { note(event) }
    }
    var own = published.handshakes
    own.balancers = [:]
    var handshakes = counter.news(since: own, now: now.monotonicMilliseconds) ?? own
    handshakes.balancers = peerRates
    handshakes.balancers[settings.id] = handshakes.perSecond
    if handshakes != published.handshakes { change.handshakes = handshakes }
  }
}
