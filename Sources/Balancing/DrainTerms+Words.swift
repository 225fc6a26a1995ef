internal import ClusterModel

extension DrainTerms {
  /// The words of the log about the terms, beginning with a semicolon: everything that users will
  /// notice, and earlier terms that were lifted. Empty where there are none and were none.
  func words(after before: DrainTerms) -> String {
    var words: [String] = []
    if let deadline { words.append("deadline \(deadline)") }
    if let closeIdleAfterSeconds { words.append("idle limit \(closeIdleAfterSeconds) s") }
    if untilRestart { words.append("until restart") }
    if message != nil { words.append("users are told") }
    if before.deadline != nil, deadline == nil { words.append("the deadline was lifted") }
    if before.closeIdleAfterSeconds != nil, closeIdleAfterSeconds == nil {
      words.append("the idle limit was lifted")
    }
    return words.isEmpty ? "" : "; " + words.joined(separator: ", ")
  }
}
