import Testing

/// Errors reach people through one door.
@Suite struct PlainWordsTests {
  @Test("an error is shown by its plain words, and never by what a library calls it")
  func errors() throws {
    let places = try House.places(
      of: #"\\\((error|failure as any Error)\)|String\((describing|reflecting): error"#,
      in: House.shared.sources.filter { $0.path.hasPrefix("Sources/") })
      // TLS has no other way to tell its reason, which is looked up in a table there.
      .filter { !$0.hasPrefix("Sources/ClusterClient/ClientFailure.swift") }
    #expect(places == [])
  }

  @Test("an error that describes itself does so in plain words, which others can rely on")
  func described() throws {
    let places = try House.places(
      of: #"(struct|enum|class) \w+: Error\b.*CustomStringConvertible"#,
      in: House.shared.sources.filter { $0.path.hasPrefix("Sources/") })
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
}
