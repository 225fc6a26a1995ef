internal import ClusterModel
internal import Glibc
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// A port where network load balancers ask for the state of the instance. It answers one line and
/// closes the connection. What they send is ignored.
package struct AgentListener: ServiceLifecycle.Service {
  private let host: String
  private let port: Int
  private let logger: Logger
  private let answer: @Sendable () -> String
  private let onListening: @Sendable (Int) -> Void

  /// The most connections at one time, in all and from one address. A network load balancer needs
  /// one, and each is over in seconds.
  private static let mostConnections = 256

  /// - Parameters:
  ///   - port: 0: any free one.
  ///   - answer: The line, without its end.
  ///   - onListening: Called once, with the port.
  package init(
    host: String, port: Int, logger: Logger, answer: @escaping @Sendable () -> String,
    onListening: @escaping @Sendable (Int) -> Void
  ) {
    (self.host, self.port, self.logger) = (host, port, logger)
    (self.answer, self.onListening) = (answer, onListening)
  }

  package func run() async throws {
    var limits = ServiceLimits()
    limits.connections = Self.mostConnections
    limits.connectionsPerAddress = Self.mostConnections
    let counter = ConnectionCounter(
      limits: limits, reserve: DescriptorReserve(isForOperators: false), logger: logger)
    let answer = answer
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 4_096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.maxMessagesPerRead, value: UInt(DescriptorReserve.batch))
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            AvailableConnectionsChannelHandler(delegate: counter))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AgentHandler(counter, answer))
        }
      }
      .bind(host: host, port: port).get()
    counter.watch(channel)
    onListening(channel.localAddress?.port ?? port)
    do { try await gracefulShutdown() } catch {}  // killed: the port is given back all the same
    try await channel.close()
  }
}

/// Answers one connection.
private final class AgentHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let counter: ConnectionCounter
  private let answer: @Sendable () -> String
  private var address = Peer(nil).network
  private var isCounted = false
  private var thrownAway = 0

  init(_ counter: ConnectionCounter, _ answer: @escaping @Sendable () -> String) {
    (self.counter, self.answer) = (counter, answer)
  }

  func channelActive(context: ChannelHandlerContext) {
    address = Peer(context.remoteAddress).network
    guard case .enters = counter.enter(address) else { return context.close(promise: nil) }
    isCounted = true
    let channel = context.channel
    let line = ByteBuffer(string: answer() + "\n")
    context.writeAndFlush(wrapOutboundOut(line), promise: nil)
    // Close only this side for now: a full close with unread data would lose the answer.
    context.close(mode: .output, promise: nil)
    context.eventLoop.scheduleTask(in: ConnectionKeeper.timeToRead) {
      channel.close(promise: nil)
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    if isCounted { counter.leave(address) }
    isCounted = false
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    thrownAway += unwrapInboundIn(data).readableBytes
    if thrownAway > Limits.thrownAwayBytes { context.close(promise: nil) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
