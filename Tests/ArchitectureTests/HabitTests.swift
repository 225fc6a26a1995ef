import Testing

/// The habits of the house: lengths, and what is not left lying about.
@Suite struct HabitTests {
  private static let house = House.shared
  private static let programs: Set = [
    "AOSTop", "AOSControl", "AOSDaemon", "ClusterBenchmarks", "SimulateCluster", "SoakCluster",
    "SwiftClient", "SwiftOperator",
  ]
  /// This folder spells out what others must not hold.
  private static var others: [House.File] {
    house.swift.filter { $0.target != "ArchitectureTests" }
  }

  @Test("the files are found at all")
  func found() {
    #expect(Self.house.sources.count > 100)
    #expect(Self.house.files.contains { $0.path == "Package.swift" })
  }

  @Test("a file has at most 350 lines")
  func files() {
    let long = Self.house.swift.filter { $0.lines.count > 350 }
    let paths = long.map(\.path)
    #expect(paths == [])
  }

  @Test("a line has at most 100 columns, but for the expected screens in tests")
  func lines() {
    var long: [String] = []
    for file in Self.house.files where file.isSwift || file.isSource {
      var isText = false
      for (place, line) in file.lines.enumerated() {
        let quotes = line.split(separator: "\"\"\"", omittingEmptySubsequences: false).count - 1
        if quotes % 2 == 1 { isText.toggle() }
        // A regular expression of the API's document cannot be broken.
        let isPattern = !file.isSwift && line.contains("pattern: ")
        guard line.count > 100, file.isSource || !isText, !isPattern else { continue }
        long.append("\(file.path):\(place + 1)")
      }
    }
    #expect(long == [])
  }

  @Test("a function has at most 60 lines")
  func functions() throws {
    let long = try Self.house.swift.flatMap { file in
      try Self.functions(in: file.lines).filter { $0.count > 60 }
        .map { "\(file.path):\($0.line) \($0.name) has \($0.count) lines" }
    }
    #expect(long == [])
  }

  /// Functions with their first line, counted from 1, and their number of lines. Relies on the
  /// indentation: a body ends at the first brace that stands where its head began.
  static func functions(
    in lines: [String]
  ) throws -> [(name: String, line: Int, count: Int)] {
    let head = try Regex(
      #"^( *)(?:[@\w().]+ )*(func [^\s(<]+|init(?=[?(<])|deinit|subscript)"#,
      as: (Substring, Substring, Substring).self)
    return lines.enumerated().compactMap { first, line in
      // Looked at first, since it is far quicker than the expression.
      guard ["func ", "init", "subscript"].contains(where: line.contains),
        let match = line.prefixMatch(of: head)
      else { return nil }
      let indent = match.1.count
      for place in (first + 1)..<max(first + 1, lines.count) {
        let next = lines[place]
        let margin = next.prefix { $0 == " " }.count
        guard margin <= indent, !next.isEmpty else { continue }
        if margin == indent, next.dropFirst(margin).first == "}" {
          return (String(match.2), first + 1, place - first + 1)
        }
        // Still the head: its closing bracket, its result, its brace.
        let goesOn = margin == indent && ")-{w#".contains(next.dropFirst(margin).first ?? " ")
        if !goesOn { return nil }
      }
      return nil
    }
  }

  @Test("the length of a function is counted from its head to its last brace")
  func counting() throws {
    let text = """
      struct A {
        func one() { two() }
        func three(
          x: Int
        ) -> Int {
          if x > 0 {

          }
          return x
        }
        init?(
          y: Int
        )
          where Int: Equatable
        {
          self.init()
        }
      }
      protocol B {
        func none()
        init()
      }
      """
    let found = try Self.functions(
      in: text.split(separator: "\n", omittingEmptySubsequences: false)
        .map(String.init))
    #expect(found.map(\.name) == ["func three", "init"])
    #expect(found.map(\.line) == [3, 11])
    #expect(found.map(\.count) == [8, 7])
  }

  @Test(
    "production code has no way to end on a wrong guess",
    arguments: [
      #"\btry!"#, #"\bas!"#, #"\bfatalError\("#, #"@unchecked Sendable"#,
      #"nonisolated\(unsafe\)"#, #"\bunsafeBitCast\("#,
    ])
  func guesses(pattern: String) throws {
    let places = try House.places(of: pattern, in: Self.house.sources)
    #expect(places == [])
  }

  @Test("nothing is put off", arguments: [#"\bTODO\b"#, #"\bFIXME\b"#, #"\bXXX\b"#, #"\bHACK\b"#])
  func putOff(pattern: String) throws {
    let places = try House.places(of: pattern, in: Self.others, withComments: true)
    #expect(places == [])
  }

  @Test("tests do not wait for the clock", arguments: [#"\bsleep\("#, #"\.sleep\("#])
  func sleeps(pattern: String) throws {
    let tests = Self.others.filter { $0.target.hasSuffix("Tests") }
    let places = try House.places(of: pattern, in: tests)
    #expect(places == [])
  }

  @Test("only programs call exit")
  func exits() throws {
    let rest = Self.house.sources.filter { !Self.programs.contains($0.target) }
    let places = try House.places(of: #"\b_?exit\("#, in: rest)
    #expect(places == [])
  }

  @Test("only programs write to standard output by themselves")
  func prints() throws {
    let rest = Self.house.sources.filter { !Self.programs.contains($0.target) }
    let places = try House.places(of: #"(^|[^.\w])(debugP|p)rint\("#, in: rest)
    #expect(places == [])
  }

  @Test("only the libraries that others build on are public")
  func publicNames() throws {
    let libraries: Set = ["ClusterModel", "ClusterAPI", "ClusterClient"]
    let rest = Self.house.sources.filter { !libraries.contains($0.target) }
    let places = try House.places(of: #"^\s*(public|open) (?!import)"#, in: rest)
    #expect(places == [])
  }

  @Test(
    "nothing names a folder of the machine it was written on",
    arguments: ["work", "root", "home", "Users"])
  func machines(folder: String) throws {
    let places = try House.places(
      of: "(^|[^\\w.}/])/\(folder)/", in: Self.house.files, withComments: true)
    #expect(places == [])
  }
}
