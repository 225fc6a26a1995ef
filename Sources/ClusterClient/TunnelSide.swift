package import NIOCore

/// One of the two ends of a tunnel: takes what its peer sends and gives it to the other end.
///
///     client ─▶ TunnelSide ─▶ TunnelSide ─▶ application
///            ◀─            ◀─             ◀─
///
/// Both run on one event loop, without a task or a buffer in between. An end is read only while the
/// other end takes more, so that a peer that pauses makes the other peer wait. When a peer closes
/// its side, the other peer sees that after all bytes, and may still answer. The channel must allow
/// this (`allowRemoteHalfClosure`) and must not read by itself (`autoRead`).
package final class TunnelSide: ChannelDuplexHandler, RemovableChannelHandler {
  package typealias InboundIn = ByteBuffer
  package typealias OutboundIn = ByteBuffer
  package typealias OutboundOut = ByteBuffer

  /// How long a peer may go on after the other one has gone. If it were cut off at once while it
  /// had something to read, the last bytes would be lost.
  private static let timeToRead = TimeAmount.seconds(2)

  private let count: (Int) -> Void
  private var context: ChannelHandlerContext?
  private var other: TunnelSide?
  /// What arrived before the other end was joined.
  private var early = ByteBuffer()
  /// Whether the peer sends nothing more.
  private var hasEnded = false
  /// Whether the other end sends nothing more.
  private var isShut = false
  /// Whether the peer was told so, after everything else.
  private var isEndSent = false
  /// Whether the connection is closed.
  private var isGone = false

  /// - Parameter count: Called with the number of bytes that arrived.
  package init(count: @escaping (Int) -> Void = { _ in }) { self.count = count }

  /// Keeps what arrived before this handler was added.
  package func keep(_ bytes: ByteBuffer, hasEnded: Bool) {
    early.writeImmutableBuffer(bytes)
    if hasEnded { self.hasEnded = true }
  }

  /// Joins two ends that are in their pipelines and starts them. Call it on their event loop.
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

  /// Reads if the other end takes more; otherwise that end calls again later.
  private func readOn() {
    guard let context, let other, !hasEnded, other.takesMore else { return }
    context.read()
  }

  // MARK: To this end's peer

  /// What is sent to a closed connection is dropped.
  private var takesMore: Bool { isGone || context?.channel.isWritable != false }

  private func put(_ bytes: ByteBuffer) {
    guard !isGone else { return }
    context?.write(wrapOutboundOut(bytes), promise: nil)
  }

  private func flush() { context?.flush() }

  /// Sends the remaining data and then the end. Sent alone, the end would overtake the data: a
  /// connection whose other direction has ended is closed as a whole.
  private func shut() {
    guard let context, !isShut else { return }
    isShut = true
    let sent = context.eventLoop.makePromise(of: Void.self)
    let loop = context.eventLoop.assumeIsolated()
    sent.futureResult.assumeIsolated().whenComplete { _ in
      // Not inside that write: TLS must send its own message, which would be lost.
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

  /// Handlers behind this one take no part in the tunnel and only learn of its end.
  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { ended() }
  }

  /// A connection that fails is closed as well; that is handled below.
  package func errorCaught(context: ChannelHandlerContext, error: any Error) {}

  package func channelInactive(context: ChannelHandlerContext) {
    isGone = true
    if let other, !other.isGone {
      hasEnded = true
      other.shut()
      if other.isEndSent { other.closeSoon() }
      // What its peer still sends is read and dropped.
      other.readOn()
    }
    context.fireChannelInactive()
  }

  /// Call this when the other end has gone and the peer was sent everything.
  private func closeSoon() {
    guard let channel = context?.channel else { return }
    channel.eventLoop.scheduleTask(in: Self.timeToRead) { channel.close(promise: nil) }
  }

  // MARK: From behind

  package func read(context: ChannelHandlerContext) {}

  /// Ends the tunnel from outside: closes both connections at once, even with data on its way.
  package func close(
    context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
  ) {
    context.close(promise: promise)
    if let other, !other.isGone { other.context?.close(promise: nil) }
  }
}
