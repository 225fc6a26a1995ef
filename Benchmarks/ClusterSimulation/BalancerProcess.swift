internal import Balancing
internal import ClusterModel

/// A balancer as its service drives it: events go in one after the other, effects are carried
/// out after each, changes are told at once and then every 50 ms.
final class BalancerProcess: SimulatedProcess {
  let id: InstanceID
  let address: Address
  /// Nil while it is down, and before it has read the registry.
  var balancer: Balancer?

  // What its service keeps.
  var feeds: [Int: Link] = [:]
  /// Feeds that are asked for and not open yet.
  var opening: Set<Int> = []
  var delivering: [InstanceID: Bool] = [:]
  private var waiters: [(number: Int, ids: [InstanceID], answer: (Bool) -> Void)] = []
  private var lastWaiter = 0
  private var lastFlush: Int64?
  private var isFlushPlanned = false
  private var lastTicket = 0
  var hasOutage = false
  var seenWrites = 0

  // What other balancers are told, and say.
  var peerReaders: [PeerReader] = []
  var peerReadings: [InstanceID: PeerReading] = [:]
  var lastPeerFeed = 0
  var lastPeerReport: Int64?
  var isPeerReportPlanned = false

  // The status feed.
  var epoch = ""
  var told = ToldLog<StatusPiece>(keptBytes: 0)
  var listeners: [(reader: FeedReader, link: Link)] = []

  /// What is written down to judge it by.
  var record = BalancerRecord()

  static let tickMilliseconds: Int64 = 250
  private static let flushMilliseconds: Int64 = 50

  init(world: World, node: Int, id: InstanceID, address: Address) {
    self.id = id
    self.address = address
    super.init(world: world, node: node)
  }

  // MARK: Life

  /// Starts, and reads the registry as soon as it can.
  func start() {
    begin()
    epoch = "\(id)-\(life)"
    record = BalancerRecord()
    record.tickedAt = moment.monotonicMilliseconds
    told = ToldLog(keptBytes: 40)
    (feeds, opening, delivering, waiters, listeners) = ([:], [], [:], [], [])
    (lastFlush, isFlushPlanned, hasOutage) = (nil, false, false)
    (peerReaders, peerReadings, lastPeerReport, isPeerReportPlanned) = ([], [:], nil, false)
    world.note("\(id) starts")
    open()
  }

  /// Ends without a word.
  func kill() {
    world.note("\(id) dies")
    for number in feeds.keys.sorted() {
      if let link = feeds[number] { link.close(from: link.client) }
    }
    for (_, link) in listeners { link.close(from: link.server) }
    balancer = nil
    die()
  }

  /// The run is over: what refers to each other is let go.
  func letGo() { (feeds, waiters, listeners, peerReaders) = ([:], [], [], []) }

  private func open() {
    register { outcome in
      guard case .success(let commit) = outcome else {
        return self.after(1_000) { self.open() }
      }
      self.serve(commit)
    }
  }

  /// It was removed while it could not know: it stops, and somebody starts it again.
  func expelled() {
    world.note("\(id) was removed")
    let before = life
    kill()
    world.after(world.pick(50...10_000)) {
      if !self.isUp, self.life == before { self.start() }
    }
  }

  /// Writes its row.
  func register(then answer: @escaping (Outcome) -> Void) {
    let (joining, now) = (
      Joining(
        reach: InstanceReach(address),
        profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0)), moment
    )
    let request = MutationMachine.Request(.join(id, joining), actor: .balancer(id))
    ask { [id] registry, world throws(MutationRefusal) in
      try registry.change(request, at: now.wall, by: self.node, in: world) {
        contents throws(MutationRefusal) in
        try contents.register(id, joining, at: now.wall)
      }
    } then: {
      answer($0)
    }
  }

  private func serve(_ commit: SimulatedRegistry.Commit) {
    seenWrites = world.registry.foreignWrites(for: node)
    let lifetime: Int64 = world.sabotage == .reservesTooLong ? 30_000 : Self.reservation
    var balancer = Balancer(
      settings: BalancerSettings(
        id: id, version: "1", startedAt: moment.wall, registryKind: "sqlite",
        reservationMilliseconds: lifetime, slowStartMilliseconds: slowStart,
        ticketMark: "\(epoch)-"),
      contents: commit.kept.contents, actions: world.registry.lastActions,
      seed: world.random.next(), now: moment)
    record.keep(balancer.snapshot)
    let effects = balancer.registryChanged(to: commit.kept.contents, now: moment)
    self.balancer = balancer
    run { _, _ in effects }
    after(Self.tickMilliseconds) { self.tick() }
    after(1_000) { self.probe() }
  }

  static let reservation: Int64 = 10_000

  /// Every second balancer starts servers slowly.
  private var slowStart: Int64 {
    id.text.last?.wholeNumberValue?.isMultiple(of: 2) == true ? 20_000 : 0
  }

  // MARK: Events

  /// Lets an event in.
  func run(_ event: (inout Balancer, Moment) -> [Balancer.Effect]) {
    guard var current = balancer.take() else { return }
    let effects = event(&current, moment)
    balancer = current
    tellActions()
    answerWaiters()
    for effect in effects { carryOut(effect) }
    flush()
    planPeerReport()
    check()
  }

  private func tick() {
    run { $0.tick(now: $1) }
    let now = moment.monotonicMilliseconds
    record.ticked(at: now)
    checkTime()
    lookForNews()
    for (reader, _) in listeners { reader.catchUp() }
    after(Self.tickMilliseconds) { self.tick() }
  }

  /// Whether these instances obey: at once, or after a second at most.
  func whenDelivered(_ ids: [InstanceID], _ answer: @escaping (Bool) -> Void) {
    lastWaiter += 1
    let number = lastWaiter
    waiters.append((number, ids, answer))
    after(1_000) {
      guard let place = self.waiters.firstIndex(where: { $0.number == number }) else { return }
      self.waiters.remove(at: place).answer(false)
    }
    answerWaiters()
  }

  private func answerWaiters() {
    guard !waiters.isEmpty, let balancer else { return }
    let outcomes = waiters.map { balancer.deliveryOutcome(of: $0.ids) }
    let ready = zip(waiters, outcomes).filter { $1 != nil }
    waiters = zip(waiters, outcomes).filter { $1 == nil }.map(\.0)
    for (waiter, outcome) in ready { waiter.answer(outcome == true) }
  }

  func newTicket() -> String {
    lastTicket += 1
    return "\(epoch)-\(lastTicket)"
  }

  // MARK: Telling

  private func flush() {
    guard !isFlushPlanned, balancer != nil else { return }
    let passed = lastFlush.map { moment.monotonicMilliseconds - $0 } ?? Self.flushMilliseconds
    guard passed < Self.flushMilliseconds else { return tell() }
    isFlushPlanned = true
    after(Self.flushMilliseconds - passed) {
      self.isFlushPlanned = false
      self.tell()
    }
  }

  func tell() {
    guard let change = balancer?.takeChange(now: moment), let snapshot = balancer?.snapshot else {
      return
    }
    lastFlush = moment.monotonicMilliseconds
    record.keep(snapshot)
    world.note("\(id) tells \(change)")
    checkSnapshot(snapshot)
    publish(.change(change), sequence: change.sequence)
    tellEvents()
  }

  /// Tells of actions at once.
  func tellActions() {
    for action in balancer?.collectRecorded() ?? [] {
      world.note("\(id) tells of action \(action.id)")
      publish(.action(action), sequence: nil)
    }
    tellEvents()
  }

  private func tellEvents() {
    for event in balancer?.collectEvents() ?? [] { publish(.event(event), sequence: nil) }
  }

  private func publish(_ piece: StatusPiece, sequence: Int64?) {
    told.append(piece, bytes: 1, sequence: sequence)
    for (reader, link) in listeners { reader.offer(piece, over: link) }
  }
}
