import Foundation
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

  /// An item of a list in a document: `- **Title** text`, with the lines that go on below it.
  struct Item {
    /// Of the document, counted from 1.
    var line: Int
    var title: String
    var text: String

    /// What is between two of these marks, behind `word` where one is given.
    func quoted(by mark: Character = "`", after word: String? = nil) -> [String] {
      var rest = text[...]
      if let word {
        guard let place = text.range(of: word) else { return [] }
        rest = text[place.upperBound...]
      }
      return rest.split(separator: mark, omittingEmptySubsequences: false).enumerated()
        .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
    }
  }

  /// The items of a document, or those below one of its headings (the whole line).
  static func items(in lines: [String], below heading: String? = nil) -> [Item] {
    var items: [Item] = []
    var (isInside, isOpen) = (heading == nil, false)
    for (place, line) in lines.enumerated() {
      if line.hasPrefix("## ") { isInside = heading == nil || line == heading }
      if line.hasPrefix("- ") {
        let title = line.firstMatch(of: /^- \*\*(.+?)\*\*/).map { String($0.1) } ?? ""
        if isInside { items.append(Item(line: place + 1, title: title, text: line)) }
        isOpen = isInside
      } else if isOpen, line.hasPrefix("  "), let last = items.indices.last {
        items[last].text += " " + line.drop { $0 == " " }
      } else {
        isOpen = false
      }
    }
    return items
  }

  private static func items(_ path: String, below heading: String? = nil) -> [Item] {
    items(in: House.shared.files.first { $0.path == path }?.lines ?? [], below: heading)
  }

  /// `path:line name` of every name that no test has.
  private static func missing(
    _ path: String, _ items: [Item], by mark: Character = "`", after word: String? = nil
  ) -> [String] {
    items.flatMap { item in
      item.quoted(by: mark, after: word).filter { !known.contains($0) }
        .map { "\(path):\(item.line) \($0)" }
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

  @Test("are behind \"Shown by\" in the items of a list, below a heading")
  func inItems() {
    let lines = [
      "## One", "- **kill `-9`.** It ends.", "  Shown by `one test`,", "  `another`", "",
      "Plain `text`", "## Two", "- **Other** (Y): \"third\"", "- no title",
    ]
    let all = Self.items(in: lines)
    #expect(all.map(\.line) == [2, 8, 9])
    #expect(all.map(\.title) == ["kill `-9`.", "Other", ""])
    #expect(all[0].quoted(after: "Shown by") == ["one test", "another"])
    #expect(all[1].quoted(by: "\"") == ["third"])
    #expect(Self.items(in: lines, below: "## Two").map(\.line) == [8, 9])
  }

  @Test("of RELIABILITY.md exist, and every fault has one")
  func reliability() {
    let path = "Documentation/RELIABILITY.md"
    let faults = Self.items(path, below: "## Faults")
    #expect(faults.count > 90)
    #expect(faults.filter { $0.quoted(after: "Shown by").isEmpty }.map(\.line) == [])
    #expect(Self.missing(path, Self.items(path), after: "Shown by") == [])
  }

  @Test("of SECURITY.md exist, and every threat has one")
  func threats() {
    let path = "Documentation/SECURITY.md"
    let threats = Self.items(path, below: "## Threats")
    #expect(threats.count > 70)
    #expect(threats.filter { $0.quoted(after: "Shown by").isEmpty }.map(\.line) == [])
    #expect(Self.missing(path, threats, after: "Shown by") == [])
  }

  @Test("of FEATURES.md exist: a yes names its tests, a no its reason, each feature once")
  func features() {
    let path = "Documentation/FEATURES.md"
    let rows = DocumentTable(in: path).rows
    #expect(rows.count > 30)
    let shown = Self.items(path, below: "## What shows it, or why not")
    // What the table says of aostop, in its last column, is what the list explains.
    #expect(shown.map(\.title) == rows.map { $0.cells[0] })
    for (row, item) in zip(rows, shown) {
      let answer = row.cells.last ?? ""
      #expect(["Y", "~", "N"].contains(answer), "line \(row.line)")
      #expect(item.text.hasPrefix("- **\(item.title)** (\(answer)): "), "line \(item.line)")
    }
    let all = Self.items(path)
    #expect(Set(all.map(\.title)).count == all.count)
    for item in all where item.text.contains("** (Y): ") {
      #expect(!item.quoted(by: "\"").isEmpty, "line \(item.line)")
    }
    #expect(Self.missing(path, all, by: "\"") == [])
  }
}
