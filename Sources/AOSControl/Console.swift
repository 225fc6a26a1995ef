internal import ClusterModel
internal import Glibc

/// Standard output and standard error, a line at a time and never held back, so that a reader of
/// a pipe sees each line when it is said.
enum Console {
  /// Writes a line for a person. Control characters, which come from the network alone, are
  /// replaced.
  static func line(_ text: String) { write(PlainText.cleaned(text), to: STDOUT_FILENO) }

  static func lines(_ texts: [String]) { texts.forEach(line) }

  static func error(_ text: String) { write(PlainText.cleaned(text), to: STDERR_FILENO) }

  /// Writes JSON that was checked to hold no control character but blanks.
  static func json(_ bytes: [UInt8]) {
    put(bytes.last == 10 ? bytes : bytes + [10], to: STDOUT_FILENO)
  }

  private static func write(_ text: String, to file: CInt) {
    put(Array(text.utf8) + [10], to: file)
  }

  private static func put(_ bytes: [UInt8], to file: CInt) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EPIPE {
        // The network library ignores this signal for the whole process. Nobody reads on, so the
        // program ends as any other at the head of a pipe does.
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        return
      } else if errno != EINTR {
        return
      }
    }
  }
}
