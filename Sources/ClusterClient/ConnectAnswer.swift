internal import ClusterModel
internal import NIOCore
internal import Synchronization

/// The expected answers, by the connection on which each arrives.
final class Attempts<Opened: Sendable>: Sendable {
  private let answers = Mutex<[ObjectIdentifier: EventLoopFuture<Opened>]>([:])

  func add(_ channel: any Channel) -> EventLoopPromise<Opened> {
    let opened = channel.eventLoop.makePromise(of: Opened.self)
    answers.withLock { $0[ObjectIdentifier(channel)] = opened.futureResult }
    return opened
  }

  func answer(at channel: any Channel) -> EventLoopFuture<Opened> {
    answers.withLock { $0[ObjectIdentifier(channel)] }
      ?? channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
  }
}

/// Asks for a tunnel and waits for the answer. Everything after the answer belongs to the tunnel.
final class ConnectAnswer<Opened: Sendable>: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// The most bytes of an answer's head.
  private static var longestHead: Int { 16 << 10 }

  private let request: String
  private let opened: EventLoopPromise<Opened>
  private let limit: TimeAmount
  private let make: @Sendable (ChannelHandlerContext) throws -> Opened
  private var bytes = ByteBuffer()
  /// The status of an answer that refuses.
  private var status: Int?
  private var isDone = false

  /// - Parameter open: Called once when the tunnel is open, before its first byte goes on.
  init(
    _ request: String, _ opened: EventLoopPromise<Opened>, within limit: TimeAmount,
    _ open: @escaping @Sendable (ChannelHandlerContext) throws -> Opened
  ) {
    (self.request, self.opened, self.limit, make) = (request, opened, limit, open)
  }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(NIOAny(ByteBuffer(string: request)), promise: nil)
    context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
      if !self.isDone { self.fail(context, .unreachable("no answer in time")) }
    }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isDone else { return context.fireChannelRead(data) }
    var more = unwrapInboundIn(data)
    bytes.writeBuffer(&more)
    if status == nil { readHead(context) }
    if status != nil, bytes.readableBytes > Limits.shortAnswerBytes { refused(context) }
  }

  private func readHead(_ context: ChannelHandlerContext) {
    let view = bytes.readableBytesView
    guard let end = view.firstRange(of: [13, 10, 13, 10])?.upperBound else {
      if bytes.readableBytes > Self.longestHead { fail(context, notHTTP) }
      return
    }
    let line = String(decoding: view.prefix { $0 != 13 }, as: UTF8.self).split(separator: " ")
    guard line.count >= 2, line[0].hasPrefix("HTTP/1."), let status = Int(line[1]) else {
      return fail(context, notHTTP)
    }
    bytes.moveReaderIndex(to: end)
    if status == 200 { openTunnel(context) } else { self.status = status }
  }

  private func openTunnel(_ context: ChannelHandlerContext) {
    isDone = true
    do { opened.succeed(try make(context)) } catch {
      opened.fail(error)
      return context.close(promise: nil)
    }
    if bytes.readableBytes > 0 {
      context.fireChannelRead(wrapInboundOut(bytes))
      context.fireChannelReadComplete()
    }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  private var notHTTP: ClientFailure { .malformed("the answer is not HTTP") }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event, !isDone { return refused(context) }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    if !isDone { refused(context) }
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    guard !isDone else { return }
    isDone = true
    opened.fail(ClientFailure.unreachable("the connection was closed"))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The text of an answer that has arrived says more.
    guard !isDone, status == nil else { return context.fireErrorCaught(error) }
    isDone = true
    opened.fail(error)
    context.close(promise: nil)
  }

  /// The answer has ended.
  private func refused(_ context: ChannelHandlerContext) {
    guard let status else { return fail(context, .unreachable("the connection was closed")) }
    let answer = ClusterConnection.RawAnswer(
      status: status, bytes: Array(bytes.readableBytesView.prefix(Limits.shortAnswerBytes)))
    fail(context, answer.failure)
  }

  private func fail(_ context: ChannelHandlerContext, _ failure: ClientFailure) {
    isDone = true
    opened.fail(failure)
    context.close(promise: nil)
  }
}
