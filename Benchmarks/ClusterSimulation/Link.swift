internal import Balancing
internal import ClusterModel
internal import DequeModule
internal import Hosting

/// What travels over an open connection.
enum Parcel {
  case load(LoadFeedEvent)
  case opened(HostedSession.Grant)
  case message(SessionMessage)
  /// The connection to the application has ended.
  case tunnelEnded
  case status(StatusPiece)
  /// The other side has closed it, or its process is gone.
  case closed
}

/// An open connection: what is sent arrives in order, or the connection breaks.
final class Link {
  /// One side: its process in its life, and what happens to what arrives.
  final class Side {
    unowned let process: SimulatedProcess
    let life: Int
    var isOpen = true
    fileprivate var incoming: Deque<(sentAt: Int64, parcel: Parcel)> = []
    fileprivate var isArriving = false
    var receive: (Parcel) -> Void = { _ in }

    init(_ process: SimulatedProcess) {
      self.process = process
      life = process.life
    }

    var isThere: Bool { isOpen && process.isUp && process.life == life }
    fileprivate var isIdle: Bool { incoming.isEmpty }
  }

  let client: Side
  let server: Side
  private unowned let world: World
  /// Nothing more gets through, though not both sides know it yet.
  private var isBroken = false
  /// A peer that acknowledges nothing for this long is gone.
  private static let patience: Int64 = 30_000

  init(world: World, client: SimulatedProcess, server: SimulatedProcess) {
    self.world = world
    self.client = Side(client)
    self.server = Side(server)
  }

  /// Heartbeats of the server would still arrive.
  var reachesClient: Bool { !isBroken && client.isThere && server.isThere }

  /// Nothing is on the way to the client.
  var isIdleToClient: Bool { client.isIdle }

  func put(_ parcel: Parcel, to side: Side) {
    let sender = other(than: side)
    guard sender.isOpen, !isBroken else { return }
    side.incoming.append((world.now, parcel))
    plan(side, world.delay())
  }

  private func other(than side: Side) -> Side { side === client ? server : client }

  private func plan(_ side: Side, _ milliseconds: Int64) {
    guard !side.isArriving, !side.incoming.isEmpty else { return }
    side.isArriving = true
    world.after(milliseconds) {
      side.isArriving = false
      self.arrive(at: side)
    }
  }

  private func arrive(at side: Side) {
    guard let first = side.incoming.first else { return }
    let process = side.process
    guard process.life == side.life, process.isUp, side.isOpen else {
      side.incoming = []
      return
    }
    if process.isStalled { return plan(side, process.stalledUntil - world.now) }
    if world.network.isCut(client.process.node, server.process.node) {
      // Sent again and again, until the sender gives up.
      guard world.now - first.sentAt > Self.patience else { return plan(side, 200) }
      side.incoming = []
      isBroken = true
      return lose(other(than: side))
    }
    side.incoming.removeFirst()
    if case .closed = first.parcel {
      lose(side)
    } else {
      side.receive(first.parcel)
      plan(side, world.pick(0...2))
    }
  }

  /// One side learns that the connection is gone.
  private func lose(_ side: Side) {
    guard side.isThere else { return }
    if side.process.isStalled {
      world.after(side.process.stalledUntil - world.now) { self.lose(side) }
      return
    }
    side.isOpen = false
    side.receive(.closed)
  }

  /// One side closes; the other learns of it.
  func close(from side: Side) {
    guard side.isOpen else { return }
    put(.closed, to: other(than: side))
    side.isOpen = false
    side.incoming = []
  }

  /// A machine is lost: the other side learns nothing until its patience is over.
  func vanish(_ side: Side) {
    guard side.isOpen else { return }
    side.isOpen = false
    side.incoming = []
    world.after(Self.patience + world.pick(0...5_000)) { self.lose(self.other(than: side)) }
  }

  /// Breaks in the middle: both sides learn of it.
  func cut() {
    isBroken = true
    for side in [client, server] {
      side.incoming = []
      world.after(world.pick(0...50)) { self.lose(side) }
    }
  }
}
