internal import Balancing
internal import ClusterModel

/// A piece of the status feed.
enum StatusPiece: Sendable {
  case snapshot(ClusterSnapshot)
  case change(ClusterChange)
  case action(ActionRecord)
  case event(ClusterEvent)
}

/// A dashboard: reads the status feed of one balancer after the other, and goes on where it was
/// cut off where that is possible.
final class FeedReader: SimulatedProcess {
  private(set) var picture: ClusterSnapshot?
  private(set) var link: Link?
  /// Of the balancer process that made the picture.
  private var epoch = ""
  private var source: BalancerProcess?
  /// Did not keep up: is told nothing until it has read what it was given.
  private var isBehind = false

  /// How often it looked in vain for a sign of life.
  private var silentLooks = 0

  func start() {
    begin()
    connect()
    watch()
  }

  /// A feed without a heartbeat is given up.
  private func watch() {
    after(6_000) {
      self.silentLooks = self.link?.reachesClient == false ? self.silentLooks + 1 : 0
      if self.silentLooks > 2, let link = self.link {
        link.close(from: link.client)
        self.hear(.closed)
      }
      self.watch()
    }
  }

  /// Who is read now.
  var balancer: BalancerProcess? { link == nil ? nil : source }

  private func connect() {
    let running = world.balancers.filter { $0.isUp && $0.balancer != nil && !$0.isStalled }
    let wanted = running.first { $0.epoch == epoch && !world.chance(0.2) }
    guard let balancer = wanted ?? world.pick(of: running),
      !world.network.isCut(node, balancer.node)
    else { return after(world.pick(250...5_000)) { self.connect() } }
    let link = Link(world: world, client: self, server: balancer)
    (self.link, source, isBehind) = (link, balancer, false)
    link.client.receive = { [unowned self] in self.hear($0) }
    link.server.receive = { [unowned balancer, unowned link] _ in
      balancer.listeners.removeAll { $0.link === link }
    }
    balancer.tell()
    balancer.listeners.append((self, link))
    let missed =
      balancer.epoch == epoch
      ? picture.flatMap { balancer.told.missed(since: $0.sequence) } : nil
    epoch = balancer.epoch
    world.note("reader \(node) \(missed == nil ? "begins with" : "resumes at") \(epoch)")
    guard let missed else {
      picture = nil
      return giveSnapshot()
    }
    for piece in missed { link.put(.status(piece), to: link.client) }
  }

  private func giveSnapshot() {
    guard let link, let snapshot = source?.balancer?.snapshot else { return }
    link.put(.status(.snapshot(snapshot)), to: link.client)
  }

  /// The balancer has something to tell.
  func offer(_ piece: StatusPiece, over link: Link) {
    guard self.link === link, !isBehind else { return }
    if !world.isCalm, world.chance(0.005) {
      world.faults[.slowReader] += 1
      isBehind = true
      world.note("reader \(node) falls behind")
      return
    }
    link.put(.status(piece), to: link.client)
  }

  /// A reader that fell behind and has read what it had gets a new snapshot.
  func catchUp() {
    guard isBehind, let link, link.isIdleToClient else { return }
    source?.tell()
    isBehind = false
    giveSnapshot()
  }

  private func hear(_ parcel: Parcel) {
    guard case .status(let piece) = parcel else {
      link = nil
      return after(world.pick(250...5_000)) { self.connect() }
    }
    switch piece {
    case .snapshot(let snapshot): picture = snapshot
    case .action(let action): picture?.append(action)
    case .event(let event): picture?.append(event)
    case .change(let change):
      guard let last = picture?.sequence, change.sequence > last else { return }
      let isNext = change.sequence == last + 1
      if world.sabotage == .losesChange, change.sequence % 7 == 3 {
        picture?.sequence = change.sequence
        return
      }
      world.expect(isNext, .feedAddsUp, "change \(change.sequence) comes after \(last)")
      picture?.apply(change)
    }
    checkPicture()
  }

  private func checkPicture() {
    guard var picture, let source, source.epoch == epoch,
      let told = source.record.told(picture.sequence)
    else { return }
    picture.at = told.at
    picture.actions = told.actions
    picture.events = told.events
    world.expect(
      picture == told, .feedAddsUp,
      "a reader of \(source.id) has another picture of change \(picture.sequence)")
  }

  /// The run is over.
  func letGo() { (link, source) = (nil, nil) }

  /// Cut off in the middle.
  func cut() { link?.cut() }
}
