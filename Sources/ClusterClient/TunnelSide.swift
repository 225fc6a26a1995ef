package import NIOCore

/// One of the two ends of a tunnel: takes what its peer sends, and gives it to the other end.
///
///     client ─▶ TunnelSide ─▶ TunnelSide ─▶ application
///            ◀─            ◀─             ◀─
///
/// Both run on one event loop, without a task or a buffer in between. An end is read only while
/// the other takes more, so that a peer that pauses makes its counterpart wait. The end of what a
/// peer sends reaches the other behind all of its bytes, and the way back stays open. Its channel
/// must allow that (`allowRemoteHalfClosure`), and must not read by itself (`autoRead`).
package final class TunnelSide: ChannelDuplexHandler, RemovableChannelHandler {
  package typealias InboundIn = ByteBuffer
  package typealias OutboundIn = ByteBuffer
  package typealias OutboundOut = ByteBuffer

  /// How long a peer whose counterpart is gone may go on before it is cut off: cut off at once,
  /// with something unread, it would lose what came last.
  private static let timeToRead = TimeAmount.seconds(2)

  private let count: (Int) -> Void
  private var context: ChannelHandlerContext?
  private var other: TunnelSide?
  /// What came before the other end was there.
  private var early = ByteBuffer()
  /// The peer sends nothing more.
  private var hasEnded = false
  /// The other end gives nothing more.
  private var isShut = false
  /// The peer has been sent that, behind everything else.
  private var isEndSent = false
  /// The connection is closed.
  private var isGone = false

  /// - Parameter count: Called with the number of bytes that have come.
  package init(count: @escaping (Int) -> Void = { _ in }) { self.count = count }

  /// Something came before this handler was there.
  package func keep(_ bytes: ByteBuffer, hasEnded: Bool) {
    early.writeImmutableBuffer(bytes)
    if hasEnded { self.hasEnded = true }
  }

  /// Joins two ends that are in their pipelines, and lets them begin. On their event loop.
  package static func join(_ one: TunnelSide, _ two: TunnelSide) {
    one.other = two
    two.other = one
    one.begin()
    two.begin()
  }

  private func begin() {
    guard let other else { return }
    if early.readableBytes > 0 {
      count(early.readableBytes)
      other.put(early)
      other.flush()
      early = ByteBuffer()
    }
    if hasEnded || isGone { other.shut() } else { readOn() }
  }

  /// Reads where the other end takes more; otherwise it says when.
  private func readOn() {
    guard let context, let other, !hasEnded, other.takesMore else { return }
    context.read()
  }

  // MARK: To this end's peer

  /// What a closed connection gets is thrown away.
  private var takesMore: Bool { isGone || context?.channel.isWritable != false }

  private func put(_ bytes: ByteBuffer) {
    guard !isGone else { return }
    context?.write(wrapOutboundOut(bytes), promise: nil)
  }

  private func flush() { context?.flush() }

  /// Sends what is under way, and then the end. The end alone would overtake it: a connection
  /// whose other direction has ended is closed whole.
  private func shut() {
    guard let context, !isShut else { return }
    isShut = true
    let sent = context.eventLoop.makePromise(of: Void.self)
    let loop = context.eventLoop.assumeIsolated()
    sent.futureResult.assumeIsolated().whenComplete { _ in
      // Not inside of that write: TLS has a word of its own to send, which would be lost.
      loop.execute {
        self.isEndSent = true
        self.context?.close(mode: .output, promise: nil)
        if self.other?.isGone != false { self.closeSoon() }
      }
    }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
  }

  // MARK: From this end's peer

  package func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  package func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    other = nil
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    guard let other else {
      early.writeImmutableBuffer(bytes)
      return
    }
    count(bytes.readableBytes)
    other.put(bytes)
  }

  package func channelReadComplete(context: ChannelHandlerContext) {
    other?.flush()
    readOn()
  }

  package func channelWritabilityChanged(context: ChannelHandlerContext) { other?.readOn() }

  private func ended() {
    guard !hasEnded else { return }
    hasEnded = true
    other?.shut()
  }

  /// What comes behind this handler has no part in the tunnel and hears of its end alone.
  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { ended() }
  }

  /// A connection that fails is closed as well; that is heard below.
  package func errorCaught(context: ChannelHandlerContext, error: any Error) {}

  package func channelInactive(context: ChannelHandlerContext) {
    isGone = true
    if let other, !other.isGone {
      hasEnded = true
      other.shut()
      if other.isEndSent { other.closeSoon() }
      // What its peer still sends is read and thrown away.
      other.readOn()
    }
    context.fireChannelInactive()
  }

  /// The other end is gone, and the peer has been sent everything.
  private func closeSoon() {
    guard let channel = context?.channel else { return }
    channel.eventLoop.scheduleTask(in: Self.timeToRead) { channel.close(promise: nil) }
  }

  // MARK: From behind

  package func read(context: ChannelHandlerContext) {}

  /// The tunnel is ended from outside: both connections at once, whatever is under way.
  package func close(
    context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
  ) {
    context.close(promise: promise)
    if let other, !other.isGone { other.context?.close(promise: nil) }
  }
}
