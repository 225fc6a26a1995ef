package import ClusterAPI
internal import HummingbirdCore
package import NIOCore
internal import NIOHTTP1

/// Answers `CONNECT` (RFC 9110, 9.3.6) at a listener.
package protocol ConnectTaker: Sendable {
  /// Decides about one connection, on its event loop. It refuses or opens it, at once or later.
  func takeOver(_ request: ConnectRequest, _ connection: TakenConnection)
}

/// Refuses every `CONNECT` with the same problem.
package struct ConnectRefusal: ConnectTaker {
  private let problem: Problem

  package init(_ problem: Problem) { self.problem = problem }

  package func takeOver(_ request: ConnectRequest, _ connection: TakenConnection) {
    connection.refuse(problem)
  }
}

/// The head of a `CONNECT`. The authority in it has no effect: a listener leads to one place.
package struct ConnectRequest: Sendable {
  private let headers: HTTPHeaders
  /// The address of the client; nil on a Unix socket.
  package let address: SocketAddress?

  init(_ head: HTTPRequestHead, _ channel: any Channel) {
    headers = head.headers
    address = channel.localAddress?.protocol == .unix ? nil : channel.remoteAddress
  }

  /// The values of a header field, in order; none where it is missing.
  package func values(of field: String) -> [String] { headers[field] }
}

/// A connection that has asked for `CONNECT`, until it is answered. Use it only on its event loop.
package final class TakenConnection {
  package let channel: any Channel
  private let context: ChannelHandlerContext
  private let version: HTTPVersion
  private let kept: KeptBytes

  private init(
    _ context: ChannelHandlerContext, _ version: HTTPVersion, _ kept: KeptBytes
  ) {
    (self.context, self.version, self.kept) = (context, version, kept)
    channel = context.channel
  }

  /// Takes the connection away from HTTP and lets the taker decide.
  static func takeOver(
    _ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ gate: RequestGate,
    _ taker: any ConnectTaker
  ) {
    let early = gate.surrender()
    let kept = KeptBytes(early.bytes, hasEnded: early.hasEnded)
    do {
      // In front of the encoder as well, since what is sent is no longer HTTP.
      let pipeline = context.channel.pipeline.syncOperations
      let encoder = try pipeline.handler(type: HTTPResponseEncoder.self)
      try pipeline.addHandler(kept, position: .before(encoder))
    } catch {
      return context.close(promise: nil)  // the connection is gone already
    }
    taker.takeOver(
      ConnectRequest(head, context.channel), TakenConnection(context, head.version, kept))
  }

  /// Answers with a problem and ends the connection.
  package func refuse(_ problem: Problem) {
    guard channel.isActive else { return }
    kept.leave()
    context.refuse(problem, version: version)
  }

  /// Answers that the tunnel is open. From here on there are no time limits.
  ///
  /// - Parameter handler: Gets every byte from here on, in front of all HTTP handlers. It must read
  ///   by itself, since the channel does not (`autoRead`).
  /// - Returns: What arrived before; nil where the client has gone.
  package func openTunnel(
    to handler: some ChannelDuplexHandler & RemovableChannelHandler
  ) -> (bytes: ByteBuffer, hasEnded: Bool)? {
    guard channel.isActive else { return nil }
    let pipeline = channel.pipeline.syncOperations
    do {
      try pipeline.handler(type: ConnectionLimiter.self).letGo()
      let idle = try pipeline.context(handlerType: HTTPConnectionStateHandler.self)
      pipeline.removeHandler(context: idle, promise: nil)
      let answer = "HTTP/1.\(version.isHTTP10 ? 0 : 1) 200 Connected\r\n\r\n"
      kept.answer(ByteBuffer(string: answer))
      return try kept.handOver(to: handler)
    } catch {
      channel.close(promise: nil)
      return nil
    }
  }
}

/// Keeps the bytes of a connection until its destination is known, and reads no more meanwhile.
final class KeptBytes: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Any
  typealias OutboundOut = ByteBuffer

  /// The bytes that arrived, and whether the peer has closed its side after them.
  typealias Early = (bytes: ByteBuffer, hasEnded: Bool)

  private var context: ChannelHandlerContext?
  private var early: Early

  init(_ bytes: ByteBuffer, hasEnded: Bool) { early = (bytes, hasEnded) }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// Call this when the connection ends with an answer. The gate then reads, drops and counts what
  /// still arrives, since a connection that is closed with unread data loses the answer.
  func leave() {
    guard let context else { return }
    early.bytes = ByteBuffer()
    context.read()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  /// Writes to the peer, past all HTTP handlers.
  func answer(_ bytes: ByteBuffer) {
    context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
  }

  /// Puts another handler in its place.
  ///
  /// - Returns: What arrived meanwhile.
  /// - Throws: Where the connection has gone.
  func handOver(
    to handler: some ChannelDuplexHandler & RemovableChannelHandler
  ) throws -> Early {
    guard let context else { throw ChannelError.alreadyClosed }
    let pipeline = context.channel.pipeline.syncOperations
    try pipeline.addHandler(handler, position: .before(self))
    pipeline.removeHandler(context: context, promise: nil)
    defer { early.bytes = ByteBuffer() }
    return early
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    early.bytes.writeBuffer(&bytes)
  }

  func read(context: ChannelHandlerContext) {}

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed = event else {
      return context.fireUserInboundEventTriggered(event)
    }
    early.hasEnded = true
  }
}
