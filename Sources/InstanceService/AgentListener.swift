internal import Hosting
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// A port on which network load balancers ask how the instance is: one line, and the connection
/// is over. What they send is read and thrown away.
struct AgentListener: ServiceLifecycle.Service {
  let host: String
  /// 0: any free one.
  let port: Int
  let core: InstanceCore
  /// Called once, with the port.
  let onListening: @Sendable (Int) -> Void

  func run() async throws {
    let core = core
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 64)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AgentHandler(core: core))
        }
      }
      .bind(host: host, port: port).get()
    onListening(channel.localAddress?.port ?? port)
    do { try await gracefulShutdown() } catch {}  // killed: the port is given back all the same
    try await channel.close()
  }
}

/// Answers one connection.
private final class AgentHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Who does not close after the answer is cut off.
  private static let timeToRead = TimeAmount.seconds(2)

  private let core: InstanceCore

  init(core: InstanceCore) {
    self.core = core
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    let answer = ByteBuffer(string: core.read(\.agentAnswer) + "\n")
    context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    // Only this side, for now: closed whole, with something unread, the answer would be lost.
    context.close(mode: .output, promise: nil)
    context.eventLoop.scheduleTask(in: Self.timeToRead) { channel.close(promise: nil) }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
