internal import ClusterModel
internal import ProgramOutput

/// Standard output and standard error, unbuffered and without any escape code.
///
/// - Throws: `Failure` where standard output cannot be written, or its reader has left.
enum Output {
  /// A line of text for a person.
  static func line(_ text: String) throws(Failure) { try self.text(PlainText.cleaned(text) + "\n") }

  /// Several lines at once, each ended.
  static func text(_ text: String) throws(Failure) {
    try checked { () throws(OutputFailure) in
      try OutputDescriptor.standardOutput.write(Array(text.utf8))
    }
  }

  /// One JSON value as one line. What a terminal would obey rather than show is replaced.
  static func json(_ bytes: [UInt8]) throws(Failure) {
    try line(String(decoding: bytes, as: UTF8.self))
  }

  /// Nobody can be told that this cannot be written.
  static func error(_ text: String) {
    let line = "aostop: " + PlainText.cleaned(text) + "\n"
    try? OutputDescriptor.standardError.write(Array(line.utf8))
  }

  /// Nothing more is written: has everything arrived?
  static func finish() throws(Failure) {
    try checked { () throws(OutputFailure) in try OutputDescriptor.standardOutput.finish() }
  }

  private static func checked(_ write: () throws(OutputFailure) -> Void) throws(Failure) {
    do throws(OutputFailure) { try write() } catch {
      throw error == .readerLeft ? .readerLeft : Failure(.wrongInput, error.plainWords)
    }
  }
}
