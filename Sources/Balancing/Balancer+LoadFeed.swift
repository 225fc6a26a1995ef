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
  case refused(reason: String)
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

  package init(
    id: InstanceID, cluster: String, role: Role, ownMaximum: Int, startedAt: Timestamp,
    version: String, revision: Int64
  ) {
    self.id = id
    self.cluster = cluster
    self.role = role
    self.ownMaximum = ownMaximum
    self.startedAt = startedAt
    self.version = version
    self.revision = revision
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
        return openFeed(id, attempt: 0, delayMilliseconds: 0)
      }
      return lost(id, reason: reason, attempt: instance.feed.attempt, now: now)
    case .refused(let reason):
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
    seen.ownMaximum = hello.ownMaximum
    seen.version = hello.version
    seen.startedAt = hello.startedAt
    seen.obeyedRevision = hello.revision
    var effects: [Effect] = []
    if instance.registered.role != hello.role
      || instance.registered.ownMaximum != hello.ownMaximum
    {
      seen.registered.role = hello.role
      effects.append(.learn(id, role: hello.role, ownMaximum: hello.ownMaximum))
    }
    instances[id] = seen
    touch(id)
    if !seen.isDelivered { effects += deliver(id, now: time) }
    return effects
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
