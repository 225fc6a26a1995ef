internal import ClusterAPI
internal import ClusterModel
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// A request's body did not arrive in time.
struct SlowBody: Error {}

/// Applies the limits to one connection: too many of them, in all or from its address; a head or a
/// body that arrives too slowly; a next request that does not come; an answer that is not read.
final class ConnectionLimiter: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart

  private let limits: ServiceLimits
  private let counter: ConnectionCounter
  private var context: ChannelHandlerContext?
  /// The address under which it is counted; nil on a Unix socket.
  private var address: NetworkKey?
  private var isCounted = false
  private var isRefused = false
  /// The requests whose answers have not ended.
  private var unanswered = 0
  /// Whether the head of a request was read and its end was not.
  private var isReading = false
  /// What the peer must send, and until when.
  private var due: (part: Due, at: NIODeadline)?
  /// Checks whether it has come. One timer serves many requests: when it fires too early for the
  /// current limit, it is set again.
  private var timer: Scheduled<Void>?
  private var timerAt = NIODeadline.distantFuture
  /// Ends a connection whose peer does not read.
  private var writing: Scheduled<Void>?

  private enum Due { case firstHead, body, nextHead }

  init(_ limits: ServiceLimits, _ counter: ConnectionCounter) {
    self.limits = limits
    self.counter = counter
  }

  // MARK: Connections

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { begin(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    begin(context)
    context.fireChannelActive()
  }

  private func begin(_ context: ChannelHandlerContext) {
    guard !isCounted, !isRefused else { return }
    address =
      context.channel.localAddress?.protocol == .unix
      ? nil : Peer(context.remoteAddress).network
    switch counter.enter(address) {
    case .enters: isCounted = true
    case .refused(let problem): return refuse(context, problem)
    case .cut:
      isRefused = true
      return context.cut()
    }
    expect(.firstHead, limits.headMilliseconds, context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }

  /// From here on the connection is a tunnel: it still counts, but has no time limits.
  func letGo() {
    due = nil
    timer?.cancel()
    writing?.cancel()
  }

  private func end() {
    if isCounted { counter.leave(address) }
    isCounted = false
    due = nil
    timer?.cancel()
    writing?.cancel()
  }

  /// Sends an answer before any request.
  private func refuse(_ context: ChannelHandlerContext, _ problem: Problem) {
    isRefused = true
    due = nil
    context.refuse(problem)
  }

  // MARK: Time

  private func expect(_ part: Due, _ milliseconds: Int64, _ context: ChannelHandlerContext) {
    let at = context.eventLoop.now + .milliseconds(milliseconds)
    due = (part, at)
    if timer == nil || at < timerAt { look(at, context) }
  }

  private func look(_ at: NIODeadline, _ context: ChannelHandlerContext) {
    timer?.cancel()
    timerAt = at
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: at) {
      self.timer = nil
      guard let due = self.due else { return }
      guard due.at <= context.eventLoop.now else { return self.look(due.at, context) }
      self.due = nil
      self.isLate(due.part, context)
    }
  }

  private func isLate(_ part: Due, _ context: ChannelHandlerContext) {
    switch part {
    case .firstHead:
      refuse(context, Problem(.tooSlow, "The request did not arrive in time."))
    case .body: context.fireErrorCaught(SlowBody())
    case .nextHead: context.close(promise: nil)
    }
  }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefused else { return }
    switch unwrapInboundIn(data) {
    case .head:
      unanswered += 1
      isReading = true
      expect(.body, limits.bodyMilliseconds, context)
    case .body: break
    case .end:
      isReading = false
      due = nil
      if unanswered == 0 { expect(.nextHead, limits.idleMilliseconds, context) }
    }
    context.fireChannelRead(data)
  }

  /// The limiter itself answers what the decoder cannot read, since no route ever sees it. After a
  /// head that was read, the body is at fault and its route answers.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !isRefused else { return }
    guard unanswered == 0, context.channel.isActive, let problem = Self.problem(of: error) else {
      return context.fireErrorCaught(error)
    }
    refuse(context, problem)
  }

  private static func problem(of error: any Error) -> Problem? {
    if error is IOError || error is ChannelError || error is NIOSSLError || error is SlowBody {
      return nil
    }
    if let excess = error as? ExcessBytes { return excess.problem }
    guard let error = error as? HTTPParserError else {
      return Problem(.invalidRequest, "What was sent is not an HTTP request.")
    }
    return switch error {
    case .headerOverflow: Problem(.tooLarge, "The request's head is too large.")
    case .unexpectedContentLength:
      Problem(
        .invalidRequest,
        "The request has two lengths: Content-Length twice, or beside Transfer-Encoding.")
    case .invalidContentLength:
      Problem(.invalidRequest, "Content-Length is not a whole number of bytes.")
    default: Problem(.invalidRequest, "What was sent is not an HTTP request.")
    }
  }

  // MARK: Answers

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    if case .end = unwrapOutboundIn(data) { isAnswered() }
    context.write(data, promise: promise)
  }

  /// Notes that an answer has ended, even if it did not pass this handler.
  func isAnswered() {
    unanswered -= 1
    // While the rest of the body is still expected, its limit stays.
    guard unanswered == 0, !isReading, let context else { return }
    expect(.nextHead, limits.idleMilliseconds, context)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    writing?.cancel()
    writing = nil
    if !context.channel.isWritable {
      writing = after(limits.stallMilliseconds, context) { _ in context.cut() }
    }
    context.fireChannelWritabilityChanged()
  }

  private func after(
    _ milliseconds: Int64, _ context: ChannelHandlerContext,
    _ action: @escaping (ConnectionLimiter) -> Void
  ) -> Scheduled<Void> {
    context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
      action(self)
    }
  }
}
