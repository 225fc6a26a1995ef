internal import ClusterModel
internal import Glibc

/// Why output was not written.
package enum OutputFailure: PlainError, Equatable, Sendable {
  /// The reader of the pipe has left, as `| head` does. This is nobody's fault.
  case readerLeft
  /// The system's reason, with the name of the output: `cannot write to standard output: No space
  /// left on device`.
  case failed(String)

  /// - Parameters:
  ///   - number: An error number of the system.
  ///   - place: The name of the output.
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

/// The signals about a program's output.
package enum OutputSignals {
  /// Turns two signals into failing writes, which would otherwise end the program: SIGPIPE, after
  /// the reader has left, and SIGXFSZ, where a file may not grow further. Call it first in `main`.
  package static func ignore() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Ends the program by SIGPIPE, as other programs end after `| head` has read enough: a shell
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
