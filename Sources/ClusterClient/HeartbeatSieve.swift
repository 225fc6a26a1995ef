internal import ClusterAPI
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Keeps the heartbeats of a stream from its reader, on the event loop of the connection: a reader
/// of a thousand quiet streams would be woken a thousand times a second for nothing.
final class HeartbeatSieve: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias InboundOut = HTTPClientResponsePart
  typealias OutboundIn = HTTPClientRequestPart
  typealias OutboundOut = HTTPClientRequestPart

  private let watches: StreamWatches
  private var filter: HeartbeatFilter
  private var onHeartbeat: (@Sendable () -> Void)?

  /// - Parameter silenceMilliseconds: After which the stream is lost for those behind.
  init(_ watches: StreamWatches, silenceMilliseconds: Int64) {
    self.watches = watches
    filter = HeartbeatFilter(passMilliseconds: silenceMilliseconds / 3)
  }

  func write(
    context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
  ) {
    guard case .head(var head) = unwrapOutboundIn(data),
      let number = head.headers.first(name: StreamWatches.header)
    else { return context.write(data, promise: promise) }
    head.headers.remove(name: StreamWatches.header)
    onHeartbeat = watches.find(number)
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let onHeartbeat, case .body(let bytes) = unwrapInboundIn(data) else {
      return context.fireChannelRead(data)
    }
    let now = Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000)
    guard filter.keepsBack(bytes, now: now) else { return context.fireChannelRead(data) }
    onHeartbeat()
  }
}

/// Decides which pieces of a stream are heartbeats that its reader need not see. Times are
/// monotonic milliseconds.
struct HeartbeatFilter {
  /// Heartbeats that follow one another more quickly count as what they are: too many.
  private static let quickestMilliseconds: Int64 = 500

  private let passMilliseconds: Int64
  /// The last piece that went on ended an event or a comment.
  private var isBetweenEvents = true
  private var passedAt: Int64?
  private var keptAt: Int64?

  /// - Parameter passMilliseconds: After so long without a piece a heartbeat goes on, so that those
  ///   behind know that the stream lives.
  init(passMilliseconds: Int64) { self.passMilliseconds = passMilliseconds }

  mutating func keepsBack(_ bytes: ByteBuffer, now: Int64) -> Bool {
    let isHeartbeat = bytes.readableBytesView.elementsEqual(ServerSentEvent.heartbeat)
    if isHeartbeat, isBetweenEvents, let passedAt, now - passedAt < passMilliseconds,
      now - max(passedAt, keptAt ?? passedAt) >= Self.quickestMilliseconds
    {
      keptAt = now
      return true
    }
    passedAt = now
    isBetweenEvents = bytes.readableBytesView.suffix(2).elementsEqual([10, 10])
    return false
  }
}

/// Who hears the heartbeats of which stream. Of a request AsyncHTTPClient leads nothing to its
/// connection but the head: so a number stands there, which `HeartbeatSieve` takes out.
final class StreamWatches: Sendable {
  static let header = "aos-stream-watch"

  private struct State {
    var watches: [String: @Sendable () -> Void] = [:]
    var count = 0
  }

  private let state = Mutex(State())

  init() {}

  /// - Returns: The number for the request's head.
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

  /// The request was sent, or never will be.
  func remove(_ number: String) {
    state.withLock { _ = $0.watches.removeValue(forKey: number) }
  }
}
