import Testing

/// ARCHITECTURE.md is true: its picture of the floors, its table of targets, and its sections on
/// what a change touches.
@Suite("The picture of the house") struct HousePictureTests {
  /// One line of the picture: a target, and the arrows that begin there.
  struct Line {
    var target: String
    var arrows: Set<String>
  }

  private static let path = "ARCHITECTURE.md"

  /// The lines of the picture, from the top floor down: `AOSTop ─▶ Dashboard TerminalScreen`.
  static func picture(in lines: [String]) -> [Line] {
    lines.filter { $0.hasPrefix("    ") }.compactMap { line in
      let sides = line.split(separator: "─▶", maxSplits: 1)
      let names = sides.map { side in
        side.split(separator: " ").map(String.init).filter { $0.first?.isUppercase == true }
      }
      guard let target = names.first?.first else { return nil }
      return Line(target: target, arrows: Set(names.count > 1 ? names[1] : []))
    }
  }

  private static let drawn: [Line] = {
    let lines = House.shared.files.first { $0.path == path }?.lines ?? []
    let start = lines.firstIndex(of: "## Floors").map { $0 + 1 } ?? lines.count
    return picture(in: Array(lines[start...].prefix { !$0.hasPrefix("## ") }))
  }()

  private static let folders = Set(House.shared.files.filter(\.isSource).map(\.target))

  /// Imports of one target by another.
  private static let imports: [String: Set<String>] = {
    var all: [String: Set<String>] = [:]
    for file in House.shared.sources {
      all[file.target, default: []].formUnion(Set(file.imports).intersection(folders))
    }
    return all
  }()

  @Test("every target is in it once, and every target has its sentence")
  func targets() throws {
    let declared = try DeclaredTarget.all(in: .shared).filter { !$0.isForTests }.map(\.name)
    #expect(Self.drawn.map(\.target).sorted() == declared.sorted())
    let rows = DocumentTable(in: Self.path, below: "## Floors").rows
    let told = rows.flatMap { $0.cells[0].split(separator: ", ").map(String.init) }
    #expect(told.sorted() == declared.sorted())
  }

  @Test("every arrow is an import and goes down")
  func arrows() {
    let order = Self.drawn.map(\.target)
    #expect(Self.drawn.flatMap(\.arrows).count > 30)
    for (place, line) in Self.drawn.enumerated() {
      let untrue = line.arrows.subtracting(Self.imports[line.target] ?? [])
      #expect(untrue == [], "\(line.target) imports none of them")
      let isDown = line.arrows.isSubset(of: order[(place + 1)...])
      #expect(isDown, "\(line.target) leans on what is above")
    }
  }

  @Test("every import is an arrow, or a path of several arrows")
  func complete() {
    var reached: [String: Set<String>] = [:]
    // From the ground up, so that what lies below is known.
    for line in Self.drawn.reversed() {
      reached[line.target] = line.arrows.union(line.arrows.flatMap { reached[$0] ?? [] })
    }
    for (target, imports) in Self.imports {
      let hidden = imports.subtracting(reached[target] ?? []).subtracting([target])
      #expect(hidden == [], "\(target) imports them, and the picture shows no way")
    }
  }

  @Test("every section of \"to change X, touch Y\" names files, and each of them exists")
  func touched() {
    let lines = House.shared.files.first { $0.path == Self.path }?.lines ?? []
    let start = lines.firstIndex(of: "## To change X, touch Y").map { $0 + 1 } ?? lines.count
    let sections = lines[start...].prefix { !$0.hasPrefix("## ") }
      .split { $0.hasPrefix("### ") }.dropFirst()
    #expect(sections.count >= 9)
    for section in sections {
      let paths = section.flatMap { $0.matches(of: /`([A-Z]\w+\/[^`]+)`/).map { $0.output.1 } }
      #expect(!paths.isEmpty, "\(section.joined()) names no file")
      let lost = paths.filter { path in
        !House.shared.files.contains { $0.path == path || $0.path.hasPrefix("\(path)/") }
      }
      #expect(lost == [])
    }
  }
}
