internal import AsyncHTTPClient
internal import ClusterAPI
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Keeps the heartbeats of a stream from its reader, on the event loop of the connection. Otherwise
/// a reader of a thousand quiet streams would wake up a thousand times a second for nothing.
///
/// The handlers behind it hear nothing of a quiet stream, so the sieve checks for silence itself.
/// Its timer is set once for the whole time that a stream may be silent, and not with every
/// heartbeat.
final class HeartbeatSieve: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias InboundOut = HTTPClientResponsePart
  typealias OutboundIn = HTTPClientRequestPart
  typealias OutboundOut = HTTPClientRequestPart

  private let watches: StreamWatches
  private let silence: TimeAmount
  private var filter = HeartbeatFilter()
  private var onHeartbeat: (@Sendable () -> Void)?
  private var heardAt = NIODeadline.uptimeNanoseconds(0)
  private var timer: Scheduled<Void>?

  /// - Parameter silenceMilliseconds: After this time of silence the stream is lost.
  init(_ watches: StreamWatches, silenceMilliseconds: Int64) {
    self.watches = watches
    silence = .milliseconds(silenceMilliseconds)
  }

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    guard case .head(var head) = unwrapOutboundIn(data) else {
      return context.write(data, promise: promise)
    }
    heardAt = context.eventLoop.now
    if timer == nil { listen(context) }
    if let number = head.headers.first(name: StreamWatches.header) {
      head.headers.remove(name: StreamWatches.header)
      onHeartbeat = watches.find(number)
    }
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    heardAt = context.eventLoop.now
    guard let onHeartbeat, case .body(let bytes) = unwrapInboundIn(data) else {
      return context.fireChannelRead(data)
    }
    let now = Int64(heardAt.uptimeNanoseconds / 1_000_000)
    guard filter.keepsBack(bytes, now: now) else { return context.fireChannelRead(data) }
    onHeartbeat()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  /// Ends the stream when it has been silent for too long.
  private func listen(_ context: ChannelHandlerContext) {
    let loop = context.eventLoop.assumeIsolated()
    timer = loop.scheduleTask(deadline: heardAt + silence) {
      guard context.eventLoop.now - self.heardAt >= self.silence else {
        return self.listen(context)
      }
      context.fireErrorCaught(HTTPClientError.readTimeout)
      context.close(promise: nil)
    }
  }
}

/// Decides which pieces of a stream are heartbeats that its reader need not see. Times are
/// monotonic milliseconds.
struct HeartbeatFilter {
  /// Heartbeats that follow each other faster go to the reader, since they are too many.
  private static let quickestMilliseconds: Int64 = 500

  /// Whether the last piece that went on ended an event or a comment.
  private var isBetweenEvents = true
  /// When the last piece came; nil before the first.
  private var lastAt: Int64?

  mutating func keepsBack(_ bytes: ByteBuffer, now: Int64) -> Bool {
    let isHeartbeat = bytes.readableBytesView.elementsEqual(ServerSentEvent.heartbeat)
    let isSlow = lastAt.map { now - $0 >= Self.quickestMilliseconds } ?? false
    lastAt = now
    if isHeartbeat, isBetweenEvents, isSlow { return true }
    isBetweenEvents = bytes.readableBytesView.suffix(2).elementsEqual([10, 10])
    return false
  }
}

/// Which closure is called for the heartbeats of which stream. AsyncHTTPClient passes only the head
/// of a request to its connection. So the head contains a number, which `HeartbeatSieve` removes.
final class StreamWatches: Sendable {
  static let header = "aos-stream-watch"

  private struct State {
    var watches: [String: @Sendable () -> Void] = [:]
    var count = 0
  }

  private let state = Mutex(State())

  init() {}

  /// - Returns: The number for the head of the request.
  func add(_ onHeartbeat: @escaping @Sendable () -> Void) -> String {
    state.withLock { state in
      state.count += 1
      state.watches["\(state.count)"] = onHeartbeat
      return "\(state.count)"
    }
  }

  func find(_ number: String) -> (@Sendable () -> Void)? {
    state.withLock { $0.watches[number] }
  }

  /// Call this when the request was sent, or will never be sent.
  func remove(_ number: String) {
    state.withLock { _ = $0.watches.removeValue(forKey: number) }
  }
}
