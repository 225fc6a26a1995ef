public import ClusterAPI
internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import SmallFiles
internal import Synchronization

/// Where a forward listens on this machine.
public enum ForwardPlace: Hashable, Sendable {
  /// A port; 0 stands for any free one.
  case tcp(host: String, port: Int)
  /// A Unix socket that only this user may use (mode 0600).
  case unix(path: String)
}

/// Forwards connections of programs to the application behind an instance, each inside a session.
///
///     program ─▶ forward ── CONNECT, in the session ──▶ instance ─▶ application
///
/// Bytes go from socket to socket, with backpressure and half-close in both directions. While there
/// is no session, at most `mostWaiting` connections wait for one, each at most `waitMilliseconds`;
/// others are closed.
public final class ApplicationForward: Sendable {
  /// The most connections that wait for a session.
  public static let mostWaiting = 256
  /// The longest that a connection waits for a session.
  public static let waitMilliseconds: Int64 = 60_000

  private struct Waiting {
    var client: any Channel
    var deadline: NIODeadline
    var timer: Scheduled<Void>
    /// The session whose server turned out not to know it.
    var shunned: ForwardRoute?
  }

  private struct State {
    var listener: (any Channel)?
    var file: SocketFile?
    var current: ForwardRoute?
    var routes: [ForwardRoute] = []
    var waiting: [Waiting] = []
    var isClosed = false
  }

  private let rejoins: Bool
  private let onFailure: @Sendable (ClientFailure) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - rejoins: Whether another session follows when one ends. A connection that meets an ended
  ///     session then waits for the next one and is not closed.
  ///   - onFailure: Called on an event loop with the reason when a connection is closed before it
  ///     has reached the application. It must not wait.
  public init(
    rejoins: Bool = false, onFailure: @escaping @Sendable (ClientFailure) -> Void = { _ in }
  ) {
    self.rejoins = rejoins
    self.onFailure = onFailure
  }

  /// Listens until `close`. Call it once.
  ///
  /// - Returns: The port; nil for a Unix socket.
  /// - Throws: `unreachable` with the reason, such as "Address already in use".
  public func listen(at place: ForwardPlace) async throws(ClientFailure) -> Int? {
    do {
      switch place {
      case .tcp(let host, let port):
        let bootstrap = listening().serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        let listener = try await bootstrap.bind(host: host, port: port).get()
        state.withLock { $0.listener = listener }
        return listener.localAddress?.port
      case .unix(let path):
        let file = try await SocketFile(claiming: path, permissions: 0o600)
        state.withLock { $0.file = file }
        let listener = try await listening().withBoundSocket(try file.bind()).get()
        state.withLock { $0.listener = listener }
        if !file.publish(), let failure = file.failure { throw failure }
        return nil
      }
    } catch let refusal as SocketFile.Failure {
      await close()
      throw .unreachable(refusal.description)
    } catch {
      await close()
      throw ClientFailure(error, limits: Self.noLimits)
    }
  }

  private static let noLimits = ClientFailure.Limits(connectMilliseconds: 0, answerMilliseconds: 0)

  private func listening() -> ServerBootstrap {
    ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: CInt(Self.mostWaiting))
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          // When there are no free descriptors, it waits a second and continues.
          try channel.pipeline.syncOperations.addHandler(
            AcceptBackoffHandler(shouldForwardIOErrorCaught: false))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.autoRead, value: false)
      .childChannelInitializer { [self] in prepare($0) }
  }

  /// Forwards one more connection, which is open already. The forward owns the descriptor from now
  /// on.
  ///
  /// - Throws: Where the descriptor is not a socket.
  package func serve(_ descriptor: CInt) async throws {
    _ = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.autoRead, value: false)
      .channelInitializer { [self] in prepare($0) }
      .withConnectedSocket(descriptor).get()
  }

  private func prepare(_ client: any Channel) -> EventLoopFuture<Void> {
    client.eventLoop.makeCompletedFuture {
      try client.pipeline.syncOperations.addHandlers(
        Arrival { [self] in begin($0) }, TunnelSide())
    }
  }

  /// Forwards connections into this session from now on, including those that wait. Connections in
  /// an earlier session stay there.
  ///
  /// - Parameters:
  ///   - server: The instance of the session.
  ///   - session: The open session.
  public func route(to server: ClusterConnection, in session: SessionOpened) -> ForwardRoute {
    let route = ForwardRoute(server: server, session: session) { [self] entry, route in
      entry.client.eventLoop.execute { [self] in
        guard rejoins else { return entry.client.close(promise: nil) }
        admit(entry.client, until: entry.deadline, shunning: route)
      }
    }
    let waiting = state.withLock { state in
      guard !state.isClosed else { return [Waiting]() }
      state.routes.removeAll(where: \.isOver)
      state.routes.append(route)
      state.current = route
      defer { state.waiting = [] }
      return state.waiting
    }
    for one in waiting {
      one.timer.cancel()
      one.client.eventLoop.execute { [self] in
        admit(one.client, until: one.deadline, shunning: one.shunned)
      }
    }
    return route
  }

  /// Accepts no more connections and closes all open ones.
  public func close() async {
    let last = state.withLock { state in
      let last = state
      state = State(isClosed: true)
      return last
    }
    try? await last.listener?.close()
    last.file?.release()
    for route in last.routes { route.end() }
    for one in last.waiting { one.client.close(promise: nil) }
  }

  // MARK: One connection

  private func begin(_ client: any Channel) {
    client.closeFuture.whenComplete { [self] _ in forget(client) }
    admit(client, until: .now() + .milliseconds(Self.waitMilliseconds))
  }

  private func admit(
    _ client: any Channel, until deadline: NIODeadline, shunning shunned: ForwardRoute? = nil
  ) {
    guard client.isActive else { return }
    enum Verdict { case refused, waits, goes(ForwardRoute) }
    let verdict = state.withLock { state -> Verdict in
      guard !state.isClosed else { return .refused }
      if let current = state.current, current !== shunned,
        current.add(client, until: deadline)
      {
        return .goes(current)
      }
      guard state.waiting.count < Self.mostWaiting else { return .refused }
      let timer = client.eventLoop.scheduleTask(deadline: deadline) { [self] in
        if forget(client) { refuse(client, .unreachable("there was no session in time")) }
      }
      state.waiting.append(
        Waiting(client: client, deadline: deadline, timer: timer, shunned: shunned))
      return .waits
    }
    switch verdict {
    case .refused: refuse(client, .unreachable("too many connections wait for a session"))
    case .waits: break
    case .goes(let route): lead(client, into: route, until: deadline)
    }
  }

  /// - Returns: Whether the connection waited.
  @discardableResult
  private func forget(_ client: any Channel) -> Bool {
    let waited = state.withLock { state in
      state.waiting.firstIndex { $0.client === client }.map { state.waiting.remove(at: $0) }
    }
    waited?.timer.cancel()
    return waited != nil
  }

  private func refuse(_ client: any Channel, _ failure: ClientFailure) {
    let isClosed = state.withLock { $0.isClosed }
    if !isClosed { onFailure(failure) }
    client.close(promise: nil)
  }

  private func lead(
    _ client: any Channel, into route: ForwardRoute, until deadline: NIODeadline
  ) {
    let transport = route.server.transport
    let permit: ConnectionPermit
    do {
      permit = try transport.budget.permit(givesWay: route.server.givesWay)
    } catch {
      return refuse(client, error)
    }
    route.server.tunnel(in: route.session, on: client.eventLoop) { context in
      guard route.join(client) else { throw ChannelError.alreadyClosed }
      let near = try client.pipeline.syncOperations.handler(type: TunnelSide.self)
      let far = TunnelSide()
      try context.channel.pipeline.syncOperations.addHandler(far)
      try TunnelSocket.prepare(context.channel)
      try TunnelSocket.prepare(client)
      context.channel.closeFuture.whenComplete { _ in withExtendedLifetime(permit) {} }
      TunnelSide.join(near, far)
    }.whenFailure { [self] error in
      // The session no longer owns this connection: another one does, or it is closed.
      guard route.release(client) else { return }
      let limits = ClientFailure.Limits(
        connectMilliseconds: transport.connectMilliseconds,
        answerMilliseconds: transport.answerMilliseconds)
      let failure = ClientFailure(error, limits: limits)
      guard rejoins, failure.meansNoSession else { return refuse(client, failure) }
      admit(client, until: deadline, shunning: route)
    }
  }
}

extension ClientFailure {
  /// Whether the failure means that the session has ended or its server cannot be reached.
  fileprivate var meansNoSession: Bool {
    switch self {
    case .unreachable: true
    case .problem(let problem): problem.name == .unauthorized
    case .malformed, .outcomeUnknown: false
    }
  }
}

/// Notes when a connection is established.
private final class Arrival: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let begin: (any Channel) -> Void

  init(_ begin: @escaping (any Channel) -> Void) { self.begin = begin }

  func channelActive(context: ChannelHandlerContext) {
    begin(context.channel)
    context.fireChannelActive()
  }
}
