package import ClusterAPI
internal import HummingbirdCore
package import NIOCore
internal import NIOHTTP1

/// Answers `CONNECT` (RFC 9110, 9.3.6) at a listener.
package protocol ConnectTaker: Sendable {
  /// Decides about one connection, on its event loop; refuses or opens it now or later.
  func takeOver(_ request: ConnectRequest, _ connection: TakenConnection)
}

/// Refuses every `CONNECT` with the same words.
package struct ConnectRefusal: ConnectTaker {
  private let problem: Problem

  package init(_ problem: Problem) { self.problem = problem }

  package func takeOver(_ request: ConnectRequest, _ connection: TakenConnection) {
    connection.refuse(problem)
  }
}

/// The head of a `CONNECT`. Which authority it names means nothing: a listener leads to one place.
package struct ConnectRequest: Sendable {
  private let headers: HTTPHeaders
  /// The client's address; nil on a Unix socket.
  package let address: SocketAddress?

  init(_ head: HTTPRequestHead, _ channel: any Channel) {
    headers = head.headers
    address = channel.localAddress?.protocol == .unix ? nil : channel.remoteAddress
  }

  /// The values of a header field, in order; none where it is missing.
  package func values(of field: String) -> [String] { headers[field] }
}

/// A connection that has asked for `CONNECT`, until it is answered. For its event loop alone.
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

  /// Keeps what comes from now on away from HTTP, and lets the taker decide.
  static func takeOver(
    _ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ gate: RequestGate,
    _ taker: any ConnectTaker
  ) {
    let early = gate.surrender()
    let kept = KeptBytes(early.bytes, hasEnded: early.hasEnded)
    do {
      // In front of the encoder, too: what is sent is no longer HTTP.
      let pipeline = context.channel.pipeline.syncOperations
      let encoder = try pipeline.handler(type: HTTPResponseEncoder.self)
      try pipeline.addHandler(kept, position: .before(encoder))
    } catch {
      return context.close(promise: nil)  // the connection is gone already
    }
    taker.takeOver(
      ConnectRequest(head, context.channel), TakenConnection(context, head.version, kept))
  }

  /// Answers with a problem, and ends the connection.
  package func refuse(_ problem: Problem) {
    guard channel.isActive else { return }
    kept.leave()
    context.refuse(problem, version: version)
  }

  /// Answers that the tunnel is open. No limit of time holds from here on.
  ///
  /// - Parameter handler: Takes every byte from here on, in front of all that speaks HTTP, and
  ///   reads itself: the channel has been told not to (`autoRead`).
  /// - Returns: What came before; nil where the client is gone.
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

/// Keeps what a connection brings until it is known where that goes, and reads no more meanwhile.
final class KeptBytes: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Any
  typealias OutboundOut = ByteBuffer

  /// What came, and whether the peer has closed its side behind it.
  typealias Early = (bytes: ByteBuffer, hasEnded: Bool)

  private var context: ChannelHandlerContext?
  private var early: Early

  init(_ bytes: ByteBuffer, hasEnded: Bool) { early = (bytes, hasEnded) }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// The connection ends with an answer: the gate, which has dropped it, reads and counts what
  /// still comes, since a connection that is closed with something unread loses the answer.
  func leave() {
    guard let context else { return }
    early.bytes = ByteBuffer()
    context.read()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  /// Writes to the peer, past everything that speaks HTTP.
  func answer(_ bytes: ByteBuffer) {
    context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
  }

  /// Puts another handler into its place.
  ///
  /// - Returns: What came meanwhile.
  /// - Throws: Where the connection is gone.
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
