internal import ClusterAPI
internal import ClusterModel
internal import NIOCore

/// The peer has closed its side, and some of its bytes still wait at the gate. Handlers that keep
/// something for the peer are told at once, and the HTTP decoder when the bytes are used up.
struct PeerHasClosed {}

/// Lets the bytes of one request pass at a time, in front of the HTTP decoder.
///
/// Many short requests fit into one read of a socket, and each decoded head needs fifty times its
/// bytes. A peer that sends requests and never reads the answers would fill the memory. So bytes
/// pass in slices that end with an empty line, or with the body that a head announces, so that each
/// has at most one head. No slice passes while an answer is being written, or while the handlers
/// behind do not ask for more. While bytes wait here, the socket is not read.
///
/// All bytes of a connection pass this gate, so it also counts what a route never sees: what a
/// request sends besides its body (`ExcessBytes`), and what is thrown away.
///
///     socket ─▶ (TLS) ─▶ RequestGate ─▶ decoder ─▶ ConnectionLimiter ─▶ FrontDoor ─▶ …
///                            ▲ hold, release, drop ─────────────────────────┘
final class RequestGate: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = Any

  /// How many slices pass before a handler must ask for more.
  private static let slices = 4

  private var context: ChannelHandlerContext?
  private var waiting = ByteBuffer()
  private var lines = EmptyLines()
  /// The bytes of the current body that have not passed yet, where its head names the length.
  private var body = 0
  /// What the current request has sent besides its body, minus the length of its body.
  private var around = 0
  /// The number of bytes that were thrown away.
  private var thrownAway = 0
  /// Whether an answer is being written.
  private var isHeld = false
  /// Whether everything that arrives is dropped.
  private var isDropping = false
  /// Whether a handler behind has asked for more than has passed.
  private var isAsked = false
  /// Whether bytes are passing right now. What happens meanwhile is handled afterwards.
  private var isPassing = false
  /// Whether the peer has closed its side, and no handler behind was told.
  private var hasEnded = false

  // MARK: What the front door says

  /// Call this when a head was read and a body of this length follows, which needs no cutting.
  func bodyFollows(bytes: Int) {
    body = bytes
    lines = EmptyLines()
  }

  /// Call this when bytes of the current body were read.
  func bodyCame(bytes: Int) {
    // They are not excess themselves, and allow as many others.
    around -= 2 * bytes
  }

  /// Call this when a request was read to its end. What arrives now belongs to the next one.
  func requestEnded() { around = 0 }

  /// Lets nothing pass until the request that was read is answered.
  func hold() { isHeld = true }

  /// Call this when the answer was written to its end.
  func release() {
    isHeld = false
    guard let context, waiting.readableBytes > 0 || hasEnded || isAsked else { return }
    // Not inside the write that ended the answer.
    context.eventLoop.assumeIsolated().execute { self.passOn() }
  }

  /// Call this when the connection leaves HTTP and a handler in front takes over.
  ///
  /// - Returns: The bytes after the current head, and whether the peer has closed its side.
  func surrender() -> (bytes: ByteBuffer, hasEnded: Bool) {
    defer {
      discard()
      hasEnded = false
    }
    return (waiting, hasEnded)
  }

  /// The connection ends with the current answer: everything that still arrives is thrown away.
  func drop() {
    discard()
    // The handlers behind may have stopped asking for more, with a read that they keep back.
    context?.read()
  }

  private func discard() {
    isDropping = true
    waiting = ByteBuffer()
  }

  // MARK: Bytes

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    let allocator = AdaptiveRecvByteBufferAllocator(
      minimum: 1_024, initial: 2_048, maximum: Limits.readBytes)
    // This fails where the connection has gone already.
    try? context.channel.syncOptions?.setOption(.recvAllocator, value: allocator)
    try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    discard()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    guard !isDropping else { return throwAway(bytes.readableBytes, context) }
    if waiting.readableBytes == 0 {
      waiting = bytes
    } else {
      waiting.discardReadBytes()
      waiting.writeBuffer(&bytes)
    }
    let isStuck = isHeld || !context.channel.isWritable
    guard waiting.readableBytes <= (isStuck ? Limits.waitingBytes : Limits.waitingBodyBytes) else {
      drop()
      return context.cut()
    }
    if isPassing { isAsked = true } else { passSlices(context) }
  }

  private func throwAway(_ bytes: Int, _ context: ChannelHandlerContext) {
    thrownAway += bytes
    guard thrownAway <= Limits.thrownAwayBytes else { return context.cut() }
    context.read()
  }

  /// Over TLS the peer may still send until it has said its farewell.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode == .all { discard() }
    context.close(mode: mode, promise: promise)
  }

  func read(context: ChannelHandlerContext) {
    // Where nothing waits the socket is read, even after an answer, since only a read notices that
    // the peer has closed.
    guard waiting.readableBytes > 0 else { return context.read() }
    isAsked = true
    passOn()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed = event, waiting.readableBytes > 0 else {
      return context.fireUserInboundEventTriggered(event)
    }
    hasEnded = true
    context.fireUserInboundEventTriggered(PeerHasClosed())
  }

  /// Lets bytes pass as long as a handler asks for them.
  private func passOn() {
    guard let context, !isPassing else { return }
    while isAsked, !isHeld, waiting.readableBytes > 0 {
      isAsked = false
      passSlices(context)
      isPassing = true
      context.fireChannelReadComplete()
      // Asks from the other end of the pipeline: `read` above is called if the handlers in between
      // want more.
      context.channel.pipeline.syncOperations.read()
      isPassing = false
    }
    guard waiting.readableBytes == 0 else { return }
    if hasEnded {
      hasEnded = false
      context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    } else if isAsked {
      isAsked = false
      context.read()
    }
  }

  private func passSlices(_ context: ChannelHandlerContext) {
    isPassing = true
    defer { isPassing = false }
    var left = Self.slices
    while left > 0, !isHeld, let slice = nextSlice() {
      around += slice.readableBytes
      context.fireChannelRead(wrapInboundOut(slice))
      left -= 1
      guard around > Limits.aroundBodyBytes else { continue }
      drop()
      context.fireErrorCaught(ExcessBytes())
    }
  }

  /// Everything that waits, or what is before the end of the first empty line.
  private func nextSlice() -> ByteBuffer? {
    guard waiting.readableBytes > 0 else { return nil }
    var length = min(body, waiting.readableBytes)
    body -= length
    if length == 0 {
      length = waiting.withUnsafeReadableBytes { lines.end(in: $0) } ?? waiting.readableBytes
    }
    defer { if waiting.readableBytes == 0 { waiting = ByteBuffer() } }
    return waiting.readSlice(length: length)
  }
}

/// A request sends more besides its body than `Limits.aroundBodyBytes` and the length of the body:
/// empty lines in front of it, a head, the framing of chunks, trailers. The decoder reads most of
/// that without a trace, so no limit behind it could stop it.
struct ExcessBytes: Error {
  let problem = Problem(
    .tooLarge,
    "The request sends too much besides its body: more than \(Limits.aroundBodyBytes) bytes"
      + " and the length of the body.")
}

/// Finds the ends of empty lines in bytes that arrive in pieces.
struct EmptyLines {
  private enum Place { case inLine, afterLine, afterReturn }

  private var place = Place.inLine

  init() {}

  /// The number of bytes up to the end of the first empty line; nil where there is none.
  mutating func end(in bytes: UnsafeRawBufferPointer) -> Int? {
    for (index, byte) in bytes.enumerated() {
      switch (byte, place) {
      case (UInt8(ascii: "\n"), .inLine): place = .afterLine
      case (UInt8(ascii: "\n"), _):
        place = .afterLine
        return index + 1
      case (UInt8(ascii: "\r"), .afterLine): place = .afterReturn
      default: place = .inLine
      }
    }
    return nil
  }
}
