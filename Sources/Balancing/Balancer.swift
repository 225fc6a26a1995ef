package import ClusterModel

/// A dedicated load balancer as a value: events and time go in, decisions come out. It uses no
/// socket and no clock.
///
///     registry ──registryChanged──▶ ┌──────────┐ ──▶ effects: open and close feeds, deliver
///     load feeds ──feed(event)────▶ │ Balancer │ ──▶ handshake(…): the list, in order
///     time ──tick────────────────▶ └──────────┘ ──▶ takeChange(): what the status feed says
package struct Balancer: Sendable {
  /// What the shell around it must do.
  package enum Effect: Equatable, Sendable {
    /// Open a load feed after a delay. Give this number with all its events.
    case openFeed(InstanceID, Address, number: Int, delayMilliseconds: Int64)
    case closeFeed(InstanceID, number: Int)
    /// Send the instance its desired state.
    case deliver(InstanceID)
    /// Let `MutationMachine` carry this out: an instance said something that the registry does not
    /// have, or time has passed. If it fails, the balancer asks again.
    case write(Mutation, by: ActionActor)
    /// These instances obey the revisions of their rows: call `ClusterRegistry.confirm`, then
    /// `confirmed`.
    case confirm([InstanceID: Int64])
    /// Write this about the instance into the log.
    case report(InstanceID, String)
    /// Check this license with the trusted key, and call `licenseVerified`.
    case verifyLicense(License)
    /// Another key signs from now on: make instances follow.
    case passKeyOn
    /// Store these events: call `ClusterRegistry.write`, then `logged`. If it fails, the balancer
    /// asks again.
    case log([ClusterEvent])
  }

  let settings: BalancerSettings
  private(set) package var contents: RegistryContents
  /// The other balancers of the registry. Ask them every second.
  private(set) package var peers: [(id: InstanceID, address: Address, tls: Bool)] = []
  var instances: [InstanceID: BalancedInstance] = [:]
  /// What decisions need of them, kept with every change: a decision takes it as it is.
  private(set) var live: [InstanceID: LiveView.Instance] = [:]
  /// Those that say another role of themselves than their rows.
  var inAnotherRole: Set<InstanceID> = []
  /// Those that say of orders what the registry does not know, or what is ignored: looked at again
  /// with every change of the registry.
  var toJudge: Set<InstanceID> = []
  var reservations: Reservations
  var peerReservations = PeerReservations()
  var telling: PeerTelling
  var lists: [ClientKind: HandshakeEntries] = [
    .client: HandshakeEntries(), .batch: HandshakeEntries(),
  ]
  var counter = HandshakeCounter()
  /// The handshakes a second of the other balancers that have reported them.
  var peerRates: [InstanceID: Double] = [:]
  var slowStarts: SlowStarts
  var published: ClusterSnapshot
  var directoryNews = DirectoryNews()
  var dirty: Set<InstanceID> = []
  private var recorded: [ActionRecord] = []
  /// The events that the registry has not stored yet.
  var eventBook = EventBook()
  /// The events that were not on the feed yet.
  var notedEvents: [ClusterEvent] = []
  /// The revisions that are marked as obeyed in the log.
  var confirmations = Confirmations()
  /// When the registry was last asked to raise its number above that of an instance.
  var passes = PassBook()
  /// Removed instances that do not know of their removal, and whether they can be told now.
  var removalsToTell: [InstanceID: Bool] = [:]
  var registryState: BalancerStatus.Registry.State = .available
  var registryRemark: String?
  /// Whether the registry was away and nothing was accepted from it since.
  private var mayGoBack = false
  var lastTick: Int64
  /// The wall clock at that time.
  var lastWall: Timestamp
  private let bornAt: Int64
  /// When each instance must be checked next, in monotonic milliseconds: of a thousand quiet
  /// instances only those that are due.
  var looks: [InstanceID: Int64] = [:]
  /// Whether the orders that instances obey may have changed since they were compared with the log.
  var mayConfirm = true
  /// What this balancer knows about the license, as far as it was checked.
  package internal(set) var licenseVerdict = LicenseVerdict()
  var clock: ClockWatch
  /// When the license is checked next, by the monotonic clock.
  var licenseReviewAt: Int64 = .min
  private var nextFeedNumber = 0
  var jitter: Jitter

  /// - Parameter seed: For the jitter of retries.
  package init(
    settings: BalancerSettings, contents: RegistryContents, actions: [ActionRecord],
    events: [ClusterEvent] = [], seed: UInt64, now: Moment
  ) {
    self.settings = settings
    self.contents = RegistryContents(cluster: contents.cluster, epoch: contents.epoch)
    reservations = Reservations(lifetimeMilliseconds: settings.reservationMilliseconds)
    telling = PeerTelling(mark: settings.ticketMark)
    slowStarts = SlowStarts(milliseconds: settings.slowStartMilliseconds)
    bornAt = now.monotonicMilliseconds
    lastTick = now.monotonicMilliseconds
    lastWall = now.wall
    clock = ClockWatch(now: now, isTrusted: false)
    jitter = Jitter(seed: seed)
    published = ClusterSnapshot(
      cluster: contents.cluster, sequence: 0, at: now.wall,
      balancer: BalancerStatus(
        id: settings.id, version: settings.version, startedAt: settings.startedAt,
        registry: .init(kind: settings.registryKind, state: .available)),
      license: contents.licenseSummary(at: now.wall),
      handshakes: HandshakeCount(balancers: [settings.id: 0]), instances: [],
      handshakeList: [], actions: Array(actions.prefix(ClusterSnapshot.actionsKept)),
      events: events)
  }

  // MARK: Registry

  /// Takes new contents of the registry, whichever balancer changed them.
  ///
  /// Answers of the registry may overtake each other: contents older than the known ones change
  /// nothing. Only after an outage may a registry have gone back, to a copy of itself.
  ///
  /// - Parameter afterOutage: Whether it was read again after an outage.
  package mutating func registryChanged(
    to new: RegistryContents, afterOutage: Bool = false, now: Moment
  ) -> [Effect] {
    let isOld = new.epoch == contents.epoch && new.revision < contents.revision
    guard !isOld || mayGoBack && afterOutage else { return [] }
    mayGoBack = false
    if afterOutage { confirmations.forget() }
    var effects: [Effect] = []
    // A change concerns few of thousands of rows: only those are compared.
    let touched = contents.rowsThatDiffer(from: new)
    for id in touched where new.instances[id]?.isRemoved == true && instances[id] == nil {
      // It joined and was removed at other balancers: this one does not know whether it was told.
      if contents.instances[id]?.revision != new.instances[id]?.revision {
        removalsToTell[id] = false
      }
    }
    let isKeyReplaced = contents.signingSeed != nil && contents.signingSeed != new.signingSeed
    // What depends on a row is computed again for changed rows only, unless all may differ.
    let mayDifferForAll =
      isOld || afterOutage || isKeyReplaced || new.epoch != contents.epoch
      || new.cluster != contents.cluster
    contents = new
    directoryNews.read(new, touched: touched, now: now.monotonicMilliseconds)
    // Rows that were deleted: nobody can be told any more.
    removalsToTell = removalsToTell.filter { new.instances[$0.key] != nil }
    if isKeyReplaced { effects.append(.passKeyOn) }
    peers = new.instances.values
      .filter { !$0.isRemoved && $0.role.isLoadBalancer && $0.id != settings.id }
      .sorted { $0.id < $1.id }.map { ($0.id, $0.address, $0.tls) }
    let changed = Set(touched).union(inAnotherRole).filter { id in
      guard let row = new.instances[id], !row.isRemoved else { return false }
      return instances[id]?.registered != row
    }.sorted()
    inAnotherRole = []
    for id in changed { if let row = new.instances[id] { effects += update(row, now: now) } }
    for id in touched.sorted() where new.instances[id]?.isRemoved != false {
      effects += takeOut(id)
    }
    passes.keep { new.instances[$0] != nil }
    for id in (mayDifferForAll ? Set(instances.keys) : toJudge.union(changed)).sorted() {
      lookSoon(at: id)
      judge(id)
      effects += pass(id, now: now.monotonicMilliseconds)
    }
    mayConfirm = true
    weighReservations()
    return effects + verifyLicense()
  }

  /// An instance has left the cluster.
  private mutating func takeOut(_ id: InstanceID) -> [Effect] {
    guard let instance = instances[id] else { return [] }
    var effects: [Effect] = []
    if let number = instance.feed.number {
      // Told once; where that fails, it is told with the refusal of its next join.
      effects = [.deliver(id), .closeFeed(id, number: number)]
      removalsToTell[id] = instance.isOpen
    }
    instances[id] = nil
    toJudge.remove(id)
    reservations.drop(id)
    telling.forget(id)
    touch(id)
    for other in peerReservations.forget(id).sorted() { touchReservations(of: other) }
    return effects
  }

  private mutating func update(_ row: RegisteredInstance, now: Moment) -> [Effect] {
    guard var instance = instances[row.id] else {
      removalsToTell[row.id] = nil
      var instance = BalancedInstance(row, since: now.wall)
      if row.id == settings.id {
        instance.health = .alive
        instance.version = settings.version
        instance.startedAt = settings.startedAt
      }
      instances[row.id] = instance
      touch(row.id)
      guard !row.role.isLoadBalancer else { return [] }
      return openFeed(row.id, attempt: 0, delayMilliseconds: 0, now: now)
    }
    guard instance.registered != row else { return [] }
    let before = instance.registered
    instance.register(row)
    instances[row.id] = instance
    if row.admission == .rejecting, before.admission != .rejecting { reservations.drop(row.id) }
    touch(row.id)
    var effects: [Effect] = []
    if before.address != row.address, let number = instance.feed.number {
      effects.append(.closeFeed(row.id, number: number))
      effects += openFeed(row.id, attempt: 0, delayMilliseconds: 0, now: now)
    } else if before.revision != row.revision, case .open = instance.feed {
      instances[row.id]?.deliveries = Pace()
      effects += deliver(row.id, now: now.monotonicMilliseconds)
    }
    return effects
  }

  /// The registry went away, or came back.
  package mutating func registryBecame(_ state: BalancerStatus.Registry.State) {
    if registryState == .unavailable, state == .available { mayGoBack = true }
    registryState = state
  }

  /// What operators should know about the way to the registry; nil: nothing.
  package mutating func registryRemarked(_ remark: String?) { registryRemark = remark }

  var isRegistryAvailable: Bool { registryState == .available }

  /// An action was added to the log, or its result is known.
  package mutating func record(_ action: ActionRecord) {
    published.append(action)
    recorded.append(action)
  }

  /// Takes actions of the log, newest first; another program may have written some of them.
  package mutating func record(news actions: [ActionRecord]) {
    for action in actions.reversed() where !published.actions.contains(action) { record(action) }
  }

  /// The actions that were recorded since the last call. Each is a separate event of the feed.
  package mutating func collectRecorded() -> [ActionRecord] {
    defer { recorded = [] }
    return recorded
  }

  // MARK: Status feed

  /// The cluster as the status feed has reported it so far.
  package var snapshot: ClusterSnapshot { published }

  /// The number of the last reported change.
  package var sequence: Int64 { published.sequence }

  // MARK: Pieces

  /// Marks an instance as changed and updates its place in the lists.
  mutating func touch(_ id: InstanceID) {
    let seen = instances[id].map(LiveView.Instance.init)
    if live[id] != seen { live[id] = seen }
    dirty.insert(id)
    telling.touch(id)
    lookSoon(at: id)
    let status = status(of: id)
    noteListing(of: id, status)
    for kind in [ClientKind.client, .batch] {
      let new = status.flatMap { listed($0, for: kind) }
      lists[kind]?.set(id, to: new)
    }
  }

  /// Begins the slow start of a server that comes into the lists. Servers that a balancer finds at
  /// its own start have not come back; the balancer has.
  private mutating func noteListing(of id: InstanceID, _ status: InstanceStatus?) {
    guard settings.slowStartMilliseconds > 0 else { return }
    let isListed = status.map {
      $0.derivedExclusion(for: .client) == nil || $0.derivedExclusion(for: .batch) == nil
    }
    guard let instance = instances[id], isListed != instance.isListed else { return }
    instances[id]?.isListed = isListed ?? false
    guard isListed == true else { return slowStarts.drop(id) }
    let isOwnStart = !instance.wasListed && lastTick - bornAt < Self.ownStartMilliseconds
    instances[id]?.wasListed = true
    if !isOwnStart { slowStarts.begin(id, now: lastTick, wall: lastWall) }
  }

  /// How long after its start a balancer finds servers that were there before.
  private static let ownStartMilliseconds: Int64 = 10_000

  private func listed(
    _ status: InstanceStatus, for kind: ClientKind
  ) -> (rank: HandshakeRank, entry: HandshakeEntry)? {
    guard status.derivedExclusion(for: kind) == nil, let instance = instances[status.id] else {
      return nil
    }
    return (
      HandshakeRank(
        id: status.id, load: status.load, reservationWeight: reservationWeight,
        weighed: reservations[status.id], guessed: guessed(on: status.id),
        isHeldBack: slowStarts.holdsBack(status.id)),
      HandshakeEntry(
        id: status.id, address: instance.registered.address, load: status.load,
        tls: instance.registered.tls)
    )
  }

  /// How many times this balancer counts its own reservations: once, plus once for each living
  /// balancer whose reports it does not receive, since that one probably has reserved as much.
  package private(set) var reservationWeight = 1

  /// Counts the balancers again. If their number changed, every rank changes.
  mutating func weighReservations() {
    let unheard = peers.count {
      instances[$0.id]?.health == .alive && !peerReservations.hears($0.id)
    }
    peerRates = peerRates.filter { instances[$0.key] != nil }
    guard reservationWeight != 1 + unheard else { return }
    reservationWeight = 1 + unheard
    for id in instances.keys.sorted() { touch(id) }
  }

  mutating func openFeed(
    _ id: InstanceID, attempt: Int, delayMilliseconds: Int64, now: Moment
  ) -> [Effect] {
    guard let instance = instances[id] else { return [] }
    let shunned = instance.shunnedUntil.map { $0 - now.monotonicMilliseconds } ?? 0
    nextFeedNumber += 1
    instances[id]?.feed = .opening(number: nextFeedNumber, attempt: attempt)
    lookSoon(at: id)
    return [
      .openFeed(
        id, instance.registered.address, number: nextFeedNumber,
        delayMilliseconds: max(delayMilliseconds, shunned))
    ]
  }
}
