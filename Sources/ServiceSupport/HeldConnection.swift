internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// A connection that is kept from its acceptance until it is served or closed.
///
/// A server that ends may drop a connection that it has accepted and not begun to serve. Then
/// nobody finishes the writer of that connection, and SwiftNIO ends the whole process for that.
struct HeldConnection<Base: ServerChildChannel>: ServerChildChannel {
  struct Value: ServerChildChannelValue {
    fileprivate let base: Base.Value
    fileprivate let hold: ConnectionHold<Base.Value>

    var channel: any Channel { base.channel }
  }

  private let base: Base
  private let prepare: @Sendable (any Channel) throws -> Void

  /// - Parameter prepare: Called with each connection after its handlers were added.
  init(_ base: Base, prepare: @escaping @Sendable (any Channel) throws -> Void) {
    (self.base, self.prepare) = (base, prepare)
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    base.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let hold = ConnectionHold(value)
      try prepare(channel)
      try channel.pipeline.syncOperations.addHandler(HoldHandler(hold))
      return Value(base: value, hold: hold)
    }
  }

  func handle(value: Value, logger: Logger) async {
    value.hold.serve()
    await base.handle(value: value.base, logger: logger)
  }
}

extension HTTPServerBuilder {
  /// The same server. It keeps its accepted connections, and adds the handlers around the HTTP
  /// decoder: `RequestGate` in front of it, limits and `FrontDoor` behind it.
  ///
  /// - Parameters:
  ///   - quick: Answers plain requests to its path at once; nil: none.
  ///   - taker: Answers `CONNECT`; nil: nobody does.
  static func guarded(
    _ configuration: HTTP1Channel.Configuration, quick: QuickRoute? = nil,
    taker: (any ConnectTaker)? = nil,
    limiter: @escaping @Sendable () -> ConnectionLimiter
  ) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in
      HeldConnection(HTTP1Channel(responder: responder, configuration: configuration)) {
        let pipeline = $0.pipeline.syncOperations
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        let gate = RequestGate()
        try pipeline.addHandler(gate, position: .before(decoder))
        let door = FrontDoor(gate, quick: quick, taker: taker)
        try pipeline.addHandlers(limiter(), door, position: .after(decoder))
      }
    }
  }
}

/// Keeps a connection until it is served.
private final class ConnectionHold<Value: Sendable>: Sendable {
  private enum State {
    case held(Value)
    case served
    case gone
  }

  private let state: Mutex<State>

  init(_ value: Value) { state = Mutex(.held(value)) }

  /// From now on the server keeps it.
  func serve() { letGo(.served) }

  /// The connection is closed, which finished its writer.
  func close() { letGo(.gone) }

  var isHeld: Bool {
    state.withLock { if case .held = $0 { true } else { false } }
  }

  private func letGo(_ next: State) {
    // The connection is released outside the lock.
    let last = state.withLock { state in
      defer { state = next }
      return state
    }
    _ = last
  }
}

/// Releases a connection when it ends, and closes one that is never served.
private final class HoldHandler<Value: Sendable>: ChannelInboundHandler {
  typealias InboundIn = NIOAny

  /// A running server begins at once, however busy it is.
  private static var patience: TimeAmount { .seconds(20) }

  private let hold: ConnectionHold<Value>
  private var timer: Scheduled<Void>?

  init(_ hold: ConnectionHold<Value>) { self.hold = hold }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    let hold = hold
    timer = context.eventLoop.scheduleTask(in: Self.patience) {
      if hold.isHeld { channel.close(promise: nil) }
    }
    context.fireChannelActive()
  }

  /// This handler is behind those of the connection, so they already know that it is closed.
  func channelInactive(context: ChannelHandlerContext) {
    close()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { close() }

  private func close() {
    hold.close()
    timer?.cancel()
    timer = nil
  }
}
