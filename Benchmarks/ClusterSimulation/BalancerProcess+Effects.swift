internal import Balancing
internal import ClusterModel
internal import Hosting

extension BalancerProcess {
  func carryOut(_ effect: Balancer.Effect) {
    switch effect {
    case .openFeed(let id, let address, let number, let delay):
      after(delay) { self.openFeed(id, address, number) }
      opening.insert(number)
    case .closeFeed(_, let number):
      opening.remove(number)
      if let link = feeds.removeValue(forKey: number) { link.close(from: link.client) }
    case .deliver(let id): deliver(id)
    case .write(let mutation, let actor):
      mutate(.init(mutation, actor: actor, acknowledged: Set(ImpactWarning.allCases)))
    case .confirm(let obeyed): confirm(obeyed)
    case .report(let id, let words): world.note("\(self.id) says of \(id): \(words)")
    case .verifyLicense(let license):
      after(world.pick(1...500)) {
        self.run { balancer, _ in
          balancer.licenseVerified(LicenseVerdict(license))
          return []
        }
      }
    case .passKeyOn: break  // the simulation signs nothing
    case .log(let events): log(events)
    }
  }

  /// The simulated registry numbers events and keeps none: no decision of a balancer reads them.
  private func log(_ events: [ClusterEvent]) {
    guard isRegistryThere else { return }
    let written = events.map { event in
      var event = event
      event.id = world.registry.nextEvent()
      return event
    }
    run { balancer, _ in
      balancer.logged(written)
      return []
    }
  }

  // MARK: Load feeds

  private func openFeed(_ id: InstanceID, _ address: Address, _ number: Int) {
    guard opening.contains(number) else { return }
    after(10_000) {
      guard self.opening.contains(number) else { return }
      self.feedEnded(id, number, .refused(reason: "no answer in 10 s"))
    }
    guard let instance = world.instance(at: address) else {
      // Nobody listens: told at once, or not at all where the machine is away.
      let wait = world.chance(0.5) ? world.pick(1...10) : 2_000
      return after(wait) { self.feedEnded(id, number, .refused(reason: "nobody listens")) }
    }
    guard !world.network.isCut(node, instance.node) else {
      return after(2_000) { self.feedEnded(id, number, .refused(reason: "not connected in 2 s")) }
    }
    let asking = life
    instance.after(world.delay()) {
      if self.life == asking { self.accept(instance, id, number) }
    }
  }

  /// At the instance: whether it lets this balancer read.
  private func accept(_ instance: InstanceProcess, _ id: InstanceID, _ number: Int) {
    guard instance.canBeRead else {
      return world.send(from: instance, to: self) {
        self.feedEnded(id, number, .refused(reason: "its load feed is refused"))
      }
    }
    guard isUp, opening.remove(number) != nil else { return }
    let link = Link(world: world, client: self, server: instance)
    feeds[number] = link
    link.client.receive = { [unowned self] parcel in
      switch parcel {
      case .load(let event): self.hear(id, number, event)
      default: self.feedEnded(id, number, .closed(reason: "its load feed ended"))
      }
    }
    instance.addFeed(link)
    // The client's own limit: a feed that says nothing at all.
    silence(id, number, heard: record.heard(number))
  }

  private func silence(_ id: InstanceID, _ number: Int, heard: Int) {
    after(10_000) { [unowned self] in
      guard let link = self.feeds[number] else { return }
      guard self.record.heard(number) == heard else {
        return self.silence(id, number, heard: self.record.heard(number))
      }
      link.close(from: link.client)
      self.feedEnded(id, number, .closed(reason: "silent for 10 s"))
    }
  }

  private func hear(_ id: InstanceID, _ number: Int, _ event: LoadFeedEvent) {
    record.hear(number)
    guard record.mayHear(number, event, now: moment.monotonicMilliseconds) else {
      feeds[number].map { $0.close(from: $0.client) }
      return feedEnded(id, number, .misbehaved(reason: FeedBudget.complaint))
    }
    if case .load(_, _, let tickets, _, _) = event { record.arrived(tickets) }
    if case .hello = event { record.goneSince[id] = nil }
    run { $0.feed(id, number: number, event, now: $1) }
    if world.sabotage == .hearsTheDead, case .hello = event { hearAgain(id, number) }
  }

  private func hearAgain(_ id: InstanceID, _ number: Int) {
    after(1_000) {
      self.run { $0.feed(id, number: number, .heartbeat, now: $1) }
      self.hearAgain(id, number)
    }
  }

  private func feedEnded(_ id: InstanceID, _ number: Int, _ end: LoadFeedEvent) {
    if world.sabotage == .hearsTheDead, case .closed = end { return }
    let wasOpening = opening.remove(number) != nil
    let wasOpen = feeds.removeValue(forKey: number) != nil
    guard wasOpening || wasOpen else { return }
    run { $0.feed(id, number: number, end, now: $1) }
  }

  // MARK: Desired state

  private func deliver(_ id: InstanceID) {
    guard delivering[id] == nil else {
      delivering[id] = true
      return
    }
    delivering[id] = false
    after(0) { self.sendDesired(id) }
  }

  private func sendDesired(_ id: InstanceID) {
    guard let row = balancer?.contents.instances[id],
      let document = balancer?.contents.desiredState(of: id)
    else { return delivered(id) }
    var isOver = false
    let finish = { (claim: ObeyClaim?) in
      guard !isOver else { return }
      isOver = true
      if let claim {
        self.run { balancer, _ in
          balancer.obeys(id, claim)
          return []
        }
      }
      self.delivered(id)
    }
    // The instance must answer within a second.
    after(1_000) { finish(nil) }
    guard let instance = world.instance(at: row.address) else { return finish(nil) }
    world.send(from: self, to: instance, repeats: true) {
      let answer = instance.obey(document)
      let obeyed = instance.hosting?.desired
      let digest = obeyed?.revision == answer ? obeyed?.digest : nil
      let isSent = answer == document.revision && !document.differs(from: digest)
      let claim =
        instance.isLiar
        ? instance.claim
        : answer.map {
          ObeyClaim(revision: $0, digest: digest, proof: isSent ? .document(document) : .none)
        }
      self.world.send(from: instance, to: self) { finish(claim) }
    }
  }

  private func delivered(_ id: InstanceID) {
    guard delivering[id] == true else {
      delivering[id] = nil
      return
    }
    delivering[id] = false
    after(0) { self.sendDesired(id) }
  }

  // MARK: Other balancers

  func probe() {
    for peer in balancer?.peers ?? [] {
      var isOver = false
      let finish = { (answer: Balancer.PeerAnswer) in
        guard !isOver else { return }
        isOver = true
        self.run { balancer, now in
          balancer.peer(peer.id, answer, now: now)
          return []
        }
      }
      after(2_000) { finish(.nothing(reason: "no answer in 2 s")) }
      guard let other = world.balancer(at: peer.address) else {
        after(1) { finish(.nothing(reason: "nobody listens")) }
        continue
      }
      keepPeerFeed(of: peer.id, at: other)
      let (cluster, name) = (world.registry.contents.cluster, other.id)
      world.send(from: self, to: other) {
        self.world.send(from: other, to: self) {
          finish(.here(id: name, cluster: cluster, isLoadBalancer: true, version: "1"))
        }
      }
    }
    beatPeers()
    tellServers()
    after(1_000) { self.probe() }
  }
}
