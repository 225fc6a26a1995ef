import Testing

/// The stories of the dashboard: keys, picture, keys, picture, readable as a manual.
@Suite struct StoryTests {
  /// A suite whose display name begins with `Manual: `.
  struct Chapter: Equatable {
    var title: String
    var file: String
    /// The lines of each test, from its attribute on.
    var stories: [[String]] = []
  }

  private static let mark = "@Suite(\"Manual: "

  /// In the order of the files.
  static func chapters(in files: [House.File]) -> [Chapter] {
    var chapters: [Chapter] = []
    for file in files {
      var isOpen = false
      for line in file.lines {
        if line.hasPrefix("@Suite") {
          isOpen = line.hasPrefix(mark)
          let name = file.path.split(separator: "/").last.map(String.init) ?? ""
          let title = String(line.dropFirst(mark.count).prefix { $0 != "\"" })
          if isOpen { chapters.append(Chapter(title: title, file: name)) }
        }
        guard isOpen, let last = chapters.indices.last else { continue }
        if line.hasPrefix("  @Test(") { chapters[last].stories.append([]) }
        guard let story = chapters[last].stories.indices.last else { continue }
        chapters[last].stories[story].append(line)
      }
    }
    return chapters
  }

  private static let own = chapters(
    in: House.shared.files.filter { $0.path.hasPrefix("Tests/DashboardTests/") && $0.isSwift })

  /// It has keys, and after them a picture that would be another one without what it tells of.
  static func isManual(_ story: [String]) -> Bool {
    let keys = ["story.press(", "story.type(", "story.click("]
    guard let first = story.firstIndex(where: { line in keys.contains { line.contains($0) } })
    else { return false }
    return story[first...].contains { $0.contains("story.shows(\"") }
  }

  @Test("there are a hundred stories with keys and a picture after them, or more")
  func hundred() {
    let stories = Self.own.flatMap(\.stories).filter(Self.isManual)
    #expect(stories.count >= 100)
    let names = stories.map { $0.prefix(2).joined() }
    #expect(Set(names).count == stories.count)
  }

  @Test("Documentation/STORIES.md names each chapter, its file and the number of its stories")
  func table() {
    let page = House.shared.files.first { $0.path == "Documentation/STORIES.md" }
    let rows = (page?.lines ?? []).filter { $0.hasPrefix("| ") && $0.hasSuffix("` |") }
    let wanted = Self.own.map { "| \($0.title) | \($0.stories.count) | `\($0.file)` |" }
    #expect(rows.sorted() == wanted.sorted())
  }

  @Test("a test without keys, or without a picture after them, is not a story")
  func counting() {
    let lines = """
      @Suite("Manual: a chapter")
      struct A {
        @Test("told")
        func told() {
          story.press(.enter)
          story.shows("one")
        }
        @Test("silent")
        func silent() {
          story.shows("one")
          story.press(.enter)
        }
      }
      @Suite("Something else")
      struct B {
        @Test("other")
        func other() {
          story.type("x")
          story.shows("one")
        }
      }
      """.split(separator: "\n").map(String.init)
    let chapters = Self.chapters(in: [House.File(path: "Tests/T/AStories.swift", lines: lines)])
    #expect(chapters.map(\.title) == ["a chapter"])
    #expect(chapters.map(\.file) == ["AStories.swift"])
    #expect(chapters.flatMap(\.stories).map(Self.isManual) == [true, false])
  }
}
