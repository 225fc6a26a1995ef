internal import Balancing
internal import ClusterModel

/// What must hold of a balancer after everything that it did.
extension BalancerProcess {
  func check() {
    guard world.isWatched, var balancer else { return }
    let (now, contents) = (moment, balancer.contents)
    let statuses = Self.statuses(in: balancer)
    for kind in [ClientKind.client, .batch] {
      let list = balancer.handshake(kind, nil, now: now).entries
      check(list, kind, among: statuses, by: balancer)
    }
    for status in statuses { check(status) }
    checkKnown(contents)
  }

  /// It goes on from what it has known, or to a later restoring of the registry from a copy.
  private func checkKnown(_ contents: RegistryContents) {
    let count = world.registry.lines.count
    guard contents.revision != record.revision || count != record.lineCount else { return }
    let goesBack = contents.revision < record.revision
    let line = world.registry.line(
      holding: contents, since: goesBack ? record.line + 1 : record.line)
    world.expect(
      line != nil, .balancerDoesNotGoBack,
      "\(id) knew revision \(record.revision), and now \(contents.revision), which the registry "
        + "has not held since")
    (record.revision, record.lineCount) = (contents.revision, count)
    record.line = line ?? record.line
  }

  private func check(_ status: InstanceStatus) {
    let server = status.id
    if status.role.isLoadBalancer {
      world.expect(
        status.load.connected == 0 && record.sessions == 0, .balancerHasNoSession,
        "\(server) has sessions at \(id)")
    }
    let reserved = status.load.reserved
    let most = record.promises(on: server) + (balancer?.peerReserved(on: server) ?? 0)
    world.expect(
      reserved <= most, .reservationsEnd,
      "\(id) keeps \(reserved) reservations on \(server), and \(most) are open")
    let isGone = status.admission == .rejecting || status.health != .alive
    world.expect(
      !isGone || reserved == 0, .reservationsEnd,
      "\(id) keeps \(reserved) reservations on \(server), which takes nobody")
  }

  /// A list as a client is given it.
  ///
  /// - Parameter before: The balancer as it was then: it has reserved a place since.
  func check(_ list: [HandshakeEntry], _ kind: ClientKind, by before: Balancer) {
    guard let balancer else { return }
    check(list, kind, among: Self.statuses(in: balancer), by: before)
  }

  /// Of the members, ascending by id.
  private static func statuses(in balancer: Balancer) -> [InstanceStatus] {
    balancer.contents.instances.values.lazy.filter { !$0.isRemoved }.map(\.id).sorted().compactMap {
      balancer.status(of: $0)
    }
  }

  private func check(
    _ list: [HandshakeEntry], _ kind: ClientKind, among statuses: [InstanceStatus],
    by balancer: Balancer
  ) {
    for entry in list {
      world.expect(
        entry.load.reserved <= max(0, entry.load.maximum - entry.load.connected),
        .reservationsFit, "\(id) lists \(entry.id) with \(entry.load)")
    }
    let heard = Set(balancer.peerFeeds.filter(\.isOpen).map(\.id))
    let weight = statuses.count {
      $0.role.isLoadBalancer && $0.health == .alive && !heard.contains($0.id)
    }
    let slow = Set(statuses.filter { $0.slowStartUntil != nil }.map(\.id))
    for (one, next) in zip(list, list.dropFirst()) {
      // One that starts slowly may be behind its place, but never behind those that are full.
      let mayWait = slow.contains(next.id) && one.load.connected < one.load.maximum
      world.expect(
        mayWait || comes(one, before: next, weight: max(1, weight), balancer.guessed),
        .listIsSorted,
        "\(id) lists \(one.id) \(one.load) before \(next.id) \(next.load)")
    }
    let wanted = statuses.filter { takes($0, kind) }.map(\.id)
    let listed = list.map(\.id).sorted()
    world.expect(
      listed == wanted, .listHoldsActiveServers,
      "\(id) lists \(listed) for \(kind.rawValue), and \(wanted) take them")
  }

  /// Written out a second time, so that the production's own rule is not its judge.
  private func takes(_ status: InstanceStatus, _ kind: ClientKind) -> Bool {
    guard case .known(.server(let services)) = status.role else { return false }
    return status.health == .alive && status.admission == .accepting
      && status.application?.isDown != true
      && status.license.seat != nil && status.load.maximum > 0
      && services.contains(kind == .batch ? .batch : .application)
  }

  private func comes(
    _ one: HandshakeEntry, before next: HandshakeEntry, weight: Int,
    _ guessed: (InstanceID) -> Int
  ) -> Bool {
    let (first, second) = (one.load, next.load)
    let isFull = first.connected >= first.maximum
    if isFull != (second.connected >= second.maximum) { return !isFull }
    let usedFirst = first.connected + first.reserved * weight + guessed(one.id)
    let usedSecond = second.connected + second.reserved * weight + guessed(next.id)
    let (left, right) = (usedFirst * second.maximum, usedSecond * first.maximum)
    if left != right { return left < right }
    let (freeFirst, freeSecond) = (first.maximum - usedFirst, second.maximum - usedSecond)
    return freeFirst == freeSecond ? one.id < next.id : freeFirst > freeSecond
  }

  /// A new client was given a list. Each one in it that starts slowly has earned two parts of this
  /// client at most, and one that stands first has used up a whole one: unless all others are full,
  /// or start slowly as well.
  func checkSlowStarts(_ list: [HandshakeEntry], by before: Balancer) {
    guard world.isWatched else { return }
    for entry in list {
      guard before.status(of: entry.id)?.slowStartUntil != nil else {
        record.slowStarts[entry.id] = nil
        continue
      }
      record.slowStarts[entry.id, default: (0, 0)].earned += 2 / Double(list.count)
    }
    guard let first = list.first, record.slowStarts[first.id] != nil,
      list.dropFirst().contains(where: {
        $0.load.connected < $0.load.maximum && record.slowStarts[$0.id] == nil
      })
    else { return }
    record.slowStarts[first.id]?.given += 1
    let (earned, given) = record.slowStarts[first.id] ?? (0, 0)
    world.expect(
      given <= earned + 0.001, .slowStartIsBounded,
      "\(id) gave \(first.id) \(given) clients, and its share was \(earned)")
  }

  /// What was told last is what the balancer knows.
  func checkSnapshot(_ snapshot: ClusterSnapshot) {
    guard let balancer else { return }
    let statuses = Self.statuses(in: balancer)
    world.expect(
      snapshot.instances == statuses, .feedAddsUp, "\(id) does not tell all that it knows")
    let list = snapshot.handshakeList.sorted()
    let wanted = statuses.filter { takes($0, .client) }.map(\.id)
    world.expect(
      list == wanted, .listHoldsActiveServers, "\(id) tells of the list \(list), not \(wanted)")
  }

  // MARK: Time

  /// Looks whether servers that cannot be heard any more are out of the list.
  func checkTime() {
    guard let balancer else { return }
    let now = moment.monotonicMilliseconds
    for row in balancer.contents.members where !row.role.isLoadBalancer {
      guard isGone(row) else {
        record.goneSince[row.id] = nil
        continue
      }
      let since = record.goneSince[row.id] ?? now
      record.goneSince[row.id] = since
      let isListed = balancer.status(of: row.id)?.health == .alive
      world.expect(
        !isListed || now - since <= Self.longestSilence, .deadServerLeavesList,
        "\(id) lists \(row.id), gone for \(now - since) ms")
    }
  }

  /// Silence, a look at the time, what was on the way, and stalls too short to be seen.
  private static let longestSilence =
    3_000 + 2 * (BalancerProcess.tickMilliseconds + 1_500) + World.latest

  private func isGone(_ row: RegisteredInstance) -> Bool {
    guard let server = world.instance(row.id) else { return true }
    return !server.isUp || server.isStalled || server.address != row.address
      || world.network.isCut(node, server.node)
  }
}
