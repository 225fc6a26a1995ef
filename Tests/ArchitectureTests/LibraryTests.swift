import Testing

/// The public library, as somebody reads it who builds on it.
@Suite("The public library") struct LibraryTests {
  /// What the standard library documents, and initializers whose parameters are the properties.
  private static let exempt = [
    "init(from ", "encode(to ", "static func <", "func ==", "func !=", "static func ==",
    "static func !=", "var description", "var customMirror", "makeAsyncIterator", "func next(",
    "typealias ", "struct AsyncIterator", "let rawValue", "subscript", "init(rawValue",
  ]

  private static func isExempt(_ line: String) -> Bool {
    exempt.contains(where: line.contains)
      || line.contains("init(") && !line.contains("init?(") && !line.contains("throws")
  }

  /// Numbers of the lines, counted from 1, that declare something public and have no comment.
  static func undocumented(in lines: [String]) -> [Int] {
    lines.indices.filter { place in
      let line = lines[place]
      guard line.contains(/^ *(@\w+(\([^)]*\))? +)*public (?!import|extension)/), !isExempt(line)
      else { return false }
      let above = lines[..<place].last { !$0.contains(/^ *@/) } ?? ""
      return !above.contains(/^ *\/\/\//)
    }.map { $0 + 1 }
  }

  @Test("every public declaration of ClusterAPI, ClusterClient and ClusterModel has a doc comment")
  func comments() {
    let files = House.shared.sources.filter {
      ["ClusterAPI", "ClusterClient", "ClusterModel"].contains($0.target)
    }
    #expect(files.count > 50)
    let places = files.flatMap { file in
      Self.undocumented(in: file.lines).map { "\(file.path):\($0)" }
    }
    #expect(places == [])
  }

  @Test("a declaration without a comment is found, behind its attributes too")
  func finding() {
    let lines = """
      public import ClusterModel
      /// Told.
      public struct A {
        public var one: Int
        /// Told.
        @inlinable
        public func two() {}
        @inlinable
        public func three() {}
        public init(one: Int) {}
        public static func < (left: A, right: A) -> Bool { true }
        var four: Int
      }
      """.split(separator: "\n").map(String.init)
    #expect(Self.undocumented(in: lines) == [4, 9])
  }

  @Test("the code of its articles is in the examples, which the tests build and run")
  func articles() {
    let articles = House.shared.files.filter { $0.path.contains(".docc/") }
    #expect(articles.count >= 2)
    let code = Set(
      House.shared.swift.filter { $0.path.hasPrefix("examples/") }.flatMap(\.lines)
        .map { $0.drop { $0 == " " } })
    var shown = 0
    var unknown: [String] = []
    for article in articles {
      var isCode = false
      for (place, line) in article.lines.enumerated() {
        if line.hasPrefix("```") {
          isCode = line == "```swift"
        } else if isCode, !line.isEmpty {
          shown += 1
          if !code.contains(line.drop { $0 == " " }) {
            unknown.append("\(article.path):\(place + 1)")
          }
        }
      }
    }
    #expect(shown > 10)
    #expect(unknown == [])
  }
}
