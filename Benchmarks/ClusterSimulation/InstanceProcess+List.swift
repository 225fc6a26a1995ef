internal import Balancing
internal import ClusterModel
internal import Hosting

/// A round of questions to the other servers.
struct ListRound {
  var began: Int64
  /// The handshakes that go on when it is over.
  var waiting: [() -> Void]
}

/// The list that an instance gives to clients that find no balancer.
extension InstanceProcess {
  /// A balancer tells which servers there are.
  ///
  /// - Returns: Whether that needs no repeating.
  func take(_ list: ServerDirectory) -> Bool {
    guard let life = hosting, let desired = life.desired else { return false }
    guard list.epoch == desired.epoch, list.cluster == life.cluster else { return true }
    if let known = directory, known.epoch == list.epoch, known.revision > list.revision {
      return true
    }
    directory = list
    return true
  }

  /// A client asks for the list.
  func list(for kind: ClientKind, then answer: @escaping ([HandshakeEntry]) -> Void) {
    askOthers(kind) {
      let order = self.loads.order(
        for: kind, own: self.ownEntry(kind), now: self.moment.monotonicMilliseconds)
      self.check(order, kind)
      answer(
        order.map { HandshakeEntry(id: $0.entry.id, address: $0.entry.address, load: $0.load) })
    }
  }

  /// What it says of itself; nil where it takes nobody. A full one stays in the list.
  private func ownEntry(_ kind: ClientKind) -> PeerLoads.Peer? {
    guard let life = hosting else { return nil }
    switch life.refusal(of: kind) {
    case nil: break
    case .full(let maximum)? where maximum > 0: break
    case .some: return nil
    }
    return PeerLoads.Peer(.init(id: id, address: address, tls: false), load: life.load)
  }

  /// Goes on at once, or when the round that is due or under way is over.
  private func askOthers(_ kind: ClientKind, then goOn: @escaping () -> Void) {
    guard let life = hosting, let directory, directory.epoch == life.desired?.epoch else {
      return goOn()
    }
    if rounds[kind] != nil {
      rounds[kind]?.waiting.append(goOn)
      return
    }
    let began = moment.monotonicMilliseconds
    let isSaved = world.sabotage == .asksOnce && record.said[kind] != nil
    guard loads.isDue(kind, now: began), !isSaved else { return goOn() }
    rounds[kind] = ListRound(began: began, waiting: [goOn])
    record.said[kind] = [:]
    let asked = PeerLoads.asked(of: directory, by: id, using: &world.random)
    var (left, peers) = (asked.count, [PeerLoads.Peer]())
    // An answer that comes after its round is over belongs to no later one.
    let isUnderWay = { self.rounds[kind]?.began == began }
    let finish = {
      guard isUnderWay(), let round = self.rounds.removeValue(forKey: kind) else { return }
      self.loads.heard(peers, kind, at: began)
      for goOn in round.waiting { goOn() }
    }
    after(PeerLoads.answerMilliseconds, finish)
    for entry in asked {
      ask(entry, kind) { peer, at in
        guard isUnderWay() else { return }
        left -= 1
        if let peer {
          peers.append(peer)
          self.record.said[kind]?[entry.id] = at
        }
        if left == 0 { finish() }
      }
    }
  }

  private func ask(
    _ entry: ServerDirectory.Entry, _ kind: ClientKind,
    then hear: @escaping (PeerLoads.Peer?, Int64) -> Void
  ) {
    guard let peer = world.instance(at: entry.address) else { return hear(nil, world.now) }
    world.send(from: self, to: peer) {
      let (name, said, at) = (peer.id, peer.ownEntry(kind), self.world.now)
      self.world.send(from: peer, to: self) {
        guard name == entry.id, let said else { return hear(nil, at) }
        hear(PeerLoads.Peer(entry, load: said.load), at)
      }
    }
  }

  // MARK: Checks

  private func check(_ order: [PeerLoads.Peer], _ kind: ClientKind) {
    guard world.isWatched else { return }
    for (one, next) in zip(order, order.dropFirst()) {
      world.expect(
        Self.comes(one.load, before: next.load), .listIsSorted,
        "\(id) lists \(one.entry.id) \(one.load) before \(next.entry.id) \(next.load)")
    }
    for peer in order where peer.entry.id != id {
      let age = world.now - (record.said[kind]?[peer.entry.id] ?? -Int64.max / 2)
      world.expect(
        // Who has slept meanwhile goes on with what came before.
        age <= Self.longestAge || world.now - stalledUntil <= age, .ownListIsFresh,
        "\(id) lists \(peer.entry.id), which said so \(age) ms ago")
    }
  }

  private static let longestAge = PeerLoads.roundMilliseconds + PeerLoads.answerMilliseconds

  private static func comes(_ one: Load, before next: Load) -> Bool {
    let isFull = one.connected >= one.maximum
    if isFull != (next.connected >= next.maximum) { return !isFull }
    return (one.connected + one.reserved) * next.maximum
      <= (next.connected + next.reserved) * one.maximum
  }
}

extension BalancerProcess {
  /// Tells instances which servers there are.
  func tellServers() {
    let news = balancer?.serverListNews(now: moment)
    for id in news?.instances ?? [] {
      guard let news, let row = balancer?.contents.instances[id],
        let instance = world.instance(at: row.address)
      else { continue }
      world.send(from: self, to: instance) {
        guard instance.take(news.directory) else { return }
        self.world.send(from: instance, to: self) {
          self.balancer?.tookServers(id, stamp: news.stamp)
        }
      }
    }
  }
}
