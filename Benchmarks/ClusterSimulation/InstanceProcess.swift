internal import Balancing
internal import ClusterModel
internal import Hosting

/// A session that was let in, from its opening to its end.
final class SessionRecord {
  let id: String
  let server: InstanceID
  /// The connection that it is.
  let link: Link
  /// When its user was last told of an end to come, by the instance's monotonic clock.
  var toldAt: Int64?
  var endings = 0
  var activeAt: Int64?

  init(id: String, server: InstanceID, link: Link) {
    (self.id, self.server, self.link) = (id, server, link)
  }
}

/// An instance as its service drives it. What it keeps on its disk outlives its process.
final class InstanceProcess: SimulatedProcess {
  let id: InstanceID
  let services: ServerServices
  let ownMaximum: Int
  var address: Address
  var hosting: InstanceLife?
  /// On the disk: the last document that it obeyed.
  private(set) var kept: DesiredState?
  /// It lies.
  var isLiar: Bool { world.liar == id }
  private(set) var open: [String: SessionRecord] = [:]
  var feeds: [Int: FeedReading] = [:]
  var lastFeed = 0
  private var tickPlan = 0
  private var joinPlan = 0
  var schedule = JoinSchedule(endpointCount: 1, now: 0)
  /// What is behind it; nil: nothing.
  var application: SimulatedApplication?
  var lookPlan = 0
  /// On the disk: which servers there are.
  var directory: ServerDirectory?
  var loads = PeerLoads()
  /// The rounds of questions that are under way.
  var rounds: [ClientKind: ListRound] = [:]
  /// Dies between obeying the next document and writing it to the disk.
  var diesBeforeKeeping = false

  /// What is written down to judge it by.
  var record = InstanceRecord()

  init(
    world: World, node: Int, id: InstanceID, address: Address, services: ServerServices,
    maximum: Int
  ) {
    (self.id, self.address, self.services, ownMaximum) = (id, address, services, maximum)
    super.init(world: world, node: node)
  }

  // MARK: Life

  func start() {
    begin()
    world.note("\(id) starts at \(address)")
    (feeds, open, diesBeforeKeeping) = ([:], [:], false)
    (loads, rounds) = (PeerLoads(), [:])
    if world.sabotage == .forgetsDocument, world.chance(0.3), let older = record.previous {
      kept = older
    }
    let maximum = world.sabotage == .ownMaximumIgnored ? ownMaximum + 3 : ownMaximum
    hosting = InstanceLife(
      id: id, profile: InstanceProfile(role: .server(services), ownMaximum: maximum),
      startedAt: moment.wall, kept: kept, application: application.map { _ in ApplicationHealth() })
    record.started(with: kept)
    planLook()
    schedule = JoinSchedule(
      endpointCount: world.balancers.count, now: moment.monotonicMilliseconds)
    planJoin()
    beat()
    if isLiar { joinInOtherNames() }
    check()
  }

  /// Ends without a word.
  ///
  /// - Parameter silently: With its machine: nobody even learns that connections are gone.
  func kill(silently: Bool = false) {
    world.note("\(id) dies\(silently ? " with its machine" : "")")
    for number in feeds.keys.sorted() { feeds[number].map { end($0.link, silently) } }
    for session in open.keys.sorted() {
      guard let record = open[session] else { continue }
      end(record.link, silently)
      ended(record)
    }
    (hosting, open, feeds, rounds) = (nil, [:], [:], [:])
    die()
  }

  /// The run is over.
  func letGo() { (open, feeds, rounds) = ([:], [:], [:]) }

  private func end(_ link: Link, _ silently: Bool) {
    if silently { link.vanish(link.server) } else { link.close(from: link.server) }
  }

  /// A planned stop: everybody is told.
  func stop() {
    world.note("\(id) stops")
    act { $0.stop() }
    for number in feeds.keys.sorted() {
      guard let link = feeds[number]?.link else { continue }
      link.put(.load(.load(connected: 0, tickets: [])), to: link.client)
      link.put(.load(.goodbye), to: link.client)
      link.close(from: link.server)
    }
    kill()
  }

  private func ended(_ session: SessionRecord) {
    session.endings += 1
    world.expect(
      session.endings == 1, .sessionEndsOnce, "session \(session.id) of \(id) ends again")
  }

  // MARK: Joining

  func planJoin() {
    joinPlan += 1
    let plan = joinPlan
    after(schedule.dueAt - moment.monotonicMilliseconds) {
      if self.joinPlan == plan { self.join() }
    }
  }

  /// One half asks over the balancer's Unix socket, the other with a token of its own.
  private var asker: InstanceOwner {
    guard node.isMultiple(of: 2) else { return .local }
    let token = SimulatedRegistry.token(node % SimulatedRegistry.tokens + 1)
    return .token(id: token, name: token)
  }

  private func join() {
    let balancer = world.balancers[schedule.endpoint]
    var isOver = false
    let finish = { (isAnswered: Bool) in
      guard !isOver else { return }
      isOver = true
      let now = self.moment.monotonicMilliseconds
      if isAnswered {
        self.schedule.answered(now: now)
      } else {
        self.schedule.failed(now: now, jitter: Double(self.world.pick(0...100)) / 100)
      }
      self.planJoin()
    }
    after(5_000) { finish(false) }
    guard balancer.isUp, balancer.balancer != nil else {
      return after(world.pick(1...5)) { finish(false) }
    }
    let joining = Joining(
      reach: InstanceReach(address),
      profile: InstanceProfile(role: .server(services), ownMaximum: ownMaximum), asker: asker)
    let obeyed = claim
    world.send(from: self, to: balancer, repeats: true) {
      balancer.join(self.id, joining, obeying: obeyed) { answer in
        self.world.send(from: balancer, to: self) {
          guard !isOver else { return }
          finish(self.obey(answer))
        }
      }
    }
  }

  /// - Returns: Whether a balancer answered for the cluster.
  private func obey(_ answer: BalancerProcess.JoinAnswer) -> Bool {
    switch answer {
    case .failed: return false
    case .notOwner(let balancer):
      // Somebody has added it, and now hands it to the token of its host.
      balancer.assign(id, to: asker)
      return false
    case .joined(let document):
      obey(document, byJoin: true)
      return true
    case .removed(let document):
      guard let document, hosting?.desired != nil else { return false }
      obey(document, byJoin: false)
      return true
    }
  }

  // MARK: Documents

  /// A balancer sends a document.
  ///
  /// - Returns: What it obeys now; nil where it did not take it.
  func obey(_ document: DesiredState) -> Int64? {
    guard hosting?.desired != nil else { return nil }  // knows no key to believe it by
    if world.sabotage == .confirmsUnread, document.revision > (hosting?.revision ?? 0),
      world.chance(0.5)
    {
      return document.revision
    }
    switch obey(document, byJoin: false) {
    case .obeyed?, .known?: return hosting?.revision
    case .otherRegistry?:
      schedule.hurry()
      planJoin()
      return nil
    case .outdated?, nil: return nil
    }
  }

  @discardableResult
  private func obey(_ document: DesiredState, byJoin: Bool) -> ObeyOutcome? {
    var document = document
    if world.sabotage == .obeysForgery, document.admission == .rejecting {
      document.admission = .accepting
    }
    var outcome: ObeyOutcome?
    act { life in
      outcome = life.obey(document, byJoin: byJoin, now: moment)
      guard case .obeyed(let deliveries)? = outcome else { return [] }
      return deliveries
    }
    guard case .obeyed? = outcome else { return outcome }
    guard !diesBeforeKeeping else {
      world.faults[.instanceKilledUnkept] += 1
      kill()
      return nil
    }
    if let before = kept, before != document { record.previous = before }
    kept = document
    hosting?.kept(document)
    ring()
    record.keptRevision = document.revision
    world.note("\(id) obeys \(document.revision)")
    planTick(after: 0)
    check()
    return outcome
  }

  // MARK: Time

  /// Ends the sessions whose time has come, and plans the next look.
  private func planTick(after milliseconds: Int64) {
    tickPlan += 1
    let plan = tickPlan
    after(milliseconds) {
      guard self.tickPlan == plan else { return }
      var now = self.moment
      if self.world.sabotage == .endsTooEarly { now.monotonicMilliseconds += 59_000 }
      self.act(byDrain: true) { $0.tick(now: now) }
      guard let next = self.hosting?.nextDeadline(now: self.moment) else { return }
      self.planTick(after: max(1, next - self.moment.monotonicMilliseconds))
    }
  }

  /// Decides, then tells users and readers.
  func act(byDrain: Bool = false, _ decide: (inout InstanceLife) -> [Delivery]) {
    guard var life = hosting.take() else { return }
    let deliveries = decide(&life)
    hosting = life
    for delivery in deliveries { tell(delivery, byDrain: byDrain) }
    ring()
    check()
  }

  private func tell(_ delivery: Delivery, byDrain: Bool) {
    guard let session = open[delivery.session] else {
      return world.expect(
        false, .sessionEndsOnce, "\(id) speaks to session \(delivery.session), which is over")
    }
    let link = session.link
    link.put(.message(delivery.message), to: link.client)
    switch delivery.message {
    case .notice:
      session.toldAt = moment.monotonicMilliseconds
    case .end:
      if byDrain { checkEnd(of: session) }
      open[delivery.session] = nil
      ended(session)
      link.close(from: link.server)
    }
  }

  // MARK: Sessions

  /// A client asks to be let in.
  ///
  /// - Returns: Nil where it is refused.
  func letIn(_ caller: Caller, over link: Link) -> HostedSession.Grant? {
    guard var life = hosting.take() else { return nil }
    let before = life.connected
    if world.sabotage == .ignoresDrain, life.refusal(of: caller.kind) == .rejectingClients,
      before < life.desired?.limit ?? ownMaximum
    {
      hosting = life
      checkOpening(caller.kind, connectedBefore: before)
      return nil
    }
    if world.sabotage == .ignoresOutage, case .applicationDown? = life.refusal(of: caller.kind) {
      hosting = life
      checkOpening(caller.kind, connectedBefore: before)
      return nil
    }
    let grant = try? life.openSession(caller, now: moment, using: &world.random)
    hosting = life
    guard let grant else { return nil }
    let session = SessionRecord(id: grant.session, server: id, link: link)
    open[grant.session] = session
    world.sessions.append(session)
    link.server.receive = { [unowned self] _ in self.connectionLost(grant.session) }
    checkOpening(caller.kind, connectedBefore: before)
    ring()
    check()
    return grant
  }

  private func connectionLost(_ session: String) {
    guard let record = open.removeValue(forKey: session) else { return }
    ended(record)
    if world.sabotage != .keepsDeadSession || !world.chance(0.2) {
      hosting?.close(session)
    }
    ring()
    check()
  }

  func noteActivity(_ session: String, _ secret: String) {
    guard let now = hosting.map({ _ in moment }),
      hosting?.noteActivity(in: session, secret: secret, now: now) == .noted
    else { return }
    open[session]?.activeAt = now.monotonicMilliseconds
  }
}
