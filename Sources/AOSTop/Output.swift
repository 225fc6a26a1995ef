internal import ClusterModel
internal import Glibc

/// Standard output and standard error, unbuffered and without any escape code.
enum Output {
  /// A line of text for a person.
  static func line(_ text: String) { write(Array((PlainText.cleaned(text) + "\n").utf8), 1) }

  /// Several lines at once, each ended.
  static func text(_ text: String) { write(Array(text.utf8), 1) }

  /// One JSON value as one line. What a terminal would obey rather than show is replaced.
  static func json(_ bytes: [UInt8]) { line(String(decoding: bytes, as: UTF8.self)) }

  static func error(_ text: String) {
    write(Array(("aostop: " + PlainText.cleaned(text) + "\n").utf8), 2)
  }

  private static func write(_ bytes: [UInt8], _ descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EPIPE {
        // Nobody reads on. The network library ignores SIGPIPE for the whole process, so the
        // main thread is told in another way, and puts everything in order first.
        kill(getpid(), SIGTERM)
        return
      } else if errno != EINTR {
        return
      }
    }
  }
}
