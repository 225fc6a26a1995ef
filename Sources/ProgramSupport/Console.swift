internal import ClusterAPI
internal import ClusterModel

/// Standard output and standard error of a program. Nothing is buffered, so that the reader of a
/// pipe sees each line when it is written, and nothing gets lost silently.
///
/// Functions that print throw `ProgramFailure` where standard output cannot be written or its
/// reader has left.
package struct Console: Sendable {
  private let program: String
  private let output = OutputDescriptor.standardOutput

  /// - Parameter program: The name in front of error messages.
  package init(program: String) { self.program = program }

  /// Prints a line for a person. Control characters, which can only come from the network, are
  /// replaced.
  package func line(_ line: String) throws(ProgramFailure) { try lines([line]) }

  /// Prints several lines at once.
  package func lines(_ lines: [String]) throws(ProgramFailure) { try text(Self.ended(lines)) }

  /// Prints text as it is.
  package func text(_ text: String) throws(ProgramFailure) { try write(Array(text.utf8)) }

  /// Prints a value as JSON on one line. Characters that could steer a terminal are replaced.
  package func json(_ value: some Encodable) throws(ProgramFailure) {
    // Values of the model can always be written as JSON.
    guard let bytes = try? WireJSON.encode(value) else { return }
    try line(String(decoding: bytes, as: UTF8.self))
  }

  /// Prints JSON as a line. The caller has checked that it contains no control characters except
  /// blanks.
  package func json(asItIs bytes: [UInt8]) throws(ProgramFailure) {
    try write(bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")])
  }

  private func write(_ bytes: [UInt8]) throws(ProgramFailure) {
    do throws(OutputFailure) { try output.write(bytes) } catch { throw ProgramFailure(error) }
  }

  /// Checks whether all output has arrived.
  package func finish() throws(ProgramFailure) {
    do throws(OutputFailure) { try output.finish() } catch { throw ProgramFailure(error) }
  }

  /// Ends the program when the reader of standard output leaves, even while there is nothing to
  /// write.
  package func endWithReader() { ReaderWatch.start { OutputSignals.endByPipe() } }

  // MARK: Standard error

  /// Reports an error. If this cannot be written, nobody can be told.
  package func error(_ line: String) { note("\(program): \(line)") }

  /// A line on standard error.
  package func note(_ line: String) {
    try? OutputDescriptor.standardError.write(Array(Self.ended([line]).utf8))
  }

  private static func ended(_ lines: [String]) -> String {
    lines.map { PlainText.cleaned($0) + "\n" }.joined()
  }

  /// Reports why the program failed, and checks whether its output has arrived. If the reader has
  /// left, SIGPIPE ends the program here.
  ///
  /// - Returns: The exit code.
  package func close(after failure: ProgramFailure?) -> Int32 {
    var status = failure?.status ?? .done
    failure?.lines.forEach(error)
    if status != .readerLeft {
      do throws(ProgramFailure) { try finish() } catch let unwritten {
        unwritten.lines.forEach(error)
        status = unwritten.status
      }
    }
    if status == .readerLeft { OutputSignals.endByPipe() }
    return status.rawValue
  }
}
