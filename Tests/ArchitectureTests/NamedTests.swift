import Testing

/// Documents name the tests that show what they promise: by the display name of a `@Test` or
/// `@Suite`, or as `Suite.function`.
@Suite("Tests that documents name")
struct NamedTests {
  /// Every name that a test goes by.
  private static let known: Set<String> = {
    let files = House.shared.swift.filter { $0.path.hasPrefix("Tests/") }
    return Set(files.flatMap { displayNames(in: $0.lines) + functions(in: $0.lines) })
  }()

  /// A name may stand on the line after its attribute.
  static func displayNames(in lines: [String]) -> [String] {
    let text = lines.joined(separator: "\n")
    return ["@Test(", "@Suite("].flatMap { head in
      text.split(separator: head, omittingEmptySubsequences: false).dropFirst().compactMap { part in
        let rest = part.drop { $0.isWhitespace }
        return rest.first == "\"" ? String(rest.dropFirst().prefix { $0 != "\"" }) : nil
      }
    }
  }

  /// `Suite.function` of each function behind a `@Test`.
  static func functions(in lines: [String]) -> [String] {
    var (names, suite, isTest): ([String], String, Bool) = ([], "", false)
    for line in lines {
      if let match = line.firstMatch(of: /^(?:@Suite.* )?(?:struct|class|extension) (\w+)/) {
        suite = String(match.1)
      }
      if line.contains(/^ *@Test\b/) { isTest = true }
      guard isTest, let match = line.firstMatch(of: /^ *func (\w+)/) else { continue }
      names.append("\(suite).\(match.1)")
      isTest = false
    }
    return names
  }

  /// `path:line name` of every name that no test has.
  private static func missing(
    _ path: String, _ rows: [DocumentTable.Row], by mark: Character = "`"
  ) -> [String] {
    rows.flatMap { row in
      row.quoted(by: mark).filter { !known.contains($0) }.map { "\(path):\(row.line) \($0)" }
    }
  }

  @Test("are found by their display names and by their functions")
  func found() {
    #expect(Self.known.count > 600)
    #expect(Self.known.contains("Tests that documents name"))
    #expect(Self.known.contains("are found by their display names and by their functions"))
    #expect(Self.known.contains("NamedTests.found"))
    #expect(!Self.known.contains("NamedTests.functions"), "it has no @Test")
  }

  @Test("stand in the last column of a table, in marks, below a heading")
  func cells() {
    let lines = [
      "## One", "| a | b |", "|---|---|", "| kill -9 | `one test`, `another` |", "plain `text`",
      "## Two", "| c | d |", "|---|---|", "| x | \"third\" |",
    ]
    #expect(DocumentTable(lines).rows.map(\.line) == [4, 9])
    let (one, two) = (
      DocumentTable(lines, below: "## One").rows, DocumentTable(lines, below: "## Two").rows
    )
    #expect(one.map { $0.quoted() } == [["one test", "another"]])
    #expect(two.map { $0.quoted(by: "\"") } == [["third"]])
  }

  @Test("of RELIABILITY.md are there")
  func reliability() {
    let path = "Documentation/RELIABILITY.md"
    let rows = DocumentTable(in: path).rows
    #expect(rows.flatMap { $0.quoted() }.count > 30)
    #expect(Self.missing(path, rows) == [])
  }

  @Test("of SECURITY.md are there, and every threat has one")
  func threats() {
    let path = "Documentation/SECURITY.md"
    let rows = DocumentTable(in: path, below: "## Threats").rows
    #expect(rows.count > 15)
    #expect(rows.filter { $0.quoted().isEmpty }.map(\.line) == [])
    #expect(Self.missing(path, rows) == [])
  }

  @Test("of FEATURES.md are there: a yes names its tests, a no its reason, each feature once")
  func features() {
    let path = "Documentation/FEATURES.md"
    let rows = DocumentTable(in: path).rows.filter { [10, 3].contains($0.cells.count) }
    #expect(rows.count > 50)
    #expect(Set(rows.map { $0.cells[0] }).count == rows.count)
    for row in rows {
      let answer = row.cells[row.cells.count - 2]
      #expect(["Y", "~", "N"].contains(answer), "line \(row.line)")
      #expect(answer != "Y" || !row.quoted(by: "\"").isEmpty, "line \(row.line)")
      #expect(row.cells.last?.isEmpty == false, "line \(row.line)")
    }
    #expect(Self.missing(path, rows, by: "\"") == [])
  }
}
