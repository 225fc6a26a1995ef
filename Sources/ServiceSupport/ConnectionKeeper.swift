internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Gives every accepted connection its socket options, and notices when the peer closes.
///
/// Hummingbird has a way of its own to notice that (`consumeWithInboundCloseHandler`), which
/// traps when a request's body was read before or its task is cancelled early.
final class ConnectionKeeper: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  /// A peer that acknowledges nothing for this long is gone (tcp(7), TCP_USER_TIMEOUT).
  private static let silenceMilliseconds = 30_000
  private static let userTimeout = NIOBSDSocket.Option(rawValue: 18)

  /// How long a peer whose request was refused half-way may go on before it is cut off. Many
  /// write all before they read, and cut off at once would miss the answer.
  static let timeToRead = TimeAmount.seconds(2)

  private var isClosed = false
  private var actions: [@Sendable () -> Void] = []

  /// On the connection's event loop.
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

  /// What is not HTTP is answered once and then read no more.
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
    // Keep-alive probes make the timeout hold for a connection with nothing to send, too.
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
