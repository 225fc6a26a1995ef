internal import ClusterModel
internal import Glibc

/// Why output was not written.
package enum OutputFailure: PlainError, Equatable, Sendable {
  /// The reader of the pipe has left, as `| head` does: no fault of anybody.
  case readerLeft
  /// The system's reason, with the name of the output: `cannot write to standard output: No space
  /// left on device`.
  case failed(String)

  /// - Parameters:
  ///   - number: An error number of the system.
  ///   - place: What was written to.
  init(errno number: CInt, place: String) {
    self =
      number == EPIPE
      ? .readerLeft : .failed("cannot write to \(place): \(String(cString: strerror(number)))")
  }

  package var description: String {
    switch self {
    case .readerLeft: "cannot write to standard output: its reader has left"
    case .failed(let words): words
    }
  }
}

/// The signals that tell a program about its output.
package enum OutputSignals {
  /// Makes a write fail where it would end the program: a reader that left (SIGPIPE), and a file
  /// that may not grow further (SIGXFSZ). Called first in `main`.
  package static func ignore() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Ends the program by SIGPIPE, as other programs end when `| head` has seen enough: a shell
  /// shows 141, and nothing is printed.
  package static func endByPipe() {
    signal(SIGPIPE, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGPIPE)
  }
}
