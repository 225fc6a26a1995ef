internal import Glibc

/// The main thread's way of waiting where there is no screen.
enum Waiting {
  /// Sleeps until one of the two is readable.
  ///
  /// - Returns: False: it was the second one.
  static func wait(for descriptor: Int32, orUntil end: Int32) -> Bool {
    while true {
      var wanted = [descriptor, end].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&wanted, 2, -1) > 0 else { continue }
      if wanted[1].revents != 0 { return false }
      if wanted[0].revents != 0 { return true }
    }
  }
}
