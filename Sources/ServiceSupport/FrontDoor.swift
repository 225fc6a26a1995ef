internal import ClusterAPI
internal import NIOCore
internal import NIOHTTP1

/// The first handler that sees the head of a request, before it becomes a `Request`, and the last
/// one that sees the answer. This is the place for everything that HTTP itself requires of a
/// server:
///
/// - It refuses what HTTP/1.1 forbids (`HeadRules`) with a problem document, and ends the
///   connection, since the beginning of the next request is unclear.
/// - It sends `100 Continue` when the route begins to read the body, and only if the client asked
///   for it.
/// - It ends the connection with the answer where the client wants that, speaks HTTP/1.0, or leaves
///   HTTP (`Upgrade`, `CONNECT`). The route may ask for the same with `Connection: close`.
/// - It removes the body of an answer to HEAD, even that of an error.
/// - It admits the next request when the answer is written (`RequestGate`).
/// - It lets a `QuickRoute` answer a plain request at once.
/// - It hands a connection that asks for `CONNECT` to the listener's `ConnectTaker`.
///
/// A route that takes over the connection belongs into `began`.
final class FrontDoor: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// The request that is being read or answered.
  private struct Exchange {
    var version: HTTPVersion
    /// Whether the answer has no body, whatever its route writes.
    var isHead: Bool
    /// Whether another request may follow.
    var keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    var waitsToContinue: Bool
    var isRead = false
    var isAnswered = false
  }

  /// The way of the quick route's answers, which exist as bytes already. It goes past the encoder,
  /// which would build the answer again from three parts, and past the limiter, which is notified.
  private struct ShortCut {
    let encoder: ChannelHandlerContext
    let limiter: ConnectionLimiter

    init(_ context: ChannelHandlerContext) throws {
      let pipeline = context.pipeline.syncOperations
      encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
      limiter = try pipeline.handler(type: ConnectionLimiter.self)
    }
  }

  private let gate: RequestGate
  private let quick: QuickRoute?
  /// The request that the quick route may answer. Unless the rest of it comes in the same read, it
  /// goes the general way.
  private var held: HeldRequest?
  /// Whether the peer does not read the quick route's answers.
  private var isStalled = false
  private var peer: Peer?
  private var shortCut: ShortCut?
  private var isLocal: Bool?
  private let taker: (any ConnectTaker)?
  private var context: ChannelHandlerContext?
  private var exchange: Exchange?
  /// Whether no more requests are admitted.
  private var isClosing = false
  /// Whether the last answer is written and its peer has time to read it.
  private var isLingering = false

  /// - Parameters:
  ///   - quick: Answers plain requests to its path at once; nil: none.
  ///   - taker: Answers `CONNECT`; nil: this listener does not answer it.
  init(_ gate: RequestGate, quick: QuickRoute? = nil, taker: (any ConnectTaker)? = nil) {
    (self.gate, self.quick, self.taker) = (gate, quick, taker)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { (self.context, shortCut) = (nil, nil) }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard began(head, context) else { return }
      if held != nil { return }
    case .body(let bytes):
      gate.bodyCame(bytes: bytes.readableBytes)
      exchange?.waitsToContinue = false  // it comes by itself
      if held?.add(bytes) != nil { return }
    case .end:
      gate.requestEnded()
      if answersQuickly(context) { return }
      exchange?.isRead = true
      exchange?.waitsToContinue = false
      // After the last request nothing more is read.
      if exchange?.keepsAlive == false { gate.drop() }
      if exchange?.isAnswered == false { gate.hold() }
    }
    context.fireChannelRead(data)
    if exchange?.isRead == true, exchange?.isAnswered == true { ended(context) }
  }

  /// - Returns: Whether the request goes on to its route.
  private func began(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Bool {
    let isLocal = isLocal ?? (context.channel.localAddress?.protocol == .unix)
    self.isLocal = isLocal
    let fields = HeadFields(head)
    let problem = HeadRules.refusal(
      of: head, fields, isLocal: isLocal, takesConnect: taker != nil)
    if let problem {
      (isClosing, isLingering) = (true, true)
      gate.drop()
      context.refuse(problem, version: head.version, isHead: head.method == .HEAD)
      return false
    }
    if let taker, head.method == .CONNECT {
      isClosing = true
      TakenConnection.takeOver(head, context, gate, taker)
      return false
    }
    exchange = Exchange(
      version: head.version, isHead: head.method == .HEAD,
      keepsAlive: head.isKeepAlive && !head.version.isHTTP10 && !fields.leavesHTTP,
      waitsToContinue: !fields.expectations.isEmpty && !head.version.isHTTP10)
    gate.bodyFollows(bytes: fields.contentLength)
    if exchange?.keepsAlive == true, quick?.takes(head, fields) == true {
      held = HeldRequest(head: head)
    }
    return true
  }

  // MARK: The quick route

  /// - Returns: Whether the request was answered; otherwise it goes on to its route.
  private func answersQuickly(_ context: ChannelHandlerContext) -> Bool {
    guard let quick, let held else { return false }
    let peer = peer ?? Peer(context.remoteAddress)
    self.peer = peer
    guard let shortCut = shortCut ?? (try? ShortCut(context)) else {
      letGo(context)
      return false
    }
    self.shortCut = shortCut
    guard let bytes = quick.answer(held.body, peer) else {
      letGo(context)
      return false
    }
    self.held = nil
    exchange = nil
    shortCut.limiter.isAnswered()
    let head = quick.head(bytes: bytes.readableBytes, context.channel.allocator)
    shortCut.encoder.write(NIOAny(head), promise: nil)
    shortCut.encoder.writeAndFlush(NIOAny(bytes), promise: nil)
    if !context.channel.isWritable {
      isStalled = true
      gate.hold()
    }
    return true
  }

  /// Sends the kept request the general way.
  private func letGo(_ context: ChannelHandlerContext) {
    guard let held = held.take() else { return }
    context.fireChannelRead(wrapInboundOut(.head(held.head)))
    guard held.body.readableBytes > 0 else { return }
    context.fireChannelRead(wrapInboundOut(.body(held.body)))
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    letGo(context)
    context.fireChannelReadComplete()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    letGo(context)
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    letGo(context)
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    letGo(context)
    context.fireChannelInactive()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if isStalled, context.channel.isWritable {
      isStalled = false
      gate.release()
    }
    context.fireChannelWritabilityChanged()
  }

  /// Call this when the route is about to read the body, on the connection's event loop.
  func continueBody() {
    guard let context, exchange?.waitsToContinue == true else { return }
    exchange?.waitsToContinue = false
    let head = HTTPResponseHead(version: .http1_1, status: .continue)
    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
  }

  // MARK: Answers

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    switch unwrapOutboundIn(data) {
    case .head(var head):
      exchange?.waitsToContinue = false
      if head.headers.first(name: "Connection") == "close" { exchange?.keepsAlive = false }
      if let exchange, !exchange.keepsAlive {
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        // HTTP/1.0 has no chunks: the end of the connection is the end of the body.
        if exchange.version.isHTTP10 { head.version = .http1_0 }
      }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      guard exchange?.isHead == true else { return context.write(data, promise: promise) }
      promise?.succeed()
    case .end:
      exchange?.isAnswered = true
      guard exchange?.keepsAlive == false else {
        context.write(data, promise: promise)
        return ended(context)
      }
      context.writeAndFlush(data, promise: promise)
      finish(context)
    }
  }

  /// Call this when the request, its answer or both have ended.
  private func ended(_ context: ChannelHandlerContext) {
    guard let exchange, exchange.isRead, exchange.isAnswered else { return }
    self.exchange = nil
    gate.release()
  }

  /// Closes this side, and soon after everything is sent the other side. If the connection were
  /// closed at once with unread data, the peer would lose the answer.
  private func finish(_ context: ChannelHandlerContext) {
    guard !isClosing else { return }
    (isClosing, isLingering) = (true, true)
    gate.drop()
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in context.closeOnceRead() }
    context.close(mode: .output, promise: sent)
  }

  /// Hummingbird closes at once when the body of a request ends in an error, even after the answer.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard mode == .all, isLingering else { return context.close(mode: mode, promise: promise) }
    context.channel.closeFuture.cascade(to: promise)
  }
}

extension ChannelHandlerContext {
  /// Answers instead of a route and ends the connection: see `ConnectionKeeper`.
  func refuse(_ problem: Problem, version: HTTPVersion = .http1_1, isHead: Bool = false) {
    let bytes = ByteBuffer(bytes: (try? WireJSON.encode(problem)) ?? [])
    var head = HTTPResponseHead(
      version: version.isHTTP10 ? .http1_0 : .http1_1,
      status: HTTPResponseStatus(statusCode: problem.status))
    head.headers.add(name: "Content-Type", value: Problem.contentType)
    head.headers.add(name: "Content-Length", value: "\(bytes.readableBytes)")
    if let methods = problem.allowedMethods {
      head.headers.add(name: "Allow", value: methods.joined(separator: ", "))
    }
    if problem.isOfProxy {
      head.headers.add(name: "Proxy-Authenticate", value: Problem.proxyChallenge)
    }
    head.headers.add(name: "Connection", value: "close")
    write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
    if !isHead {
      write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(bytes))), promise: nil)
    }
    writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
    close(mode: .output, promise: nil)
    closeOnceRead()
  }

  /// Closes the connection when its peer has had time to read the answer.
  fileprivate func closeOnceRead() {
    eventLoop.assumeIsolated().scheduleTask(in: ConnectionKeeper.timeToRead) {
      self.cut()
    }
  }
}
