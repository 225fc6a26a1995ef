import Testing

/// Documentation/SECURITY.md says which tests show what it promises: they are there.
@Suite struct ThreatTableTests {
  /// `Suite.function` of every line of the table of threats, with the line.
  private static func named() throws -> [(line: Int, tests: [(suite: String, function: String)])] {
    let file = House.shared.files.first { $0.path == "Documentation/SECURITY.md" }
    let lines = try #require(file).lines
    let start = try #require(lines.firstIndex(of: "## Threats"))
    let end = lines[(start + 1)...].firstIndex { $0.hasPrefix("## ") } ?? lines.count
    let rows = (start..<end).filter { lines[$0].hasPrefix("| ") }.dropFirst()
    return rows.map { place in
      let cells = lines[place].split(separator: "|").map(String.init)
      let names = (cells.last ?? "").matches(of: /`(\w+)\.(\w+)`/)
      return (place + 1, names.map { (String($0.1), String($0.2)) })
    }
  }

  /// A function of that name, with `@Test` between it and the one before.
  private static func holds(test function: String, in lines: [String]) -> Bool {
    guard let place = lines.firstIndex(where: { $0.contains("func \(function)(") }) else {
      return false
    }
    let head = lines[..<place].last { $0.contains("@Test") || $0.hasPrefix("  }") }
    return head?.contains("@Test") == true
  }

  @Test("every threat has a test that shows what stops it")
  func every() throws {
    let rows = try Self.named()
    #expect(rows.count > 15)
    #expect(rows.filter { $0.tests.isEmpty }.map(\.line) == [])
  }

  @Test("every test that is named is there")
  func there() throws {
    let tests = House.shared.swift.filter { $0.path.hasPrefix("Tests/") }
    for row in try Self.named() {
      for (suite, function) in row.tests {
        let isThere = tests.contains { file in
          file.lines.contains { $0.contains("struct \(suite) {") }
            && Self.holds(test: function, in: file.lines)
        }
        #expect(isThere, "SECURITY.md:\(row.line) names \(suite).\(function)")
      }
    }
  }
}
