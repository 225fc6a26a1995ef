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
}
