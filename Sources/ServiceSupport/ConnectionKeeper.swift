internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Sets the socket options of every accepted connection, and notices when the peer closes.
///
/// Hummingbird has its own way to notice that (`consumeWithInboundCloseHandler`), but it traps when
/// the body of a request was read before or its task is cancelled early.
final class ConnectionKeeper: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  /// A peer that acknowledges nothing for this long has gone (tcp(7), TCP_USER_TIMEOUT).
  private static let silenceMilliseconds = 30_000
  private static let userTimeout = NIOBSDSocket.Option(rawValue: 18)

  /// How long a peer may go on after its request was refused halfway. Many clients write everything
  /// before they read; if they were cut off at once, they would miss the answer.
  static let timeToRead = TimeAmount.seconds(2)

  private var isClosed = false
  private var actions: [@Sendable () -> Void] = []

  /// Call it on the connection's event loop.
  func whenClosed(_ action: @escaping @Sendable () -> Void) {
    if isClosed { action() } else { actions.append(action) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is PeerHasClosed { return closed() }
    if case ChannelEvent.inputClosed = event { closed() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    closed()
    context.fireChannelInactive()
  }

  /// Data that is not HTTP is answered once, and then nothing more is read.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.timeToRead) { context.cut() }
    context.fireErrorCaught(error)
  }

  private func closed() {
    isClosed = true
    let waiting = actions
    actions = []
    for action in waiting { action() }
  }

  func handlerAdded(context: ChannelHandlerContext) {
    guard context.channel.localAddress?.protocol != .unix else { return }
    // With keep-alive probes the timeout also applies to a connection that has nothing to send.
    let settings: [(NIOBSDSocket.OptionLevel, NIOBSDSocket.Option, Int)] = [
      (.tcp, Self.userTimeout, Self.silenceMilliseconds),
      (.socket, .so_keepalive, 1), (.tcp, .init(rawValue: TCP_KEEPIDLE), 10),
      (.tcp, .init(rawValue: TCP_KEEPINTVL), 5), (.tcp, .tcp_nodelay, 1),
    ]
    for (level, name, value) in settings {
      let option = ChannelOptions.Types.SocketOption(level: level, name: name)
      context.channel.setOption(option, value: .init(value))
        .whenFailure { _ in }  // the connection is gone already
    }
  }
}
