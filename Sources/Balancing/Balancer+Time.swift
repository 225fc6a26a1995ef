package import ClusterModel

extension Balancer {
  /// Called a few times a second.
  ///
  /// - Parameter heartbeat: Asked, where a feed seems to be silent, when it had its last heartbeat
  ///   that was not an event here: by the feed's number, in monotonic milliseconds.
  package mutating func tick(
    now: Moment, heartbeat: (_ number: Int) -> Int64? = { _ in nil }
  ) -> [Effect] {
    let time = now.monotonicMilliseconds
    // After a stall of this process nobody was listened to: silence counts again.
    let stalled = time - lastTick > settings.silenceMilliseconds / 2
    lastTick = time
    lastWall = now.wall
    for id in reservations.expire(now: time) + slowStarts.expire(now: time) { touch(id) }
    let settled = peerReservations.expire(lifetime: settings.reservationMilliseconds, now: time)
    for id in settled.sorted() { touchReservations(of: id) }
    var effects = reviewLicense(now: now)
    let due =
      stalled
      ? Array(instances.keys) : looks.compactMap { $0.value <= time ? $0.key : nil }
    // In order, so that chance falls the same way in every process.
    for id in due.sorted() {
      guard let instance = instances[id] else {
        looks[id] = nil
        continue
      }
      effects += look(at: instance, stalled: stalled, now: now, heartbeat)
      if let instance = instances[id] { looks[id] = nextLook(at: instance) }
    }
    return effects + confirm(now: time) + writeEvents(now: time)
  }

  /// What time brings for one instance.
  private mutating func look(
    at instance: BalancedInstance, stalled: Bool, now: Moment, _ heartbeat: (Int) -> Int64?
  ) -> [Effect] {
    let (id, time) = (instance.registered.id, now.monotonicMilliseconds)
    var effects = checkReopening(instance, stalled: stalled, now: now)
    guard case .open(let number, let openedAt, let heardAt) = instance.feed else { return effects }
    if !instance.isDelivered, !instance.isAhead { effects += deliver(id, now: time) }
    effects +=
      learn(id, now: time) + endDrain(id, now: time) + pass(id, now: time)
      + showDoubt(id, now: time)
    if stalled {
      instances[id]?.feed = .open(number: number, openedAt: openedAt, heardAt: time)
    } else if time - heardAt > settings.silenceMilliseconds {
      if let heard = heartbeat(number), time - heard <= settings.silenceMilliseconds {
        instances[id]?.feed = .open(number: number, openedAt: openedAt, heardAt: heard)
      } else {
        effects += silent(id, number: number, now: now)
      }
    }
    return effects
  }

  /// When an instance is looked at again, if nothing is heard of it before: with the next tick
  /// where it waits for something, else when it has been silent for too long.
  private func nextLook(at instance: BalancedInstance) -> Int64 {
    switch instance.feed {
    case .none: .max
    case .opening: instance.reopenedAt == nil ? .max : .min
    case .open(_, _, let heardAt):
      instance.isSettled ? heardAt + settings.silenceMilliseconds + 1 : .min
    }
  }

  /// Has an instance looked at with the next tick, whatever time brings: something of it changed.
  mutating func lookSoon(at id: InstanceID) {
    looks[id] = .min
    mayConfirm = true
  }

  /// Has the log know which instances obey all that they must, again after two seconds without
  /// success. One that heard of it late, from anybody, is found here.
  private mutating func confirm(now: Int64) -> [Effect] {
    guard isRegistryAvailable, mayConfirm || confirmations.awaitsAnswer else { return [] }
    mayConfirm = false
    var obeyed = confirmations.told.filter { contents.instances[$0.key]?.isRemoved == true }
    for (id, instance) in instances where !instance.registered.role.isLoadBalancer {
      if instance.isDelivered { obeyed[id] = instance.registered.revision }
    }
    let news = confirmations.news(in: obeyed, now: now)
    return news.isEmpty ? [] : [.confirm(news)]
  }

  /// The log knows that these revisions are obeyed.
  ///
  /// - Parameter actions: Those of which it did not know it before.
  package mutating func confirmed(
    _ obeyed: [InstanceID: Int64], _ actions: [ActionRecord] = []
  ) {
    for action in actions { record(action) }
    confirmations.logKnows(obeyed)
  }

  /// A feed that broke and was asked for again at once: its instance counts as alive meanwhile,
  /// and for no longer than it may be silent.
  private mutating func checkReopening(
    _ instance: BalancedInstance, stalled: Bool, now: Moment
  ) -> [Effect] {
    guard case .opening(let number, _) = instance.feed, instance.health == .alive,
      let reopenedAt = instance.reopenedAt
    else { return [] }
    let (id, time) = (instance.registered.id, now.monotonicMilliseconds)
    guard !stalled else {
      instances[id]?.reopenedAt = time
      return []
    }
    let isOver = time - reopenedAt > settings.silenceMilliseconds
    return isOver ? silent(id, number: number, now: now) : []
  }

  private mutating func silent(_ id: InstanceID, number: Int, now: Moment) -> [Effect] {
    let seconds = settings.silenceMilliseconds / 1_000
    return [.closeFeed(id, number: number)]
      + lost(id, reason: "silent for \(seconds) s", attempt: 0, now: now)
  }
}
