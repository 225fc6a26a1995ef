internal import Glibc
internal import Synchronization

/// The process has no free descriptor.
///
/// It is not inside `Mailbox`, since the optimizer of Swift 6.3 fails on a generic error in a typed
/// throw.
package struct NoPipe: Error, CustomStringConvertible {
  package let description = "no pipe can be made: too many open files"
}

/// Messages of other tasks for the loop of the screen. A descriptor wakes its `poll`.
///
/// The contents are a value that combines the messages, so that any number of them needs only the
/// memory that the value allows, and no sender ever waits for a slow terminal.
package final class Mailbox<Contents: Sendable>: Sendable {
  private struct Slot: Sendable {
    var contents: Contents
    /// Whether there is a byte in the pipe.
    var isSignalled = false
  }

  private let slot: Mutex<Slot>
  private let writeEnd: Int32
  /// Readable while something waits.
  package let descriptor: Int32

  package init(_ contents: Contents) throws(NoPipe) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw NoPipe() }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (descriptor, writeEnd) = (ends[0], ends[1])
    slot = Mutex(Slot(contents: contents))
  }

  /// Changes the contents and wakes the loop.
  @discardableResult
  package func post<Result: Sendable>(
    _ change: (inout Contents) -> sending Result
  ) -> Result {
    let (result, mustWake) = slot.withLock { slot in
      let result = change(&slot.contents)
      defer { slot.isSignalled = true }
      return (result, !slot.isSignalled)
    }
    guard mustWake else { return result }
    var wake: UInt8 = 1
    _ = write(writeEnd, &wake, 1)
    return result
  }

  /// Takes something out of the contents. A later change wakes the loop again.
  package func collect<Result: Sendable>(_ change: (inout Contents) -> sending Result) -> Result {
    // Read before the flag is cleared: a byte that comes later only wakes the loop once for
    // nothing.
    var bytes: (UInt8, UInt8) = (0, 0)
    return slot.withLock { slot in
      while read(descriptor, &bytes, 2) > 0 {}
      slot.isSignalled = false
      return change(&slot.contents)
    }
  }

  deinit {
    close(descriptor)
    close(writeEnd)
  }
}
