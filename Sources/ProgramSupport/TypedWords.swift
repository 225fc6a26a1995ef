internal import Glibc

/// The bytes of the command line. Text that is not UTF-8 would become another name or another text.
package enum TypedWords {
  /// The words after the program's name. Environment variables of this project's programs stand for
  /// options, so they are checked as well.
  ///
  /// - Throws: `ProgramFailure` naming the option, the argument or the variable that is not UTF-8.
  package static func ofProcess() throws(ProgramFailure) -> [String] {
    let words = try checked(Array(bytes(of: CommandLine.unsafeArgv).dropFirst()))
    // Help must work even if something in the environment is wrong.
    guard words.allSatisfy({ !["-h", "--help", "-V", "--version"].contains($0) }) else {
      return words
    }
    for variable in bytes(of: environ) {
      let name = variable.prefix { $0 != UInt8(ascii: "=") }
      guard name.starts(with: "AOS".utf8), String(validating: variable, as: UTF8.self) == nil
      else { continue }
      throw failure("the variable " + String(decoding: name, as: UTF8.self))
    }
    return words
  }

  /// - Throws: As `ofProcess`.
  static func checked(_ words: [[UInt8]]) throws(ProgramFailure) -> [String] {
    var texts: [String] = []
    for (place, word) in words.enumerated() {
      guard let text = String(validating: word, as: UTF8.self) else {
        throw failure(option(of: word, after: texts.last) ?? "argument \(place + 1)")
      }
      texts.append(text)
    }
    return texts
  }

  /// The option whose value this word is: its own, as in `--reason=…`, or that of the word before.
  private static func option(of word: [UInt8], after before: String?) -> String? {
    let start = word.prefix { $0 != UInt8(ascii: "=") }
    if start.starts(with: "--".utf8), start.count < word.count {
      return String(validating: start, as: UTF8.self)
    }
    return before.flatMap { $0.hasPrefix("-") && $0.count > 1 && $0 != "--" ? $0 : nil }
  }

  private static func failure(_ place: String) -> ProgramFailure {
    ProgramFailure(.wrongInput, "\(place) is not UTF-8")
  }

  private static func bytes(
    of list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var entry = list
    while let word = entry.pointee {
      let letters = UnsafeBufferPointer(start: word, count: strlen(word))
      words.append(letters.map { UInt8(bitPattern: $0) })
      entry += 1
    }
    return words
  }
}
