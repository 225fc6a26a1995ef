internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Glibc
internal import ProgramSupport

/// Where aosctl prints.
let console = Console(program: "aosctl")

/// Prints where nothing can be thrown: output that cannot be written ends the program.
func endingOnFailure(_ print: () throws(ProgramFailure) -> Void) {
  do throws(ProgramFailure) { try print() } catch { _exit(console.close(after: error)) }
}

extension ProgramFailure {
  /// A refusal in the server's words, with the warnings to acknowledge and how to do that.
  ///
  /// - Parameters:
  ///   - place: The server that was asked.
  ///   - look: The commands that show whether a change was made although its answer was lost.
  init(
    answer failure: ClientFailure, at place: some CustomStringConvertible,
    look: String = "aosctl status and aosctl actions"
  ) {
    guard case .problem(let problem) = failure else {
      self.init(failure, at: place, look: look)
      return
    }
    self.init(.refused, problem.acknowledgement ?? [problem.sentence])
  }
}

extension Problem {
  /// The detail, which is a sentence; the title where there is none.
  var sentence: String { detail.isEmpty ? title : detail }

  /// What must be acknowledged, and how.
  fileprivate var acknowledgement: [String]? {
    guard let warnings, !warnings.isEmpty else { return nil }
    // Only the balancer has words for a warning of a later release.
    let isKnown = warnings.allSatisfy { $0.known != nil }
    let words =
      isKnown ? warnings.map(\.sentence).joined(separator: "; ") + "." : "\(title): \(detail)"
    return [
      "Refused: \(words)",
      "To go ahead: "
        + warnings.map { "--acknowledge \($0.rawValue)" }.joined(separator: " "),
    ]
  }
}
