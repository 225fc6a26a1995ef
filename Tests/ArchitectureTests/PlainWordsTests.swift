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
  func people() throws {
    let places = try House.places(
      of: #"(?i)\b(he|him|his|himself|she|her|herself|whoever)\b"#,
      in: House.shared.files.filter {
        ($0.isSwift || $0.path.hasSuffix(".md") || $0.path.hasSuffix(".yaml"))
          && !$0.path.hasSuffix("/PlainWordsTests.swift")
      })
    #expect(places == [])
  }
}
