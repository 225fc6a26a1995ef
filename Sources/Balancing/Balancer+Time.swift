package import ClusterModel

extension Balancer {
  /// Call this a few times a second.
  ///
  /// - Parameter heartbeat: Called when a feed seems to be silent, with the number of the feed.
  ///   Returns when it had its last heartbeat that was not passed on as an event, in monotonic
  ///   milliseconds.
  package mutating func tick(
    now: Moment, heartbeat: (_ number: Int) -> Int64? = { _ in nil }
  ) -> [Effect] {
    let time = now.monotonicMilliseconds
    // After a stall of this process, which heard nothing meanwhile, silence is counted from zero.
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
    // Sorted, so that random numbers are used in the same order in every process.
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

  /// Does what is due for one instance.
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

  /// When to look at an instance again if nothing arrives from it: at the next tick if it waits for
  /// something, otherwise when it will have been silent for too long.
  private func nextLook(at instance: BalancedInstance) -> Int64 {
    switch instance.feed {
    case .none: .max
    case .opening: instance.reopenedAt == nil ? .max : .min
    case .open(_, _, let heardAt):
      instance.isSettled ? heardAt + settings.silenceMilliseconds + 1 : .min
    }
  }

  /// Has an instance checked at the next tick, since something about it changed.
  mutating func lookSoon(at id: InstanceID) {
    looks[id] = .min
    mayConfirm = true
  }

  /// Tells the log which instances obey all their orders; repeats this after two seconds without
  /// success. This also finds an instance that obeyed late.
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

  /// The log has stored that these revisions are obeyed.
  ///
  /// - Parameter actions: The actions that were not marked as delivered before.
  package mutating func confirmed(
    _ obeyed: [InstanceID: Int64], _ actions: [ActionRecord] = []
  ) {
    for action in actions { record(action) }
    confirmations.logKnows(obeyed)
  }

  /// After a feed broke and was requested again at once, its instance counts as alive meanwhile,
  /// but no longer than it may be silent.
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
