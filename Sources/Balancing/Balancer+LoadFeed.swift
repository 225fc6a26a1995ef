package import ClusterModel

/// An event of the load feed of one instance.
package enum LoadFeedEvent: Equatable, Sendable {
  /// The first event: the name and profile of the instance.
  case hello(LoadFeedHello)
  case load(
    connected: Int, withoutNotices: Int = 0, tickets: [String], ends: DeadlineEnds? = nil,
    application: ApplicationStatus? = nil)
  /// The order that it obeys has changed since its hello.
  case obeys(ObeyClaim)
  case heartbeat
  /// The instance stops as planned.
  case goodbye
  /// The open feed has ended.
  case closed(reason: String)
  /// The feed was closed because it sent too much, or something that no instance sends.
  case misbehaved(reason: String)
  /// The feed could not be opened.
  ///
  /// - Parameter isRefusal: Whether a program answered and does not let this balancer read.
  case refused(reason: String, isRefusal: Bool = false)
}

/// The instance at the other end of a load feed.
package struct LoadFeedHello: Equatable, Sendable {
  package var id: InstanceID
  /// Empty if no cluster has given it orders yet.
  package var cluster: String
  package var profile: InstanceProfile
  package var startedAt: Timestamp
  package var version: String
  /// The order that it says it obeys.
  package var claim: ObeyClaim
  /// The start of the drain that ended with its restart, while it obeys the document with that
  /// drain; nil: none.
  package var endedDrain: Timestamp?

  package init(
    id: InstanceID, cluster: String, profile: InstanceProfile, startedAt: Timestamp,
    version: String, claim: ObeyClaim, endedDrain: Timestamp? = nil
  ) {
    self.id = id
    self.cluster = cluster
    self.profile = profile
    self.startedAt = startedAt
    self.version = version
    self.claim = claim
    self.endedDrain = endedDrain
  }
}

extension Balancer {
  /// Takes an event of a load feed. Late events of a feed that was given up are ignored.
  package mutating func feed(
    _ id: InstanceID, number: Int, _ event: LoadFeedEvent, now: Moment
  ) -> [Effect] {
    guard let instance = instances[id], instance.feed.number == number else { return [] }
    let time = now.monotonicMilliseconds
    if case .open(_, let openedAt, _) = instance.feed {
      instances[id]?.feed = .open(number: number, openedAt: openedAt, heardAt: time)
    }
    if event != .heartbeat { lookSoon(at: id) }
    switch event {
    case .hello(let hello):
      return heard(hello, from: instance, number: number, now: now)
    case .load(let connected, let withoutNotices, let tickets, let ends, let application):
      for ticket in tickets {
        if let reserved = reservations.arrived(ticket), reserved != id { touch(reserved) }
        if !telling.arrived(ticket, at: id) { peerReservations.arrived(ticket, at: id, now: time) }
      }
      instances[id]?.connected = connected
      instances[id]?.withoutNotices = min(withoutNotices, connected)
      instances[id]?.deadlineEnds = ends
      instances[id]?.isCounted = true
      hear(application, of: id, now: now)
      touch(id)
      return []
    case .obeys(let claim):
      guard instance.isOpen else { return [] }
      instances[id]?.claim = claim
      judge(id)
      // Another balancer may have sent it an order that this one will read in a moment.
      if !instance.isAhead, instances[id]?.isAhead == true { passes.postpone(id, now: time) }
      return []
    case .heartbeat:
      return []
    case .goodbye:
      instances[id]?.becomes(.stopped, at: now.wall)
      reservations.drop(id)
      touch(id)
      return []
    case .closed(let reason):
      // Try once more at once: only if that is refused as well has the instance gone. After a feed
      // of less than a second there is no such try, or a broken instance would be tried without a
      // pause.
      let short = ended(id, now: time)
      if instance.health == .alive, case .open(_, let openedAt, _) = instance.feed,
        time - openedAt >= 1_000, short <= 5
      {
        instances[id]?.reopenedAt = time
        return openFeed(id, attempt: 0, delayMilliseconds: 0, now: now)
      }
      return lost(id, reason: reason, attempt: short, now: now)
    case .misbehaved(let reason):
      return shun(id, reason: reason, now: now)
    case .refused(let reason, let isRefusal):
      // It said goodbye and answers again, so this is no longer a planned stop.
      if isRefusal, instance.health == .stopped {
        instances[id]?.becomes(.unreachable, at: now.wall, reason: reason)
      }
      return lost(id, reason: reason, attempt: instance.feed.attempt, now: now)
    }
  }

  /// Takes what an instance says about its application. Reservations on an instance that takes no
  /// clients end.
  private mutating func hear(
    _ application: ApplicationStatus?, of id: InstanceID, now: Moment
  ) {
    guard var application else {
      instances[id]?.application = nil
      return
    }
    application.since = min(application.since, now.wall)
    application.reason = application.reason.map { PlainText.quoted($0, by: id.text) }
    if application.isDown, instances[id]?.application?.isDown != true { reservations.drop(id) }
    instances[id]?.application = application
  }

  /// An instance joined again, so its feed is tried at once.
  package mutating func joined(_ id: InstanceID, now: Moment) -> [Effect] {
    guard let instance = instances[id], case .opening(let number, _) = instance.feed,
      instance.shunnedUntil.map({ $0 <= now.monotonicMilliseconds }) ?? true
    else { return [] }
    return [.closeFeed(id, number: number)]
      + openFeed(id, attempt: 0, delayMilliseconds: 0, now: now)
  }

  /// Counts how many feeds in a row have ended soon, including this one. A feed that lasts resets
  /// the count.
  private mutating func ended(_ id: InstanceID, now: Int64) -> Int {
    guard let instance = instances[id], case .open(_, let openedAt, _) = instance.feed else {
      return instances[id]?.feed.attempt ?? 0
    }
    let count = now - openedAt < 10_000 ? instance.shortFeeds + 1 : 0
    instances[id]?.shortFeeds = count
    return count
  }

  /// Removes an instance that sends something wrong from the lists, and does not read it for a
  /// while: 5 s at first, a minute at most. After ten minutes without a fault earlier ones are
  /// forgotten.
  private mutating func shun(_ id: InstanceID, reason: String, now: Moment) -> [Effect] {
    guard let instance = instances[id] else { return [] }
    let time = now.monotonicMilliseconds
    let isLongAgo = instance.shunnedUntil.map { time - $0 > 600_000 } ?? true
    let faults = isLongAgo ? 1 : instance.faults + 1
    let pause = min(Int64(5_000) << min(faults - 1, 8), 60_000)
    instances[id]?.faults = faults
    instances[id]?.shunnedUntil = time + pause
    instances[id]?.becomes(.unreachable, at: now.wall, reason: reason)
    return lost(id, reason: reason, attempt: 0, now: now)
      + [.report(id, "\(reason); the pause is \(pause / 1_000) s")]
  }

  private mutating func heard(
    _ hello: LoadFeedHello, from instance: BalancedInstance, number: Int, now: Moment
  ) -> [Effect] {
    let id = instance.registered.id
    if let mismatch = mismatch(hello, with: instance.registered) {
      // An open feed has said its name. If another name followed and the feed were opened again at
      // once, this would repeat forever.
      if instance.isOpen {
        return [.closeFeed(id, number: number)] + shun(id, reason: mismatch, now: now)
      }
      return [.closeFeed(id, number: number)]
        + lost(id, reason: mismatch, attempt: instance.feed.attempt, now: now)
    }
    var seen = instance
    let time = now.monotonicMilliseconds
    // A repeated hello may change the profile, but makes nothing faster.
    if case .open(_, let openedAt, _) = seen.feed {
      seen.feed = .open(number: number, openedAt: openedAt, heardAt: time)
    } else {
      seen.feed = .open(number: number, openedAt: time, heardAt: time)
      seen.deliveries = Pace()
      directoryNews.feedOpened()
    }
    seen.becomes(.alive, at: now.wall)
    seen.heardAt = seen.registered.address
    seen.isCounted = false  // its load follows
    peerReservations.resume(id)
    seen.ownMaximum = hello.profile.ownMaximum
    seen.version = hello.version
    seen.startedAt = hello.startedAt.isStartTime(at: now.wall) ? hello.startedAt : nil
    seen.claim = hello.claim
    seen.endedDrain = hello.endedDrain
    seen.said = hello.profile
    instances[id] = seen
    judge(id)
    var effects = learn(id, now: time)
    if seen.registered.role != hello.profile.role {
      instances[id]?.registered.role = hello.profile.role
      inAnotherRole.insert(id)
    }
    touch(id)
    if instances[id]?.isDelivered == false { effects += deliver(id, now: time) }
    return effects + endDrain(id, now: time) + pass(id, now: time)
  }

  /// Asks the registry to store the profile of an instance. Repeats the same profile after two
  /// seconds without success, and accepts another one after a minute.
  mutating func learn(_ id: InstanceID, now: Int64) -> [Effect] {
    guard let instance = instances[id] else { return [] }
    guard let profile = instance.profileToLearn else {
      if instance.learned != nil { instances[id]?.learned?.isKnown = true }
      return []
    }
    if let learned = instance.learned {
      let mayBeLost = learned.profile == profile && !learned.isKnown
      guard now - learned.at >= (mayBeLost ? Pace.untilAgain : 60_000) else { return [] }
    }
    instances[id]?.learned = BalancedInstance.Learned(profile: profile, at: now)
    return [.write(.described(id, profile), by: .instance(id))]
  }

  /// Asks the registry to store that a drain ended with the restart; repeats this after two seconds
  /// without success.
  mutating func endDrain(_ id: InstanceID, now: Int64) -> [Effect] {
    guard let instance = instances[id], let drain = instance.drainToEnd else { return [] }
    guard instances[id]?.endedDrainWrites.allows(at: now) == true else { return [] }
    return [.write(.restarted(id, drain: drain), by: .instance(id))]
  }

  private func mismatch(
    _ hello: LoadFeedHello, with row: RegisteredInstance
  ) -> String? {
    if hello.id != row.id { return "\(hello.id) answers at its address" }
    if !hello.cluster.isEmpty, hello.cluster != contents.cluster {
      return "says that it belongs to cluster \"\(hello.cluster)\""
    }
    if hello.profile.role.isLoadBalancer != row.role.isLoadBalancer {
      return "is a \(hello.profile.role.name), not a \(row.role.name)"
    }
    return nil
  }

  /// Notes that it cannot be reached. It is tried again after a while, without end.
  mutating func lost(
    _ id: InstanceID, reason: String, attempt: Int, now: Moment
  ) -> [Effect] {
    if instances[id]?.health != .stopped {
      instances[id]?.becomes(.unreachable, at: now.wall, reason: reason)
    }
    reservations.drop(id)
    touch(id)
    let delay = jitter.retryDelayMilliseconds(attempt: attempt)
    return openFeed(id, attempt: attempt + 1, delayMilliseconds: delay, now: now)
  }
}

extension Timestamp {
  /// Whether a process can have started at this time: after the year 2000, and at most a day ahead
  /// of the reader's clock. Any other time is shown as unknown.
  fileprivate func isStartTime(at now: Timestamp) -> Bool {
    (946_684_800_000...now.adding(milliseconds: 86_400_000).milliseconds).contains(milliseconds)
  }
}
