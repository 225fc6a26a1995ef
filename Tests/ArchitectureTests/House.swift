import Foundation

/// The project's files, as the tests of the house read them.
struct House: Sendable {
  struct File: Sendable {
    /// From the root of the project, with slashes.
    var path: String
    var lines: [String]

    /// The folder below `Sources`, `Benchmarks`, `Tests` or `examples`: the name of its target.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var isSource: Bool {
      path.hasPrefix("Sources/") || path.hasPrefix("Benchmarks/")
        || path.hasPrefix("examples/") && isSwift
    }

    /// The lines without their comments, so that prose may name what code must not use.
    var code: [String] {
      lines.map { line in
        line.range(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
      }
    }

    /// The modules it imports.
    var imports: [String] {
      lines.compactMap { line in
        let words = line.split(separator: " ").map(String.init)
        guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
          words[..<place].allSatisfy({ Self.importWords.contains($0) })
        else { return nil }
        let rest = words[(place + 1)...].drop { Self.kinds.contains($0) }
        return rest.first?.split(separator: ".").first.map(String.init)
      }
    }

    private static let kinds: Set = [
      "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]

    private static let importWords: Set = [
      "public", "package", "internal", "fileprivate", "private", "@testable", "@preconcurrency",
      "@_exported", "@_implementationOnly",
    ]
  }

  /// Every text file that belongs to the project.
  let files: [File]

  var sources: [File] { files.filter { $0.isSource && $0.isSwift } }
  var swift: [File] { files.filter { $0.isSwift && $0.path != "Package.swift" } }

  static let shared = House()

  private init() {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let top = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    // Hidden folders are the builder's and git's, but for the one that says how to test.
    let shown = top.filter { !$0.hasPrefix(".") || $0 == ".ci" }
    files = shown.flatMap { Self.files(below: $0, root: root) }.sorted { $0.path < $1.path }
  }

  private static func files(below path: String, root: URL) -> [File] {
    let url = root.appending(path: path)
    if let names = try? FileManager.default.contentsOfDirectory(atPath: url.path) {
      return names.flatMap { files(below: "\(path)/\($0)", root: root) }
    }
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return [File(path: path, lines: lines.last == "" ? lines.dropLast() : lines)]
  }

  /// `path:line` of every line of code that the pattern is found in.
  static func places(
    of pattern: String, in files: [File], withComments: Bool = false
  ) throws -> [String] {
    let expression = try Regex(pattern)
    return files.flatMap { file in
      (withComments ? file.lines : file.code).enumerated()
        .filter { $0.element.contains(expression) }
        .map { "\(file.path):\($0.offset + 1)" }
    }
  }
}

/// What Package.swift declares of a target.
struct DeclaredTarget: Sendable {
  var name: String
  /// Names of targets of the project and of products of others.
  var dependencies: Set<String>
  /// Tests, and what only tests lean on.
  var isForTests: Bool

  /// Every target, in the order of the file.
  static func all(in house: House) throws -> [DeclaredTarget] {
    let file = house.files.first { $0.path == "Package.swift" }
    let text = (file?.code ?? []).joined(separator: "\n")
    let product = try Regex(
      #"let (\w+) = Target\.Dependency\.product\(\s*name: "(\w+)""#,
      as: (Substring, Substring, Substring).self)
    let products = Dictionary(
      text.matches(of: product).map { (String($0.1), String($0.2)) },
      uniquingKeysWith: { first, _ in first })
    let head = try Regex(
      #"\.(target|executableTarget|systemLibrary|testTarget)\(\s*name: "(\w+)""#,
      as: (Substring, Substring, Substring).self)
    let list = try Regex(#"dependencies: \[([^\]]*)\]"#, as: (Substring, Substring).self)
    let heads = text.matches(of: head)
    return heads.enumerated().map { place, match in
      let end = place + 1 < heads.count ? heads[place + 1].range.lowerBound : text.endIndex
      let body = text[match.range.upperBound..<end]
      let names = body.firstMatch(of: list)?.1 ?? ""
      let dependencies = names.split { ", \n\t".contains($0) }.map { word in
        word.hasPrefix("\"") ? String(word.dropFirst().dropLast()) : products[String(word)] ?? ""
      }
      return DeclaredTarget(
        name: String(match.2), dependencies: Set(dependencies),
        isForTests: match.1 == "testTarget" || body.contains("path: \"Tests/"))
    }
  }
}
