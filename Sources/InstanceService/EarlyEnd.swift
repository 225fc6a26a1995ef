internal import Hosting
internal import NIOCore

/// Listens to the first second of a tunnel at the application's side, and then removes itself. It
/// finds out whether the application ends the tunnel at once without a byte, although the client
/// has not ended its side.
final class EarlyEnd: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let time = TimeAmount.milliseconds(ApplicationHealth.brokenMilliseconds)

  /// Called at most once: true where the application ended it at once.
  private let tell: (Bool) -> Void
  private var timer: Scheduled<Void>?
  private var isResolved = false
  private var isGone = false

  init(tell: @escaping (Bool) -> Void) { self.tell = tell }

  /// The time begins when the connection is established.
  func channelActive(context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.time) {
      self.resolve(false)
      self.leave(context)
    }
    context.fireChannelActive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    isGone = true
    timer?.cancel()
  }

  /// - Parameter isBroken: Nil: unknown, since the client ended it.
  private func resolve(_ isBroken: Bool?) {
    guard !isResolved else { return }
    isResolved = true
    if let isBroken { tell(isBroken) }
  }

  private func leave(_ context: ChannelHandlerContext) {
    guard !isGone else { return }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    resolve(false)
    context.fireChannelRead(data)
    leave(context)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed = event else {
      return context.fireUserInboundEventTriggered(event)
    }
    resolve(true)
    context.fireUserInboundEventTriggered(event)
    leave(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    resolve(true)
    context.fireChannelInactive()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    resolve(nil)
    context.close(mode: mode, promise: promise)
  }
}
