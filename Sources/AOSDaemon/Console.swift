internal import ClusterModel
internal import Glibc

/// Standard output and standard error, whole lines at a time and never held back.
enum Console {
  static func error(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Writes text and a line end. Control characters, which come from outside alone, are
  /// replaced; who does not read is not waited for twice.
  static func write(_ text: String, to file: CInt) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var rest = Array(lines.map { PlainText.cleaned(String($0)) + "\n" }.joined().utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        return
      }
    }
  }
}
