internal import Balancing
internal import ClusterModel
internal import Hosting

/// A client on its way: a balancer, its list, one server after the other, a session, and again.
final class ClientProcess: SimulatedProcess {
  private let kind: ClientKind
  /// Every third client is behind the same router.
  private let network: NetworkKey
  private var link: Link?
  private var grant: HostedSession.Grant?
  /// Tells the present attempt from those that were given up.
  private var attempt = 0
  /// Stays away from now on.
  private(set) var isDone = false

  init(world: World, node: Int, kind: ClientKind) {
    self.kind = kind
    network = NetworkKey(v4: UInt32(node % 3))
    super.init(world: world, node: node)
  }

  func start() {
    begin()
    (link, grant) = (nil, nil)
    after(world.pick(0...3_000)) { self.shakeHands() }
  }

  /// Its machine is lost: nobody is told.
  func vanish() {
    if let link { link.vanish(link.client) }
    (link, grant) = (nil, nil)
    die()
  }

  /// Closes what it has, and comes no more.
  func finish() {
    isDone = true
    attempt += 1
    closeSession()
  }

  /// The run is over.
  func letGo() { link = nil }

  private func closeSession() {
    if let link { link.close(from: link.client) }
    (link, grant) = (nil, nil)
  }

  private func again() {
    guard !isDone else { return }
    closeSession()
    after(world.pick(200...4_000)) { self.shakeHands() }
  }

  private func next(_ milliseconds: Int64, _ act: @escaping () -> Void) {
    let current = attempt
    after(milliseconds) {
      if self.attempt == current { act() }
    }
  }

  // MARK: The way

  private func shakeHands() {
    guard !isDone else { return }
    attempt += 1
    let current = attempt
    next(5_000) { self.again() }
    guard let balancer = world.pick(of: world.balancers) else { return }
    // Some find no balancer though it is up: it is not reached from everywhere.
    guard balancer.isUp, !world.chance(0.1) else { return askServer() }
    if world.chance(0.02) { knock(at: balancer) }
    world.send(from: self, to: balancer, repeats: true) {
      guard let list = balancer.answer(self.kind, to: self.network) else { return }
      self.world.send(from: balancer, to: self) {
        guard self.attempt == current else { return }
        self.attempt += 1
        self.tryServers(list.entries[...], list.ticket)
      }
    }
  }

  /// The last entry of its configuration.
  private func askServer() {
    guard let server = world.pick(of: world.instances), server.isUp else { return }
    let current = attempt
    world.send(from: self, to: server, repeats: true) {
      server.list(for: self.kind) { list in
        self.world.send(from: server, to: self) {
          guard self.attempt == current else { return }
          self.attempt += 1
          self.tryServers(list[...], nil)
        }
      }
    }
  }

  /// A badly configured client asks a balancer itself for a session.
  private func knock(at balancer: BalancerProcess) {
    guard world.sabotage == .balancerServes else { return }
    balancer.record.sessions += 1
    balancer.check()
  }

  private func tryServers(_ list: ArraySlice<HandshakeEntry>, _ ticket: String?) {
    guard let first = list.first else { return again() }
    attempt += 1
    closeSession()
    next(2_000) { self.tryServers(list.dropFirst(), ticket) }
    guard let server = world.instance(at: first.address) else { return }
    guard !world.network.isCut(node, server.node) else { return }
    let current = attempt
    let link = Link(world: world, client: self, server: server)
    self.link = link
    link.client.receive = { [unowned self, unowned link] parcel in
      guard self.link === link else { return }
      self.hear(parcel)
    }
    let caller = Caller(
      kind: kind, user: "user\(node)", computer: "pc\(node)", ticket: ticket)
    server.after(world.delay()) {
      // A connection that was given up meanwhile carries no request any more.
      guard link.client.isOpen, let grant = server.letIn(caller, over: link) else {
        return self.world.send(from: server, to: self) {
          if self.attempt == current { self.tryServers(list.dropFirst(), ticket) }
        }
      }
      link.put(.opened(grant), to: link.client)
    }
  }

  // MARK: In a session

  private func hear(_ parcel: Parcel) {
    switch parcel {
    case .opened(let grant):
      attempt += 1
      self.grant = grant
      world.note("user\(node) is in session \(grant.session)")
      if world.chance(0.3) { report() }
      if world.chance(0.9) { useApplication() }
      next(world.chance(0.2) ? world.pick(60_000...200_000) : world.pick(500...30_000)) {
        self.again()
      }
    case .message(.end), .tunnelEnded, .closed:
      attempt += 1
      again()
    default: break
    }
  }

  private func useApplication() {
    guard let grant, let link, let server = link.server.process as? InstanceProcess else { return }
    world.send(from: self, to: server) { server.openTunnel(grant, over: link) }
  }

  /// Reports activity, now and then, for some time.
  private func report() {
    guard let grant, let server = link?.server.process as? InstanceProcess else { return }
    world.send(from: self, to: server) { server.noteActivity(grant.session, grant.secret) }
    if world.chance(0.8) { next(world.pick(500...5_000)) { self.report() } }
  }

  /// Its connection breaks.
  func cut() { link?.cut() }
}

extension BalancerProcess {
  /// A client shakes hands. Nil where there is nothing to answer.
  func answer(_ kind: ClientKind, to network: NetworkKey) -> HandshakeList? {
    guard let before = balancer else { return nil }
    let wish = ReservationWish(ticket: newTicket(), network: network)
    var given = HandshakeList()
    run { balancer, now in
      given = balancer.handshake(kind, wish, now: now)
      if let ticket = given.ticket {
        record.promise(ticket, on: given.entries.first?.id, at: now.monotonicMilliseconds)
      }
      return []
    }
    given.entries = sabotaged(given.entries)
    check(given.entries, kind, by: before)
    checkSlowStarts(given.entries, by: before)
    return given.entries.isEmpty ? nil : given
  }

  private func sabotaged(_ list: [HandshakeEntry]) -> [HandshakeEntry] {
    var list = list
    if world.sabotage == .swapsList, list.count > 1 { list.swapAt(0, 1) }
    let empty = list.firstIndex { isStartingSlowly($0.id) && $0.load.connected == 0 }
    if world.sabotage == .rushesIn, let empty { list.insert(list.remove(at: empty), at: 0) }
    if world.sabotage == .listsEverybody, let other = listed(none: list) { list = [other] }
    if world.sabotage == .promisesTakenPlaces, let first = list.first {
      list[0].load.reserved = first.load.maximum + 1
    }
    return list
  }

  private func isStartingSlowly(_ id: InstanceID) -> Bool {
    balancer?.status(of: id)?.slowStartUntil != nil
  }

  private func listed(none list: [HandshakeEntry]) -> HandshakeEntry? {
    balancer?.snapshot.instances.first { status in
      !status.role.isLoadBalancer && !list.contains { $0.id == status.id }
    }.map { HandshakeEntry(id: $0.id, address: $0.address, load: $0.load) }
  }
}
