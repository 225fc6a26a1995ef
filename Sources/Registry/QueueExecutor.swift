internal import Dispatch
internal import Glibc

/// Runs an actor on its own queue, because a database blocks its thread. The shared threads of all
/// tasks must not wait for a disk or a network.
final class QueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) {
    queue = DispatchQueue(label: label)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }

  /// Calls the handler on the queue whenever the descriptor can be read.
  func watch(_ descriptor: Int32, _ handler: @escaping @Sendable () -> Void) -> DescriptorWatch? {
    DescriptorWatch(descriptor, queue: queue, handler: handler)
  }
}

/// Watches a descriptor until this object is released.
final class DescriptorWatch {
  private let source: any DispatchSourceRead

  /// Nil where the process has no free descriptor.
  fileprivate init?(
    _ descriptor: Int32, queue: DispatchQueue, handler: @escaping @Sendable () -> Void
  ) {
    // A copy: the owner may close its descriptor before the source has ended.
    let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard own >= 0 else { return nil }
    source = DispatchSource.makeReadSource(fileDescriptor: own, queue: queue)
    source.setEventHandler(handler: DispatchWorkItem(block: handler))
    source.setCancelHandler(handler: DispatchWorkItem { close(own) })
    source.resume()
  }

  deinit {
    source.cancel()
  }
}
