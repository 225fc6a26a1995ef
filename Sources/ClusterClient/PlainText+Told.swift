internal import ClusterAPI
package import ClusterModel

extension PlainText {
  /// Why a call to another daemon came to nothing: its refusal as its words, what else came from
  /// there cut.
  ///
  /// - Parameter speaker: Who was called.
  package static func told(_ error: any Error, by speaker: String) -> String {
    switch error {
    case ClientFailure.problem(let problem):
      "it refuses: \(quoted(problem.detail, by: speaker))"
    case let failure as ClientFailure: cut(failure.plainWords, to: Limits.quotedCharacters)
    default: cleaned(error.plainWords)
    }
  }
}
