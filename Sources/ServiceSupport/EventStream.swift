internal import ClusterAPI
package import Hummingbird
internal import NIOCore
internal import Synchronization

extension Response {
  /// An event stream that writes what comes out of an outbox, until that is finished or the
  /// reader is gone.
  ///
  /// - Parameter onEnd: Called once, when the stream has ended on whatever way: within
  ///   milliseconds when the peer closes or resets.
  package init(
    events outbox: Outbox, in context: ServiceContext, onEnd: @escaping @Sendable () -> Void
  ) {
    let end = EndOfStream(onEnd)
    context.whenPeerCloses { outbox.close() }
    self.init(
      status: .ok,
      headers: [.contentType: ServerSentEvent.contentType, .cacheControl: "no-store"],
      body: ResponseBody { writer in
        defer {
          outbox.close()
          end.reached()
        }
        while let bytes = await outbox.next() { try await writer.write(bytes) }
        try await writer.finish(nil)
      })
  }
}

/// Says once that a stream has ended, at the latest when nothing refers to it any more: a peer
/// that is gone before the head of the answer was written never has its body begun.
private final class EndOfStream: Sendable {
  private let onEnd: Mutex<(@Sendable () -> Void)?>

  init(_ onEnd: @escaping @Sendable () -> Void) {
    self.onEnd = Mutex(onEnd)
  }

  func reached() {
    let action = onEnd.withLock { action in
      defer { action = nil }
      return action
    }
    action?()
  }

  deinit {
    reached()
  }
}
