internal import Dispatch

/// Runs an actor on a queue of its own, because SQLite blocks its thread, and a thread of the
/// pool that carries every task of the process must not wait for a disk.
final class QueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) {
    queue = DispatchQueue(label: label)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
