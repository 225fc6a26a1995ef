internal import ClusterAPI
package import Hummingbird
internal import NIOCore
internal import Synchronization

extension Response {
  /// An event stream that writes the contents of an outbox until the outbox is finished or the
  /// reader leaves.
  ///
  /// - Parameter onEnd: Called once when the stream has ended in any way, within milliseconds after
  ///   the peer closes or resets.
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

/// Reports once that a stream has ended, at the latest when nothing refers to it any more: if a
/// peer leaves before the head of the answer was written, the body of the answer never begins.
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
