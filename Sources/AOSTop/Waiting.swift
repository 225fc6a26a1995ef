internal import Glibc
internal import ProgramSupport

/// How the main thread waits when there is no screen.
enum Waiting {
  /// Why a wait ended.
  enum End: Equatable {
    case happened, calledOff
    /// Nobody reads the output any more.
    case readerLeft
  }

  /// Sleeps until one of the two descriptors is readable, or the reader of the output has left.
  static func wait(
    for descriptor: Int32, orUntil end: Int32, readerOf output: OutputDescriptor? = nil
  ) -> End {
    var wanted = [descriptor, end].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    if let output, output.hasReader {
      wanted.append(pollfd(fd: output.number, events: 0, revents: 0))
    }
    while true {
      guard poll(&wanted, nfds_t(wanted.count), -1) > 0 else { continue }
      if wanted[1].revents != 0 { return .calledOff }
      if wanted[0].revents != 0 { return .happened }
      if wanted.last.map({ $0.revents & ReaderWatch.events != 0 }) == true { return .readerLeft }
    }
  }
}
