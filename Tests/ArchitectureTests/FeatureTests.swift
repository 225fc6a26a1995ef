import Foundation
import Testing

/// Documentation/FEATURES.md promises nothing that no test shows.
@Suite struct FeatureTests {
  struct Row {
    var line: Int
    var feature: String
    var answer: String
    var note: String

    /// What stands in quotes: names of tests.
    var tests: [String] {
      note.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
  }

  private static let rows: [Row] = {
    let file = House.shared.files.first { $0.path == "Documentation/FEATURES.md" }
    return (file?.lines ?? []).enumerated().compactMap { place, line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard line.hasPrefix("| "), cells.count == 10 || cells.count == 3, cells[0] != "Feature"
      else { return nil }
      let answer = cells[cells.count - 2]
      return Row(line: place + 1, feature: cells[0], answer: answer, note: cells[cells.count - 1])
    }
  }()

  /// Every display name of a test.
  private static let names: Set<String> = {
    let tests = House.shared.files.filter { $0.path.hasPrefix("Tests/") && $0.isSwift }
    var names: Set<String> = []
    for file in tests {
      for (place, line) in file.lines.enumerated() {
        guard let attribute = line.range(of: "@Test(") else { continue }
        // The name stands on the same line or on the next.
        let next = place + 1 < file.lines.count ? file.lines[place + 1] : ""
        let text = line[attribute.upperBound...] + next
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        if parts.count > 2 { names.insert(String(parts[1])) }
      }
    }
    return names
  }()

  @Test("the table is there, whole, and each feature stands in it once")
  func whole() {
    #expect(Self.rows.count > 50)
    #expect(Set(Self.rows.map(\.feature)).count == Self.rows.count)
    #expect(Self.names.count > 300)
  }

  @Test("a yes names its tests, a no its reason, and every test that is named exists")
  func shown() {
    for row in Self.rows {
      #expect(["Y", "~", "N"].contains(row.answer), "line \(row.line)")
      #expect(row.answer != "Y" || !row.tests.isEmpty, "line \(row.line): \(row.feature)")
      #expect(!row.note.isEmpty, "line \(row.line): \(row.feature)")
      for test in row.tests {
        let isThere = Self.names.contains(test)
        #expect(isThere, "line \(row.line): no test is called \(test)")
      }
    }
  }
}
