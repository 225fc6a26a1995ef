package import ClusterClient
internal import ClusterModel

/// How a program ended, for scripts.
package enum ExitStatus: Int32, Sendable {
  case done = 0
  /// Wrong usage or input, or output that cannot be written.
  case wrongInput = 1
  /// Nobody could be reached, the other side is not a balancer, or the answer to a change was lost.
  case unreachable = 2
  /// A server refused and gave a reason.
  case refused = 3
  /// Nobody reads the output any more: SIGPIPE ends the program, and a shell shows this number.
  case readerLeft = 141
}

/// Why a program failed: its exit code, and lines for standard error.
package struct ProgramFailure: PlainError, Equatable {
  package var status: ExitStatus
  package var lines: [String]

  package init(_ status: ExitStatus, _ lines: [String]) {
    self.status = status
    self.lines = lines
  }

  package init(_ status: ExitStatus, _ lines: String...) { self.init(status, lines) }

  // The type is spelt out: `.readerLeft` alone would be the output's failure, or this value itself.
  package static let readerLeft = ProgramFailure(ExitStatus.readerLeft, [])

  package init(_ failure: OutputFailure) {
    self = failure == .readerLeft ? .readerLeft : Self(.wrongInput, failure.description)
  }

  /// - Parameters:
  ///   - place: The server that was asked.
  ///   - look: The commands that show whether a change was made although its answer was lost.
  package init(
    _ failure: ClientFailure, at place: some CustomStringConvertible,
    look: String = "aosctl status and aosctl actions"
  ) {
    switch failure {
    case .unreachable: self.init(.unreachable, "cannot reach \(place): \(failure)")
    case .malformed: self.init(.unreachable, "\(place): \(failure)")
    case .outcomeUnknown(let reason):
      self.init(
        .unreachable,
        "outcome unknown: the request was sent to \(place), and its answer was lost: "
          + PlainText.cleaned(reason),
        "check the result with \(look), before you repeat it")
    case .problem: self.init(.refused, "\(place): \(failure)")
    }
  }

  package var description: String {
    status == .readerLeft
      ? OutputFailure.readerLeft.description : lines.joined(separator: "; ")
  }
}
