internal import ClusterAPI
internal import NIOCore
internal import NIOHTTP1

/// The first to see a request's head as it was sent, before it becomes a `Request`, and the last
/// to see the answer to it. The place for everything that HTTP itself asks of a server:
///
/// - It refuses what HTTP/1.1 forbids (`HeadRules`), with a problem document, and ends the
///   connection: nobody knows where the next request would begin.
/// - It says `100 Continue` when the route begins to read the body, and never without need.
/// - It ends the connection with the answer where the client wants no more, speaks HTTP/1.0, or
///   has left HTTP behind (`Upgrade`, `CONNECT`); the route may ask for the same with
///   `Connection: close`.
/// - It leaves out the body of an answer to HEAD, which also an error would have.
/// - It lets the next request in when the answer is written (`RequestGate`).
/// - It has a plain request answered at once where a `QuickRoute` is for it.
/// - It hands a connection that asks for `CONNECT` to the listener's `ConnectTaker`.
///
/// A route that takes the connection over has its place in `began`.
final class FrontDoor: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// The request that is being read or answered.
  private struct Exchange {
    var version: HTTPVersion
    /// The answer has no body, whatever its route writes.
    var isHead: Bool
    /// Another request may follow.
    var keepsAlive: Bool
    /// The client waits for `100 Continue` before it sends the body.
    var waitsToContinue: Bool
    var isRead = false
    var isAnswered = false
  }

  /// The way of the quick route's answers: past the encoder, which would make an answer from three
  /// parts again that exists as bytes, and past the limiter, which is told.
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
  /// For the quick route. The rest of it comes in the same read, or it goes the general way.
  private var held: HeldRequest?
  /// The peer does not take the quick route's answers.
  private var isStalled = false
  private var peer: Peer?
  private var shortCut: ShortCut?
  private var isLocal: Bool?
  private let taker: (any ConnectTaker)?
  private var context: ChannelHandlerContext?
  private var exchange: Exchange?
  /// No request is let in any more.
  private var isClosing = false
  /// The last answer is written, and its peer has time to read it.
  private var isLingering = false

  /// - Parameters:
  ///   - quick: Answers plain requests to its path at once; nil: none is answered so.
  ///   - taker: Answers `CONNECT`; nil: this listener has none.
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
      // Behind the last one nothing is of interest.
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

  /// - Returns: Whether the request is answered; otherwise it goes on to its route.
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

  /// What is held goes the general way.
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

  /// The route is going to read the body. On the connection's event loop.
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
        // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
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

  /// A request and its answer are over, or one of them is.
  private func ended(_ context: ChannelHandlerContext) {
    guard let exchange, exchange.isRead, exchange.isAnswered else { return }
    self.exchange = nil
    gate.release()
  }

  /// Closes this side, and when all is sent soon the other: cut off at once, with something
  /// unread, the peer would lose the answer.
  private func finish(_ context: ChannelHandlerContext) {
    guard !isClosing else { return }
    (isClosing, isLingering) = (true, true)
    gate.drop()
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in context.closeOnceRead() }
    context.close(mode: .output, promise: sent)
  }

  /// Hummingbird closes at once where a request's body ends in an error, also behind the answer.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard mode == .all, isLingering else { return context.close(mode: mode, promise: promise) }
    context.channel.closeFuture.cascade(to: promise)
  }
}

extension ChannelHandlerContext {
  /// Answers in the place of a route, and ends the connection: see `ConnectionKeeper`.
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
