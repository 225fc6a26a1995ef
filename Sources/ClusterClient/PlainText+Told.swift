internal import ClusterAPI
package import ClusterModel

extension PlainText {
  /// Why a call to another daemon failed. A refusal is quoted as that daemon's words, and other
  /// text from there is cut.
  ///
  /// - Parameter speaker: The daemon that was called.
  package static func told(_ error: any Error, by speaker: String) -> String {
    switch error {
    case ClientFailure.problem(let problem):
      "it refuses: \(quoted(problem.detail, by: speaker))"
    case let failure as ClientFailure: cut(failure.plainWords, to: Limits.quotedCharacters)
    default: cleaned(error.plainWords)
    }
  }
}
