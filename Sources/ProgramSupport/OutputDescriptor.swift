internal import CStandardDescriptors
internal import Glibc

/// Standard output or standard error. Nothing is buffered, and nothing is lost without an error.
package struct OutputDescriptor: Sendable {
  package static let standardOutput = OutputDescriptor(STDOUT_FILENO, "standard output")
  package static let standardError = OutputDescriptor(STDERR_FILENO, "standard error")

  package let number: CInt
  private let name: String

  /// - Parameter name: Its name in messages.
  package init(_ number: CInt, _ name: String) {
    self.number = number
    self.name = name
  }

  /// Writes everything and waits for a slow reader, even where the descriptor is non-blocking.
  ///
  /// - Throws: `OutputFailure`; a part may have been written.
  package func write(_ bytes: [UInt8]) throws(OutputFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
        continue
      }
      switch count == 0 ? EIO : errno {
      case EINTR: continue
      case EAGAIN: waitUntilWritable()
      case let error: throw failure(error)
      }
    }
  }

  /// Makes a file system that writes late (NFS, a quota) confirm that everything has arrived. Call
  /// it once, after the last write.
  package func finish() throws(OutputFailure) {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { return }
    guard close(copy) == 0 || errno == EINTR else { throw failure(errno) }
  }

  /// Also returns when the reader has left; the next write then reports that.
  private func waitUntilWritable() {
    var wanted = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    poll(&wanted, 1, -1)
  }

  private func failure(_ error: CInt) -> OutputFailure {
    if error == EBADF, standard_descriptor_was_closed(number) == 1 {
      return .failed("cannot write to \(name): it is closed")
    }
    return OutputFailure(errno: error, place: name)
  }

  /// Whether it is a pipe or a socket, which has a reader that may leave.
  package var hasReader: Bool {
    var status = stat()
    guard fstat(number, &status) == 0 else { return false }
    return [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT)
  }
}

/// Notices when the reader of a pipe leaves while nothing is being written.
package enum ReaderWatch {
  /// The events of `poll` that mean this. The system reports them without being asked.
  package static let events = Int16(POLLERR | POLLHUP | POLLNVAL)

  /// Calls an action once, on its own thread, when the reader has left. Without a reader it is
  /// never called.
  package static func start(
    _ output: OutputDescriptor = .standardOutput, _ action: @escaping @Sendable () -> Void
  ) {
    guard output.hasReader else { return }
    OwnThread.start {
      var wanted = pollfd(fd: output.number, events: 0, revents: 0)
      repeat { poll(&wanted, 1, -1) } while wanted.revents & events == 0
      action()
    }
  }
}
