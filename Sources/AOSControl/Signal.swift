internal import Dispatch
internal import Glibc
internal import Synchronization

/// Something that happens once, and that work can wait for.
struct Signal: Sendable {
  private let stream: AsyncStream<Never>
  private let continuation: AsyncStream<Never>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func fire() { continuation.finish() }

  /// Returns when it has happened, or the task is cancelled.
  func wait() async { for await _ in stream {} }

  /// Runs an operation and cancels it when this happens.
  func ends(_ operation: @escaping @Sendable () async -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await operation() }
      group.addTask { await wait() }
      await group.next()
      group.cancelAll()
    }
  }
}

/// How long an orderly end may take.
private let patience = DispatchTimeInterval.seconds(2)

/// Turns Ctrl-C and SIGTERM into an orderly end: the first one cancels the operation, a second one
/// kills.
func endingOnInterrupt<Value: Sendable>(
  _ operation: @escaping @Sendable () async -> Value
) async -> Value {
  let task = Task { await operation() }
  let sources = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      signal(number, SIG_DFL)
      task.cancel()
      // The program may hang in a write to a stopped terminal or a full pipe.
      DispatchQueue.global().asyncAfter(deadline: .now() + patience) { kill(getpid(), number) }
    }
    source.resume()
    return source
  }
  let value = await task.value
  for source in sources { source.cancel() }
  return value
}
