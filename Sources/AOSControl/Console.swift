internal import ClusterModel
internal import Glibc
internal import ProgramOutput

/// Standard output and standard error, a line at a time and never held back, so that a reader of
/// a pipe sees each line when it is written.
///
/// Output that cannot be written ends the program: with a message and exit code 1, or by SIGPIPE
/// where the reader of a pipe has left.
enum Console {
  /// Writes a line for a person. Control characters, which come from the network alone, are
  /// replaced.
  static func line(_ text: String) { write(bytes(of: [text])) }

  static func lines(_ texts: [String]) { write(bytes(of: texts)) }

  /// Writes JSON that was checked to hold no control character but blanks.
  static func json(_ bytes: [UInt8]) { write(ended(bytes)) }

  /// Lines as they are written.
  static func bytes(of texts: [String]) -> [UInt8] {
    Array(texts.map { PlainText.cleaned($0) + "\n" }.joined().utf8)
  }

  /// JSON as it is written: ended as a line.
  static func ended(_ json: [UInt8]) -> [UInt8] { json.last == 10 ? json : json + [10] }

  /// Writes what must not get lost silently.
  ///
  /// - Throws: `OutputFailure`.
  static func put(_ bytes: [UInt8]) throws(OutputFailure) {
    try OutputDescriptor.standardOutput.write(bytes)
    try OutputDescriptor.standardOutput.finish()
  }

  /// Nobody can be told that this cannot be written.
  static func error(_ text: String) {
    try? OutputDescriptor.standardError.write(bytes(of: [text]))
  }

  /// Nothing more is written: has everything arrived?
  static func finish() {
    do throws(OutputFailure) { try OutputDescriptor.standardOutput.finish() } catch { end(error) }
  }

  /// Ends the program when the reader of standard output leaves, also while there is nothing to
  /// write.
  static func endWithReader() { ReaderWatch.start { OutputSignals.endByPipe() } }

  private static func write(_ bytes: [UInt8]) {
    do throws(OutputFailure) {
      try OutputDescriptor.standardOutput.write(bytes)
    } catch {
      end(error)
    }
  }

  private static func end(_ failure: OutputFailure) {
    if failure == .readerLeft { OutputSignals.endByPipe() }
    error("aosctl: \(failure)")
    _exit(ExitStatus.wrongInput.rawValue)
  }
}
