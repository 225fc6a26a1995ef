package import ClusterModel

/// Finds events: it compares what the balancer observes now with what it observed before.
extension Balancer {
  /// The observations about an instance from which events follow.
  struct Sight: Equatable, Sendable {
    var health: Health
    /// Whether it was alive at some time since this balancer started.
    var wasAlive: Bool
    var startedAt: Timestamp?
    var connected: Int
    /// The start of the current drain; nil: there is none.
    var drain: Timestamp?
    /// Whether its last session has ended.
    var isEmpty: Bool
    /// The number of sessions that the deadline of this drain has ended.
    var ended: Int
    /// Whether it says that its application is down.
    var isApplicationDown: Bool

    init(_ instance: BalancedInstance) {
      health = instance.health
      wasAlive = instance.health == .alive || instance.sight?.wasAlive == true
      startedAt = instance.startedAt
      connected = instance.connected
      let row = instance.registered
      let begun = row.admission == .rejecting ? row.drain?.startedAt : nil
      drain = begun
      isEmpty = instance.health == .alive && instance.isCounted && instance.connected == 0
      ended = instance.deadlineEnds.map { $0.drain == begun ? $0.sessions : 0 } ?? 0
      isApplicationDown = instance.application?.isDown == true
    }
  }

  /// Notes the events of these instances since the last look.
  mutating func noteEvents(of ids: [InstanceID], now: Moment) {
    for id in ids {
      guard let instance = instances[id] else { continue }
      let sight = Sight(instance)
      guard sight != instance.sight else { continue }
      instances[id]?.sight = sight
      guard id != settings.id, let before = instance.sight else { continue }
      for var event in events(of: instance, from: before, to: sight, at: now.wall) {
        if event.kind == .lost || event.kind == .stopped, instance.registered.role.isLoadBalancer {
          event.sessions = nil
        }
        note(event)
      }
    }
  }

  private func events(
    of instance: BalancedInstance, from before: Sight, to sight: Sight, at: Timestamp
  ) -> [ClusterEvent] {
    let event = { (kind: ClusterEvent.Kind, begun: Timestamp?, sessions: Int?) in
      ClusterEvent(
        at: at, balancer: settings.id, kind: .known(kind), instance: instance.registered.id,
        startedAt: begun, sessions: sessions)
    }
    var events: [ClusterEvent] = []
    switch (before.health, sight.health) {
    case (.alive, .unreachable):
      events = [event(.lost, before.startedAt, before.connected)]
      events[0].reason = instance.healthReason
    case (.alive, .stopped): events = [event(.stopped, before.startedAt, before.connected)]
    // A server that joins may refuse its first reader, so this is not a return.
    case (.unreachable, .alive), (.stopped, .alive), (.notYetSeen, .alive):
      guard before.wasAlive || isKnownToBeAway(instance.registered.id) else { break }
      events = [event(.back, sight.startedAt, nil)]
    case (.alive, .alive):
      guard let old = before.startedAt, let new = sight.startedAt, old != new else { break }
      events = [event(.restarted, new, before.connected)]
    default: break
    }
    if before.health == .alive, sight.health == .alive,
      before.isApplicationDown != sight.isApplicationDown
    {
      let isDown = sight.isApplicationDown
      var news = event(isDown ? .applicationDown : .applicationUp, sight.startedAt, nil)
      news.reason = instance.application?.reason
      events.append(news)
    }
    guard let drain = sight.drain, drain == before.drain else { return events }
    if sight.isEmpty, !before.isEmpty, before.connected > 0 {
      events.append(event(.drained, drain, sight.ended > 0 ? sight.ended : nil))
    } else if sight.ended > before.ended {
      events.append(event(.sessionsEnded, drain, sight.ended))
    }
    return events
  }

  /// Whether the last known event is that it left, before this balancer started.
  private func isKnownToBeAway(_ id: InstanceID) -> Bool {
    let last = snapshot.events.first { event in
      event.instance == id && [.known(.lost), .known(.stopped), .known(.back)].contains(event.kind)
    }
    return last.map { $0.kind != .back } ?? false
  }

  /// The events of the license and of the registry.
  func events(
    from before: LicenseSummary, to license: LicenseSummary, at: Timestamp
  ) -> [ClusterEvent] {
    guard license.state != before.state else { return [] }
    let kind: ClusterEvent.Kind
    switch license.state {
    case .known(.expiring): kind = .licenseExpiring
    case .known(.grace): kind = .licenseGrace
    case .known(.expired): kind = .licenseExpired
    case .known(.invalid): kind = .licenseInvalid
    case .known(.valid) where before.state != LicenseSummary.State.none: kind = .licenseValid
    case .known(.valid), .known(.none), .unrecognized: return []
    }
    return [
      ClusterEvent(
        at: at, balancer: settings.id, kind: .known(kind), instance: nil, reason: license.reason)
    ]
  }

  func event(of registry: BalancerStatus.Registry.State, at: Timestamp) -> ClusterEvent {
    ClusterEvent(
      at: at, balancer: settings.id,
      kind: .known(registry == .available ? .registryBack : .registryLost),
      instance: settings.id, startedAt: settings.startedAt)
  }

  /// Asks the registry to store the events that wait, if it can be used.
  mutating func writeEvents(now: Int64) -> [Effect] {
    guard isRegistryAvailable else { return [] }
    let events = eventBook.nextWrite(now: now)
    return events.isEmpty ? [] : [.log(events)]
  }

  /// The registry has stored what it was last asked to store.
  ///
  /// - Parameter events: The events as the registry has them now.
  package mutating func logged(_ events: [ClusterEvent]) {
    eventBook.written()
    record(newEvents: events)
  }

  /// Takes events as the registry has them; another balancer may have stored some of them.
  package mutating func record(newEvents events: [ClusterEvent]) {
    for event in events.reversed()
    where !snapshot.events.contains(event) && !eventBook.isWaiting(event.name) {
      tell(event)
    }
  }

  /// The events that were noted since the last call. Each is a separate event of the feed.
  package mutating func collectEvents() -> [ClusterEvent] {
    defer { notedEvents = [] }
    return notedEvents
  }

  /// Reports an event at once, and has it stored.
  mutating func note(_ event: ClusterEvent) {
    eventBook.add(event)
    let known = snapshot.events.first { $0.name == event.name }
    tell(known.map { event.counted(on: $0) ?? $0 } ?? event)
  }

  /// Puts an event into the snapshot, if it is recent enough, and on the feed.
  mutating func tell(_ event: ClusterEvent) {
    published.append(event)
    if published.events.contains(event) { notedEvents.append(event) }
  }
}
