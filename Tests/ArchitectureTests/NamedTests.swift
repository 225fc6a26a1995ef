import Testing

/// Tables in documents whose last column names the tests that show what the row promises: each
/// name stands in backticks, and is the display name of a `@Test` or `@Suite`.
struct NamedTests {
  /// One name, and the line of the document that it stands in.
  struct Mention: Equatable {
    var name: String
    var line: Int
  }

  /// In the order of the document.
  let mentions: [Mention]
  /// Rows whose last column says that nothing shows it yet.
  let openLines: [Int]
  private let path: String

  /// Words of a row that no test shows yet.
  static let notShown = "not shown yet"

  /// Reads the tables of a document.
  ///
  /// - Parameter path: From the root of the project, for instance `Documentation/FEATURES.md`.
  init(in path: String, house: House = .shared) {
    self.path = path
    var mentions: [Mention] = []
    var openLines: [Int] = []
    for (place, line) in (house.files.first { $0.path == path }?.lines ?? []).enumerated() {
      guard let cell = Self.lastCell(of: line) else { continue }
      mentions += Self.quoted(in: cell).map { Mention(name: $0, line: place + 1) }
      if cell.contains(Self.notShown) { openLines.append(place + 1) }
    }
    (self.mentions, self.openLines) = (mentions, openLines)
  }

  /// `path:line name` of every name that no test has.
  func missing(in house: House = .shared) -> [String] {
    let known = Self.names(in: house)
    return mentions.filter { !known.contains($0.name) }
      .map { "\(path):\($0.line) \($0.name)" }
  }

  /// The last column of a row of a table; nil for other lines.
  static func lastCell(of line: String) -> Substring? {
    guard line.hasPrefix("|"), line.hasSuffix("|"), line.count > 2 else { return nil }
    return line.dropFirst().dropLast().split(
      separator: "|", omittingEmptySubsequences: false
    ).last
  }

  /// What stands in backticks.
  static func quoted(in text: Substring) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
  }

  /// The display names of all tests and suites.
  static func names(in house: House = .shared) -> Set<String> {
    var names: Set<String> = []
    for file in house.swift where file.path.hasPrefix("Tests/") {
      // A name may stand on the line after the attribute.
      let text = file.lines.joined(separator: "\n")
      for head in ["@Test(", "@Suite("] {
        for part in text.split(separator: head, omittingEmptySubsequences: false).dropFirst() {
          let rest = part.drop { $0.isWhitespace }
          guard rest.first == "\"" else { continue }
          names.insert(String(rest.dropFirst().prefix { $0 != "\"" }))
        }
      }
    }
    return names
  }
}

@Suite("Tests that documents name")
struct NamedTestsTests {
  @Test("are found by their display names")
  func found() {
    let names = NamedTests.names()
    #expect(names.count > 300)
    #expect(names.contains("are found by their display names"))
    #expect(names.contains("Tests that documents name"))
  }

  @Test("stand in backticks in the last column of a table")
  func cells() {
    let row = "| kill -9 | nothing is lost | `one test`, `another` |"
    #expect(NamedTests.lastCell(of: row).map(NamedTests.quoted) == ["one test", "another"])
    #expect(NamedTests.lastCell(of: "plain `text`") == nil)
    #expect(NamedTests.lastCell(of: "|---|---|").map(NamedTests.quoted) == [])
  }

  @Test("of RELIABILITY.md are there")
  func reliability() {
    let named = NamedTests(in: "Documentation/RELIABILITY.md")
    #expect(named.mentions.count > 30)
    #expect(named.missing() == [])
  }
}
