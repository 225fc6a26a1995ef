package import NIOCore
internal import Synchronization

/// The bytes that wait for one reader of an event stream. It is bounded: a slow reader costs at
/// most `limit` of memory, and no writer ever waits for it.
///
/// It has any number of writers and one reader.
package final class Outbox: Sendable {
  private struct State {
    var waiting = ByteBuffer()
    var isFinished = false
    var isClosed = false
    var reader: CheckedContinuation<ByteBuffer?, Never>?
  }

  private let state = Mutex(State())
  private let limit: Int

  /// - Parameter limit: The most bytes that may wait.
  package init(limit: Int = 1 << 20) {
    self.limit = limit
  }

  /// The result of adding bytes.
  package enum OnPut: Equatable, Sendable {
    case taken
    /// The limit is reached and nothing was added. The caller decides what a slow reader gets
    /// instead.
    case full
    /// The reader has left.
    case closed
  }

  /// Adds the bytes, all or none of them.
  @discardableResult
  package func put(_ bytes: some Sequence<UInt8>) -> OnPut {
    put(ByteBuffer(bytes: bytes))
  }

  /// Adds the bytes, all or none of them. A buffer that many readers share is not copied for the
  /// first one.
  @discardableResult
  package func put(_ bytes: ByteBuffer) -> OnPut {
    let (outcome, reader) = state.withLock { state -> (OnPut, Waiter) in
      guard !state.isClosed, !state.isFinished else { return (.closed, nil) }
      if let reader = state.reader {
        state.reader = nil
        return (.taken, (reader, bytes))
      }
      guard state.waiting.readableBytes + bytes.readableBytes <= limit else {
        return (.full, nil)
      }
      if state.waiting.readableBytes == 0 {
        state.waiting = bytes
      } else {
        state.waiting.writeImmutableBuffer(bytes)
      }
      return (.taken, nil)
    }
    reader?.0.resume(returning: reader?.1)
    return outcome
  }

  /// Replaces everything that waits by these bytes, whatever their size.
  package func replace(with bytes: ByteBuffer) {
    let reader = state.withLock { state -> Waiter in
      guard !state.isClosed, !state.isFinished else { return nil }
      if let reader = state.reader {
        state.reader = nil
        return (reader, bytes)
      }
      state.waiting = bytes
      return nil
    }
    reader?.0.resume(returning: reader?.1)
  }

  /// Whether the stream is open and nothing waits: then a heartbeat may be sent.
  package var isIdle: Bool {
    state.withLock { !$0.isClosed && !$0.isFinished && $0.waiting.readableBytes == 0 }
  }

  /// No more bytes will be added. Those that wait are still read.
  package func finish() {
    let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, Never>? in
      state.isFinished = true
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: nil)
  }

  /// The reader has left, or must leave: the bytes that wait are dropped.
  package func close() {
    let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, Never>? in
      state.isClosed = true
      state.waiting = ByteBuffer()
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: nil)
  }

  /// All bytes that wait, at once; nil when there will be no more. Ends on cancellation.
  package func next() async -> ByteBuffer? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready = state.withLock { state -> ByteBuffer?? in
          if state.isClosed { return .some(nil) }
          if state.waiting.readableBytes > 0 {
            defer { state.waiting = ByteBuffer() }
            return .some(state.waiting)
          }
          if state.isFinished { return .some(nil) }
          state.reader = continuation
          return nil
        }
        if let ready { continuation.resume(returning: ready) }
      }
    } onCancel: {
      close()
    }
  }
}

private typealias Waiter = (CheckedContinuation<ByteBuffer?, Never>, ByteBuffer)?
