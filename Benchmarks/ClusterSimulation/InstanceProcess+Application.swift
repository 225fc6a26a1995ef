internal import ClusterModel
internal import Hosting

/// What is behind an instance, as a run breaks and mends it.
enum SimulatedApplication {
  case up
  /// Nobody listens.
  case away
  /// It takes every connection, and ends it at once without a byte.
  case blackHole
}

extension InstanceProcess {
  /// The run breaks its application, or mends it.
  func turnApplication(_ state: SimulatedApplication) {
    guard application != nil else { return }
    world.note("the application of \(id) is \(state)")
    application = state
    record.blackHole = BlackHoleRecord()
  }

  // MARK: Clients

  /// A client opens a connection to the application in its session, and is told over the session's
  /// connection where that ends.
  func openTunnel(_ grant: HostedSession.Grant, over link: Link) {
    let now = moment
    guard let application,
      (try? hosting?.connect(in: grant.session, secret: grant.secret, now: now)) != nil
    else { return }
    // A connection and its bytes are activity of the session.
    open[grant.session]?.activeAt = now.monotonicMilliseconds
    switch application {
    case .up:
      found(isThere: true) { health, _ in health.connected() }
      after(world.pick(1...1_000)) {
        let bytes = Traffic(
          fromClient: 1, fromApplication: 1, lastAt: self.moment.monotonicMilliseconds)
        self.hosting?.note(bytes, in: grant.session, now: self.moment)
        self.open[grant.session]?.activeAt = self.moment.monotonicMilliseconds
        self.noteApplication { health, _ in health.tunnelHeld() }
      }
    case .away:
      noteApplication { $0.connectFailed("nobody listens", now: $1) }
      endTunnel(grant.session, link)
    case .blackHole:
      record.blackHole.met(at: world.now)
      checkBlackHole()
      found(isThere: true) { health, _ in health.connected() }
      after(world.pick(0...900)) {
        self.endTunnel(grant.session, link)
        self.record.blackHole.cutOff(at: self.world.now)
        guard self.world.sabotage != .trustsBlackHole else { return }
        self.noteApplication { health, _ in health.tunnelBroke() }
      }
    }
  }

  private func endTunnel(_ session: String, _ link: Link) {
    hosting?.disconnect(from: session)
    link.put(.tunnelEnded, to: link.client)
  }

  // MARK: Looks of its own

  func planLook() {
    guard let next = hosting?.application?.nextTick else { return }
    lookPlan += 1
    let plan = lookPlan
    let now = moment.monotonicMilliseconds
    after(max(next, now + 1) - now) {
      if self.lookPlan == plan { self.look() }
    }
  }

  private func look() {
    let connections = hosting?.connections ?? 0
    var probe: ApplicationHealth.Probe?
    noteApplication { probe = $0.tick(connections: connections, now: $1) }
    guard let probe, let application else { return }
    switch (application, probe) {
    case (.away, _):
      after(world.pick(0...5)) { self.probed(probe, .failed("nobody listens")) }
    case (.up, .connection), (.blackHole, .connection):
      after(world.pick(0...5)) { self.probed(probe, .opened) }
    case (.up, .silence):
      after(ApplicationHealth.brokenMilliseconds) { self.probed(probe, .opened) }
    case (.blackHole, .silence):
      after(world.pick(0...900)) { self.probed(probe, .endedAtOnce) }
    }
  }

  private func probed(
    _ probe: ApplicationHealth.Probe, _ result: ApplicationHealth.ProbeResult
  ) {
    var isThere = true
    if case .failed = result { isThere = false }
    found(isThere: isThere) { $0.probed(probe, result, now: $1) }
  }

  /// It was reached now, or not.
  private func found(isThere: Bool, _ note: (inout ApplicationHealth, Moment) -> Void) {
    record.knowsAway = !isThere
    noteApplication(note)
  }

  private func noteApplication(_ note: (inout ApplicationHealth, Moment) -> Void) {
    guard var life = hosting.take() else { return }
    if var health = life.application {
      note(&health, moment)
      life.application = health
    }
    hosting = life
    ring()
    check()
    planLook()
  }

  // MARK: Checks

  /// Those who were let in before, and one after each pause of five seconds or more.
  private func checkBlackHole() {
    guard let since = record.blackHole.plainAt else { return }
    let (later, passed) = (record.blackHole.later, world.now - since)
    world.expect(
      later <= 6 + Int(passed / 5_000), .blackHoleMeetsFew,
      "\(later) clients met the black hole behind \(id) in the \(passed) ms since it was plain")
  }
}
