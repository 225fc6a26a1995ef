internal import ClusterModel
internal import NIOCore

/// How fast a stream may arrive. It counts the bytes of the socket, so that framing cannot hide
/// any.
public struct StreamRate: Hashable, Sendable {
  /// The average.
  public var bytesPerSecond: Int
  /// The most bytes after a pause.
  public var bytesAtOnce: Int

  public init(bytesPerSecond: Int, bytesAtOnce: Int) {
    (self.bytesPerSecond, self.bytesAtOnce) = (bytesPerSecond, bytesAtOnce)
  }
}

/// A connection has sent more than its rate allows.
struct SocketTooFast: Error {}

/// Ends a connection that sends more than it may, before the data is read.
final class SocketMeter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var allowance: Allowance
  private var isOver = false

  init(_ rate: StreamRate) {
    allowance = Allowance(perSecond: rate.bytesPerSecond, atOnce: rate.bytesAtOnce)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    let now = Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000)
    isOver = !allowance.spend(unwrapInboundIn(data).readableBytes, now: now)
    guard isOver else { return context.fireChannelRead(data) }
    context.fireErrorCaught(SocketTooFast())
    context.close(promise: nil)
  }
}
