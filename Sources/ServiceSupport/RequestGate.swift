internal import ClusterAPI
internal import ClusterModel
internal import NIOCore

/// The peer has closed its side, and bytes of it still wait at the gate. Handlers that hold
/// something for the peer hear of it at once, the HTTP decoder when the bytes are used up.
struct PeerHasClosed {}

/// Lets the bytes of one request pass at a time, in front of the HTTP decoder.
///
/// Many short requests fit into one read of a socket, and each decoded head costs fifty times its
/// bytes. A peer that sends requests and never reads the answers would fill the memory with them.
/// So bytes go on in slices that end with an empty line, or with the body that a head announces,
/// hence with at most one head each. None goes on while an answer is being written, or while the
/// readers behind do not ask for more; and while bytes wait here, the socket is not read.
///
/// All bytes of a connection come by here, so here is counted what a route never sees: what a
/// request sends besides its body (`ExcessBytes`), and what is thrown away.
///
///     socket ─▶ (TLS) ─▶ RequestGate ─▶ decoder ─▶ ConnectionLimiter ─▶ FrontDoor ─▶ …
///                            ▲ hold, release, drop ─────────────────────────┘
final class RequestGate: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = Any

  /// Slices that go on before somebody must ask for more.
  private static let slices = 4

  private var context: ChannelHandlerContext?
  private var waiting = ByteBuffer()
  private var lines = EmptyLines()
  /// Bytes of the present request's body that have not come by, where its head says how long it is.
  private var body = 0
  /// What the present request has sent besides its body, less as much as its body.
  private var around = 0
  /// Bytes that were thrown away.
  private var thrownAway = 0
  /// An answer is being written.
  private var isHeld = false
  /// Nothing that comes is of interest any more.
  private var isDropping = false
  /// Somebody behind has asked for more than has gone on.
  private var isAsked = false
  /// Bytes are going on right now: what happens meanwhile is seen afterwards.
  private var isPassing = false
  /// The peer has closed its side, and nobody behind was told.
  private var hasEnded = false

  // MARK: What the front door says

  /// A head has been read, and a body of this length comes next: it needs no cutting.
  func bodyFollows(bytes: Int) {
    body = bytes
    lines = EmptyLines()
  }

  /// Bytes of the present request's body have been read.
  func bodyCame(bytes: Int) {
    // They are not excess themselves, and pay for as many others.
    around -= 2 * bytes
  }

  /// A request has been read to its end, and what comes is of the next one.
  func requestEnded() { around = 0 }

  /// The answer to what has been read comes first.
  func hold() { isHeld = true }

  /// The answer has been written to its end.
  func release() {
    isHeld = false
    guard let context, waiting.readableBytes > 0 || hasEnded || isAsked else { return }
    // Not inside of the write that ended the answer.
    context.eventLoop.assumeIsolated().execute { self.passOn() }
  }

  /// The connection leaves HTTP: somebody in front takes what comes from now on.
  ///
  /// - Returns: What waits behind the present head, and whether the peer has closed its side.
  func surrender() -> (bytes: ByteBuffer, hasEnded: Bool) {
    defer {
      drop()
      hasEnded = false
    }
    return (waiting, hasEnded)
  }

  /// The connection ends with the present answer: what still comes is thrown away.
  func drop() {
    isDropping = true
    waiting = ByteBuffer()
  }

  // MARK: Bytes

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    let allocator = AdaptiveRecvByteBufferAllocator(
      minimum: 1_024, initial: 2_048, maximum: Limits.readBytes)
    // Fails where the connection is gone already.
    try? context.channel.syncOptions?.setOption(.recvAllocator, value: allocator)
    try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    drop()
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
    if thrownAway > Limits.thrownAwayBytes { context.cut() }
  }

  /// Over TLS the peer may still send until it has said its farewell.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode == .all { drop() }
    context.close(mode: mode, promise: promise)
  }

  func read(context: ChannelHandlerContext) {
    // Where nothing waits the socket is read, also behind an answer: the end of the peer is
    // seen by reading.
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

  /// Lets bytes go on for as long as somebody asks for them.
  private func passOn() {
    guard let context, !isPassing else { return }
    while isAsked, !isHeld, waiting.readableBytes > 0 {
      isAsked = false
      passSlices(context)
      isPassing = true
      context.fireChannelReadComplete()
      // Asks from the other end of the pipeline: `read` above hears of it, or does not.
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

  /// All that waits, or what is before the end of the first empty line.
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

/// A request sends more besides its body than the body is long and `Limits.aroundBodyBytes`: empty
/// lines in front of it, a head, what frames its chunks, trailers. The decoder reads most of that
/// without a trace, so no limit behind it could end it.
struct ExcessBytes: Error {
  let problem = Problem(
    .tooLarge,
    "The request sends too much besides its body: more than \(Limits.aroundBodyBytes) bytes"
      + " and the length of the body.")
}

/// Finds the ends of empty lines in bytes that come in pieces.
struct EmptyLines {
  private enum Place { case inLine, afterLine, afterReturn }

  private var place = Place.inLine

  init() {}

  /// How many bytes there are up to the end of the first empty line; nil where there is none.
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
