import Testing

/// What a person may be shown.
enum PlainWords {
  /// Ends of the names of types.
  private static let ends = ["Error", "Failure", "Exception", "WrongType"]
  /// What is in a dump of a value and in no sentence.
  private static let dumps = [
    "codingPath", "debugDescription", "Optional(", "underlyingError", "Swift.", "errno:", "__C.",
    "CodingKeys", "RawValue", "Foundation.",
  ]

  /// No name of a type of a library or of the language, and no dump of a value.
  static func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let words = text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let types = words.filter { word in
      ends.contains { word.hasSuffix($0) && word != $0 }
    }
    let calls = text.matches(of: /\b[a-z]+[A-Z][A-Za-z]*\(/).map { String($0.output) }
    for found in types + calls + dumps.filter(text.contains) {
      Issue.record("\(found) in: \(text)", sourceLocation: sourceLocation)
    }
  }
}
