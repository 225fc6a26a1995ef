internal import ClusterModel
internal import Hosting

/// What must hold of an instance after everything that it did.
extension InstanceProcess {
  func check() {
    guard world.isWatched, let life = hosting else { return }
    let sessions = life.openSessions.map(\.id).sorted()
    world.expect(
      sessions == open.keys.sorted(), .sessionEndsOnce,
      "\(id) keeps sessions \(sessions), and \(open.keys.sorted()) are connected")
    world.expect(
      life.revision >= record.keptRevision, .instanceDoesNotGoBack,
      "\(id) had obeyed revision \(record.keptRevision), and now \(life.revision)")
    world.expect(
      life.revision >= record.promisedRevision, .deliveredIsInForce,
      "\(id) obeys \(life.revision), and \(record.promisedRevision) was said to be delivered")
    if let desired = life.desired {
      world.expect(
        world.registry.line(saying: desired, to: id) != nil, .instanceObeysTheRegistry,
        "\(id) obeys what the registry never said with revision \(desired.revision)")
    }
    world.expect(
      life.connected <= max(maximum(life), record.connected), .nobodyOverMaximum,
      "\(id) has \(life.connected) sessions of \(maximum(life))")
    record.connected = life.connected
  }

  private func maximum(_ life: InstanceLife) -> Int { life.desired?.limit ?? ownMaximum }

  /// A client was let in: was that right, by what the registry said?
  func checkOpening(_ kind: ClientKind, connectedBefore: Int) {
    guard let life = hosting else { return }
    world.expect(
      connectedBefore < maximum(life), .nobodyOverMaximum,
      "\(id) let a client in with \(connectedBefore) of \(maximum(life))")
    world.expect(
      !record.knowsAway, .downTakesNobody, "\(id) let a client in, and its application is away")
    guard let document = life.desired, let line = world.registry.line(saying: document, to: id)
    else {
      return world.expect(false, .drainedLetsNobodyIn, "\(id) let a client in unasked")
    }
    let mayServe =
      !document.removed && document.unlicensedReason == nil
      && Role.server(services).serves(kind)
    world.expect(
      mayServe && (document.admission == .accepting || isOver(document, in: line)),
      .drainedLetsNobodyIn,
      "\(id) let a client in against \(document)")
  }

  /// The drain was one until restart, and there was a restart since it was last asked for.
  private func isOver(_ document: DesiredState, in line: Int) -> Bool {
    guard let drain = document.drain, drain.untilRestart,
      let ended = record.endedRevision(of: drain),
      let asked = world.registry.lines[line].lastDrain(of: id, upTo: document.revision)
    else { return false }
    return ended >= asked
  }

  /// What was called delivered is what it would obey after a restart too: by its number, or by
  /// its words where it was told them by the registry that the copy was made of.
  func checkDelivered(_ document: DesiredState, in line: Int) {
    guard line == world.registry.lastLine else { return }
    let isThere = kept.map { kept in
      kept.revision >= document.revision
        && (world.registry.line(saying: kept, to: id) == line || kept.digest == document.digest)
    }
    world.expect(
      isThere == true, .deliveredIsInForce,
      "\(id) obeys \(kept.map { "\($0)" } ?? "nothing"), and \(document) was called delivered")
  }

  /// A drain ended a session: was its time over, and was its user told?
  func checkEnd(of session: SessionRecord) {
    guard let drain = hosting?.desired?.drain else {
      return world.expect(false, .toldBeforeEnd, "\(id) ended a session without a drain")
    }
    let now = moment
    let warned = session.toldAt.map { now.monotonicMilliseconds - $0 }
    world.expect(
      (warned ?? -1) >= 60_000, .toldBeforeEnd,
      "\(id) ended a session, and its user was told \(warned.map { "\($0) ms" } ?? "never")")
    let isOver = drain.deadline.map { now.wall >= $0 } ?? false
    var isIdle = false
    if let seconds = drain.closeIdleAfterSeconds, let active = session.activeAt {
      isIdle = now.monotonicMilliseconds - active >= Int64(seconds) * 1_000
    }
    world.expect(isOver || isIdle, .toldBeforeEnd, "\(id) ended a session before its time")
  }
}
