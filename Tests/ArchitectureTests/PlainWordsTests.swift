import Foundation
import Testing

/// Errors reach people through one door.
@Suite struct PlainWordsTests {
  @Test("an error is shown by its plain words, and never by what a library calls it")
  func errors() throws {
    let places = try House.places(
      of: #"\\\((error|failure as any Error)\)|String\((describing|reflecting): error"#,
      in: House.shared.sources.filter { $0.path.hasPrefix("Sources/") }
    )
    // TLS has no other way to tell its reason, which is looked up in a table there.
    .filter { !$0.hasPrefix("Sources/ClusterClient/ClientFailure.swift") }
    #expect(places == [])
  }

  @Test("an error that describes itself does so in plain words, which others can rely on")
  func described() throws {
    let places = try House.places(
      of: #"(struct|enum|class) \w+: Error\b.*CustomStringConvertible"#,
      in: House.shared.sources.filter { $0.path.hasPrefix("Sources/") }
    )
    // It does not stand on the model.
    .filter { !$0.hasPrefix("Sources/TerminalScreen/") }
    #expect(places == [])
  }

  @Test("a person is they, and nobody is called whoever")
  func people() {
    let words: Set<Substring> = ["he", "him", "his", "himself", "she", "her", "herself", "whoever"]
    let documents = House.shared.files.filter { file in
      [".swift", ".md", ".yaml", ".1"].contains(where: file.path.hasSuffix)
        && !file.path.hasSuffix("/PlainWordsTests.swift")
    }
    let places = documents.flatMap { file in
      file.lines.enumerated()
        .filter { $0.element.lowercased().split { !$0.isLetter }.contains(where: words.contains) }
        .map { "\(file.path):\($0.offset + 1)" }
    }
    #expect(places == [])
  }

  /// Habits that readers stumble over, with what to write instead.
  private static let dropped = [
    "one that is there": "an existing one", "what it is there for": "its purpose",
    "holds still": "stays", "there is to know": "(say what)", "and says so": "and reports it",
    "is told of": "learns", "are told of": "learn", "is said": "is reported",
    "are said": "are reported", "thrown out": "ended", "to be had": "available, or free",
    "from which on": "from", "of which there is": "(begin another sentence)", "anew": "again",
    "also not": "not even", "also while": "even while", "also where": "even where",
    "also when": "even when", "is not there": "is missing", "are not there": "are missing",
    "is believed": "is trusted", "are believed": "are trusted", "not believed": "not trusted",
    "gone past": "passed", "nobody new": "no new session", "those whom": "(name them)",
    "whom it": "(begin another sentence)", "for ever": "forever", "came of": "the result of",
    "come of it": "(say what it does)", "became of": "happened to",
    "stands in": "is in", "stands there": "is there", "what stands": "what is",
    "as it stands": "as it is", "as they stand": "as they are", "as it came": "as it was received",
    "passed over": "skipped", "passes over": "skips",
    "hears of": "learns of", "hear of": "learn of", "so many": "this many",
    "for so long": "for this long", "came to nothing": "failed", "comes to nothing": "fails",
    "puts up with": "accepts", "from when on": "when", "whose word": "(name the key)",
    "of then": "(name the time)", "it is none": "(say what it is)",
  ]

  @Test("no text has a habit that was dropped, not even across the end of a line")
  func habits() {
    let places = House.shared.files.flatMap { file -> [String] in
      guard [".swift", ".md", ".yaml", ".1", ".py", ".sh"].contains(where: file.path.hasSuffix),
        !file.path.hasSuffix("/PlainWordsTests.swift")
      else { return [] }
      let text = Self.words(of: file.lines)
      return Self.dropped.filter { strstr(text, " \($0.key) ") != nil }
        .map { "\(file.path): \($0.key); write: \($0.value)" }
    }
    #expect(places.sorted() == [])
  }

  @Test("what is not a thing is not called no thing")
  func nouns() {
    let adverbs: Set<Substring> = ["longer", "more", "less", "later", "better", "larger", "wider"]
    let verbs: Set<Substring> = ["is", "are", "was", "were"]
    let places = House.shared.files.flatMap { file -> [String] in
      guard [".swift", ".md", ".yaml", ".1"].contains(where: file.path.hasSuffix),
        !file.path.hasSuffix("/PlainWordsTests.swift")
      else { return [] }
      let words = Self.words(of: file.lines).split(separator: " ")
      return words.indices.dropFirst(2).dropLast().filter { place in
        words[place] == "no" && verbs.contains(words[place - 1]) && words[place - 2] != "there"
          && !adverbs.contains(words[place + 1])
      }.map { "\(file.path): \(words[($0 - 2)...($0 + 1)].joined(separator: " "))" }
    }
    #expect(places == [])
  }

  /// The words of some lines in small letters, with one blank before, between and after them.
  private static func words(of lines: [String]) -> String {
    var bytes: [UInt8] = [32]
    for line in lines {
      for byte in line.utf8 {
        let isLetter = (97...122).contains(byte | 32)
        if isLetter { bytes.append(byte | 32) } else if bytes.last != 32 { bytes.append(32) }
      }
      if bytes.last != 32 { bytes.append(32) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
