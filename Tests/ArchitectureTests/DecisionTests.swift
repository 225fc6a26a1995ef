import Testing

/// DECISIONS.md: a reader finds a decision by its topic, and sees when it was made.
@Suite("The decisions") struct DecisionTests {
  private static let lines = House.shared.files.first { $0.path == "DECISIONS.md" }?.lines ?? []

  /// Each heading of this depth, with the first line of text below it.
  static func headings(_ mark: String, in lines: [String]) -> [(title: String, text: String)] {
    lines.enumerated().filter { $0.element.hasPrefix("\(mark) ") }.map { place, line in
      let text = lines[(place + 1)...].first { !$0.isEmpty } ?? ""
      return (String(line.dropFirst(mark.count + 1)), text)
    }
  }

  @Test("the index names every topic, in the order of the page")
  func index() {
    let topics = Self.headings("##", in: Self.lines).map(\.title)
    let named = Self.lines.compactMap { line in
      line.wholeMatch(of: /- \[(.+)\]\(#[^)]+\)/).map { String($0.1) }
    }
    #expect(topics.count > 10)
    #expect(named == topics)
  }

  @Test("every decision has a title of its own, and begins with its date")
  func dates() {
    let decisions = Self.headings("###", in: Self.lines)
    #expect(decisions.count > 120)
    #expect(Set(decisions.map(\.title)).count == decisions.count)
    let undated = decisions.filter { !$0.text.contains(/^20\d\d-\d\d-\d\d\.[ ]/) }.map(\.title)
    #expect(undated == [])
  }

  @Test("no topic is empty, and no decision stands outside of one")
  func topics() {
    let marks = Self.lines.filter { $0.hasPrefix("##") }.map { $0.hasPrefix("### ") }
    #expect(marks.first == false)
    #expect(marks.last == true)
    #expect(!zip(marks, marks.dropFirst()).contains { !$0 && !$1 })
  }
}
