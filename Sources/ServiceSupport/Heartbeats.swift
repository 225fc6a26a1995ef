internal import ClusterAPI
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization

/// Keeps quiet event streams alive: writes a comment to each stream that had nothing to send.
///
/// One timer serves all streams of a daemon, however many there are.
package final class Heartbeats: Service {
  private struct Stream {
    let outbox: Outbox
    let everySeconds: Int
  }
  private struct State {
    var streams: [Int: Stream] = [:]
    var nextKey = 0
    var seconds = 0
  }

  private let state = Mutex(State())
  private static let comment = ByteBuffer(bytes: ServerSentEvent.heartbeat)

  package init() {}

  /// Writes a comment to this stream at this interval in seconds while it is idle.
  ///
  /// - Returns: A key for `remove`.
  package func add(_ outbox: Outbox, everySeconds: Int) -> Int {
    state.withLock { state in
      state.nextKey += 1
      state.streams[state.nextKey] = Stream(outbox: outbox, everySeconds: everySeconds)
      return state.nextKey
    }
  }

  package func remove(_ key: Int) {
    state.withLock { _ = $0.streams.removeValue(forKey: key) }
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: .seconds(1))) != nil { self.beat() }
    }
  }

  private func beat() {
    let due = state.withLock { state in
      state.seconds += 1
      // The keys spread the streams over the interval, so that they are not all written at once.
      return state.streams.filter { (state.seconds + $0.key) % $0.value.everySeconds == 0 }
        .map(\.value.outbox)
    }
    for outbox in due where outbox.isIdle { outbox.put(Self.comment) }
  }
}
