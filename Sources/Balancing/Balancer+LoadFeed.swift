package import ClusterModel

/// What comes over the load feed of one instance.
package enum LoadFeedEvent: Equatable, Sendable {
  /// The first one: who is there.
  case hello(LoadFeedHello)
  case load(connected: Int, tickets: [String])
  case heartbeat
  /// A planned stop.
  case goodbye
  /// It was open, and has ended.
  case closed(reason: String)
  /// It could not be opened.
  ///
  /// - Parameter isRefusal: Somebody is there who does not let this balancer read.
  case refused(reason: String, isRefusal: Bool = false)
}

/// Who is at the other end of a load feed.
package struct LoadFeedHello: Equatable, Sendable {
  package var id: InstanceID
  /// Empty where it has never been told.
  package var cluster: String
  package var role: Role
  package var ownMaximum: Int
  package var startedAt: Timestamp
  package var version: String
  package var revision: Int64
  /// When the drain began that ended with its restart, while it obeys the document with that
  /// drain; nil: none.
  package var endedDrain: Timestamp?
  /// Stands for what it obeys; nil from an older release.
  package var digest: String?

  package init(
    id: InstanceID, cluster: String, role: Role, ownMaximum: Int, startedAt: Timestamp,
    version: String, revision: Int64, endedDrain: Timestamp? = nil,
    digest: String? = nil
  ) {
    self.id = id
    self.cluster = cluster
    self.role = role
    self.ownMaximum = ownMaximum
    self.startedAt = startedAt
    self.version = version
    self.revision = revision
    self.endedDrain = endedDrain
    self.digest = digest
  }
}

extension Balancer {
  /// Something came over a load feed. Late words of a feed that was given up are ignored.
  package mutating func feed(
    _ id: InstanceID, number: Int, _ event: LoadFeedEvent, now: Moment
  ) -> [Effect] {
    guard let instance = instances[id], instance.feed.number == number else { return [] }
    let time = now.monotonicMilliseconds
    if case .open(_, let openedAt, _) = instance.feed {
      instances[id]?.feed = .open(number: number, openedAt: openedAt, heardAt: time)
    }
    switch event {
    case .hello(let hello):
      return heard(hello, from: instance, number: number, now: now)
    case .load(let connected, let tickets):
      for ticket in tickets {
        if let reserved = reservations.arrived(ticket), reserved != id { touch(reserved) }
      }
      instances[id]?.connected = connected
      instances[id]?.isCounted = true
      touch(id)
      return []
    case .heartbeat:
      return []
    case .goodbye:
      instances[id]?.becomes(.stopped, at: now.wall)
      reservations.drop(id)
      touch(id)
      return []
    case .closed(let reason):
      // One immediate try: only when that is refused as well is the instance gone. Not for a
      // feed that lasted less than a second, or a broken instance would be tried without end.
      if instance.health == .alive, case .open(_, let openedAt, _) = instance.feed,
        time - openedAt >= 1_000
      {
        instances[id]?.reopenedAt = time
        return openFeed(id, attempt: 0, delayMilliseconds: 0)
      }
      return lost(id, reason: reason, attempt: instance.feed.attempt, now: now)
    case .refused(let reason, let isRefusal):
      // It said goodbye, and is there again: no planned stop is what keeps it away now.
      if isRefusal, instance.health == .stopped {
        instances[id]?.becomes(.unreachable, at: now.wall, reason: reason)
      }
      return lost(id, reason: reason, attempt: instance.feed.attempt, now: now)
    }
  }

  /// An instance joined again: worth an attempt at once.
  package mutating func joined(_ id: InstanceID) -> [Effect] {
    guard let instance = instances[id], case .opening(let number, _) = instance.feed else {
      return []
    }
    return [.closeFeed(id, number: number)] + openFeed(id, attempt: 0, delayMilliseconds: 0)
  }

  private mutating func heard(
    _ hello: LoadFeedHello, from instance: BalancedInstance, number: Int, now: Moment
  ) -> [Effect] {
    let id = instance.registered.id
    if let mismatch = mismatch(hello, with: instance.registered) {
      return [.closeFeed(id, number: number)]
        + lost(id, reason: mismatch, attempt: instance.feed.attempt, now: now)
    }
    var seen = instance
    let time = now.monotonicMilliseconds
    seen.feed = .open(number: number, openedAt: time, heardAt: time)
    seen.sentAt = nil
    seen.becomes(.alive, at: now.wall)
    seen.isCounted = false  // its load follows
    seen.ownMaximum = hello.ownMaximum
    seen.version = hello.version
    seen.startedAt = hello.startedAt
    seen.obeyedRevision = hello.revision
    seen.obeyedDigest = hello.digest
    (seen.isAhead, seen.passedAt) = (isAhead(seen), nil)
    seen.endedDrain = hello.endedDrain
    seen.endedDrainToldAt = nil
    (seen.saidRole, seen.learnedAt) = (hello.role, nil)
    instances[id] = seen
    var effects = learn(id, now: time)
    instances[id]?.registered.role = hello.role
    touch(id)
    if !seen.isDelivered { effects += deliver(id, now: time) }
    return effects + endDrain(id, now: time) + pass(id, now: time)
  }

  /// Has the registry know what an instance says of itself, again after two seconds without
  /// success.
  mutating func learn(_ id: InstanceID, now: Int64) -> [Effect] {
    guard let instance = instances[id], let role = instance.roleToLearn else { return [] }
    if let learnedAt = instance.learnedAt, now - learnedAt < 2_000 { return [] }
    instances[id]?.learnedAt = now
    return [.learn(id, role: role, ownMaximum: instance.ownMaximum)]
  }

  /// Has the registry know of a drain that ended with the restart, again after two seconds
  /// without success.
  mutating func endDrain(_ id: InstanceID, now: Int64) -> [Effect] {
    guard let instance = instances[id], let drain = instance.drainToEnd else { return [] }
    if let toldAt = instance.endedDrainToldAt, now - toldAt < 2_000 { return [] }
    instances[id]?.endedDrainToldAt = now
    return [.endDrain(id, startedAt: drain)]
  }

  private func mismatch(
    _ hello: LoadFeedHello, with row: RegisteredInstance
  ) -> String? {
    if hello.id != row.id { return "\(hello.id) answers at its address" }
    if !hello.cluster.isEmpty, hello.cluster != contents.cluster {
      return "belongs to cluster \(hello.cluster)"
    }
    if hello.role.isLoadBalancer != row.role.isLoadBalancer {
      return "is a \(hello.role.name), not a \(row.role.name)"
    }
    return nil
  }

  /// Not to be reached, for now: tried again after a while, for ever.
  mutating func lost(
    _ id: InstanceID, reason: String, attempt: Int, now: Moment
  ) -> [Effect] {
    if instances[id]?.health != .stopped {
      instances[id]?.becomes(.unreachable, at: now.wall, reason: reason)
    }
    reservations.drop(id)
    touch(id)
    let delay = jitter.retryDelayMilliseconds(attempt: attempt)
    return openFeed(id, attempt: attempt + 1, delayMilliseconds: delay)
  }
}
